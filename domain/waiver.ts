import { z } from "zod";
import { type AnnotationId, annotationId, type ClassId, classId, type SlideId, slideId } from "./ids.ts";

/** What an exception is about: outlines one by one, all of a class, or all on a slide. */
export const waiverScopeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("annotations"), ids: z.array(annotationId).min(1).max(10_000) }),
  z.object({ kind: z.literal("class"), classId }),
  z.object({ kind: z.literal("slide"), slideId }),
]);
export type WaiverScope = z.infer<typeof waiverScopeSchema>;

/** A written exception: whoever approved it says why, and until when. */
export type StandingWaiver = {
  readonly scope: WaiverScope;
  /** It covers what versions up to this one ask; a later version asks anew. */
  readonly version: number;
  readonly expiresAt: Date;
  readonly withdrawnAt: Date | null;
};

type Open = {
  readonly id: AnnotationId;
  readonly slideId: SlideId;
  /** The class that counts while the question is open. */
  readonly classId: ClassId;
  /** The newest version that asks. */
  readonly askedBy: number;
};

/** Whether an open annotation is excused at a moment. It stays stale: it is counted apart and printed in a release. */
export function isWaived(open: Open, waivers: readonly StandingWaiver[], at: Date): boolean {
  return waivers.some(
    ({ scope, version, expiresAt, withdrawnAt }) =>
      withdrawnAt === null && expiresAt > at && open.askedBy <= version && covers(scope, open),
  );
}

function covers(scope: WaiverScope, open: Open): boolean {
  switch (scope.kind) {
    case "annotations":
      return scope.ids.includes(open.id);
    case "class":
      return scope.classId === open.classId;
    case "slide":
      return scope.slideId === open.slideId;
    default:
      return scope satisfies never;
  }
}
