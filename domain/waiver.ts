import { z } from "zod";
import { annotationId, type ClassId, classId, type SlideId, slideId } from "./ids.ts";

/** Outlines that one exception can name one by one. */
export const MOST_WAIVED = 10_000;

/** What an exception is about: outlines one by one, all of a class, or all on a slide. */
export const waiverScopeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("annotations"), ids: z.array(annotationId).min(1).max(MOST_WAIVED) }),
  z.object({ kind: z.literal("class"), classId }),
  z.object({ kind: z.literal("slide"), slideId }),
]);
export type WaiverScope = z.infer<typeof waiverScopeSchema>;

/** A written exception that holds: whoever approved it says why, and until when. */
export type StandingWaiver = {
  readonly id: string;
  readonly scope: WaiverScope;
  /** It covers what versions up to this one ask; a later version asks anew. */
  readonly version: number;
};

type Open = {
  readonly slideId: SlideId;
  /** The class that counts while the question is open. */
  readonly classId: ClassId;
  /** The newest version that asks. */
  readonly askedBy: number;
  /** Waivers that name the annotation. */
  readonly namedBy: readonly string[];
};

/** Whether an open annotation is excused. It stays stale: it is counted apart and printed in a release. */
export function isWaived(open: Open, waivers: readonly StandingWaiver[]): boolean {
  return waivers.some((waiver) => open.askedBy <= waiver.version && covers(waiver, open));
}

function covers({ id, scope }: StandingWaiver, open: Open): boolean {
  switch (scope.kind) {
    case "annotations":
      return open.namedBy.includes(id);
    case "class":
      return scope.classId === open.classId;
    case "slide":
      return scope.slideId === open.slideId;
    default:
      return scope satisfies never;
  }
}
