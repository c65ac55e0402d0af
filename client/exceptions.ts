import type { Annotation } from "#domain/annotation.ts";
import type { SlideView } from "./answers.ts";
import type { Standing } from "./class-standing.ts";

/** A waiver that holds for something on the slide. */
export type Exception = SlideView["waivers"][number];

/**
 * The waiver that excuses an outline of a layer from being looked at again, of several the one that lasts longest.
 * @param standing how the outline counts today
 * @returns null for one that nobody has to look at, and for one that is not excused now
 */
export type ExceptionOf = (layerId: string, annotation: Pick<Annotation, "id">, standing: Standing) => Exception | null;

/**
 * @param waivers those of one slide
 * @param now the clock that says whether a waiver is over, ms since 1970
 */
export function exceptionsOf(waivers: readonly Exception[], now: () => number = Date.now): ExceptionOf {
  const lasting = waivers
    .map((waiver) => ({ waiver, ends: Date.parse(waiver.expiresAt), named: namedBy(waiver) }))
    .sort((a, b) => b.ends - a.ends);
  return (layerId, { id }, { state, classId, askedBy }) => {
    if (state !== "stale") return null;
    const at = now();
    const found = lasting.find(({ waiver: { about, version }, ends, named }) => {
      if (ends <= at || askedBy > version) return false;
      return about.kind === "class" ? about.classId === classId : about.kind === "slide" || named.has(key(layerId, id));
    });
    return found?.waiver ?? null;
  };
}

function namedBy({ about }: Exception): ReadonlySet<string> {
  return new Set(about.kind === "annotations" ? about.outlines.map(({ layerId, id }) => key(layerId, id)) : []);
}

function key(layerId: string, id: string): string {
  return `${layerId}/${id}`;
}
