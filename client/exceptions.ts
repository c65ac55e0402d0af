import type { Annotation } from "#domain/annotation.ts";
import { type SlideId, slideId } from "#domain/ids.ts";
import { isWaived } from "#domain/waiver.ts";
import type { SlideView } from "./answers.ts";
import type { Standing } from "./class-standing.ts";

/** A waiver that holds for something on the slide. */
export type Exception = SlideView["waivers"][number];

/**
 * The waiver that excuses an outline from being looked at again, the one that lasts longest first.
 * @param standing how the outline counts today
 * @returns null for one that nobody has to look at, and for one that is not excused now
 */
export type ExceptionOf = (annotation: Pick<Annotation, "id">, standing: Standing) => Exception | null;

/** @param now the clock that says whether a waiver is over, ms since 1970 */
export function exceptionsOf(waivers: readonly Exception[], slide: string, now: () => number = Date.now): ExceptionOf {
  const on: SlideId = slideId.parse(slide);
  const lasting = waivers
    .map((waiver) => ({ waiver, ends: Date.parse(waiver.expiresAt), named: namedBy(waiver) }))
    .sort((a, b) => b.ends - a.ends);
  return ({ id }, { state, classId, askedBy }) => {
    if (state !== "stale") return null;
    const at = now();
    const found = lasting.find(({ waiver, ends, named }) => {
      const open = { slideId: on, classId, askedBy, namedBy: named.has(id) ? [waiver.id] : [] };
      return ends > at && isWaived(open, [waiver]);
    });
    return found?.waiver ?? null;
  };
}

function namedBy({ scope }: Exception): ReadonlySet<string> {
  return new Set(scope.kind === "annotations" ? scope.ids : []);
}
