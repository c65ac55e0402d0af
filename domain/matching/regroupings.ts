import { polygonsOf } from "#domain/annotation.ts";
import { Kept, type Memory } from "#domain/consensus/memory.ts";
import type { Outline } from "#domain/consensus/partition.ts";
import { polygonsArea } from "#domain/geometry.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { commonArea, prepareShapes } from "#domain/overlap.ts";
import { overlapArea, union } from "#domain/overlay.ts";
import type { Link, Marked } from "./objects.ts";

/** One object of one reader that is several of another: `split` where the first reader has the one, else `merge`. */
export type Regrouping = {
  readonly kind: "split" | "merge";
  readonly one: AnnotationId;
  readonly several: readonly AnnotationId[];
  /** Of the one with all the others together; above what any of them alone reaches. */
  readonly iou: number;
};

/** The several make up the one as far as this; each lies in it with more than this share, and in another with less. */
const LEAST_IOU = 0.5;
const LEAST_SHARE = 0.5;
const NOTHING = { type: "multipolygon", polygons: [] } as const;

/**
 * Splits and merges between two readers, by the id of the one.
 * @param links all overlaps of the first reader's objects with the second's, however small
 */
export function regroupingsOf(objects: readonly Marked[], links: readonly Link[], memory: Memory): Regrouping[] {
  if (links.length < 2) return [];
  const splits = links
    .filter((link) => liesWithin(objects, link.second, link))
    .map((link) => ({ one: link.first, part: link.second, link }));
  const merges = links
    .filter((link) => liesWithin(objects, link.first, link))
    .map((link) => ({ one: link.second, part: link.first, link }));
  const groups = [...groupsOf(splits, "split", objects, memory), ...groupsOf(merges, "merge", objects, memory)];
  if (groups.length === 0) return [];
  const areaOf = (place: number) => objects[place]?.areaPx ?? Infinity;
  const missing = groups.filter(({ key }) => TOGETHER.find(memory, key) === null);
  const places = [...new Set(missing.flatMap(({ members }) => members.map(({ part }) => part)))];
  const shapes = prepareShapes(places.map((place) => polygonsOf(objects[place]?.outline.geometry ?? NOTHING)));
  const at = new Map(places.map((place, ready) => [place, ready]));
  const commonOf = (a: number, b: number) => commonArea(shapes, at.get(a) ?? -1, at.get(b) ?? -1);
  return groups.flatMap((group): Regrouping[] => {
    const { iou } = TOGETHER.of(memory, group.key, () => ({ iou: togetherIou(group, objects, areaOf, commonOf) }));
    const [one, ...several] = group.outlines.map(({ annotationId }) => annotationId);
    return iou === null || one === undefined ? [] : [{ kind: group.kind, one, several: several.sort(), iou }];
  });
}

const TOGETHER = new Kept<{ readonly iou: number | null }>();

/** Whether one of two linked objects lies in the other by more than a half; other links make no regrouping. */
export function isPartOfOne(objects: readonly Marked[], link: Link): boolean {
  return liesWithin(objects, link.first, link) || liesWithin(objects, link.second, link);
}

function liesWithin(objects: readonly Marked[], part: number, { commonPx }: Link): boolean {
  return commonPx > LEAST_SHARE * (objects[part]?.areaPx ?? Infinity);
}

type Part = { readonly one: number; readonly part: number; readonly link: Link };

/** An object with those of another reader that lie in it. */
type Group = {
  readonly kind: Regrouping["kind"];
  readonly one: number;
  readonly members: readonly Part[];
  /** The one first. */
  readonly outlines: readonly Outline[];
  readonly key: string;
};

function groupsOf(
  parts: readonly Part[],
  kind: Regrouping["kind"],
  objects: readonly Marked[],
  memory: Memory,
): Group[] {
  const groups = new Map<number, Part[]>();
  for (const part of parts) {
    const known = groups.get(part.one);
    if (known === undefined) groups.set(part.one, [part]);
    else known.push(part);
  }
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .sort(([a], [b]) => a - b)
    .map(([one, members]) => {
      const outlines = [one, ...members.map(({ part }) => part)].flatMap((place) => objects[place]?.outline ?? []);
      return { kind, one, members, outlines, key: memory.names(outlines) };
    });
}

/**
 * IoU of an object with what others make up together, where it can be above a least one, else null. Only where they lie
 * on one another a little is that constructed; where they do so by half they are not parts of one.
 */
function togetherIou(
  { one, members }: Group,
  objects: readonly Marked[],
  areaOf: (place: number) => number,
  commonOf: (a: number, b: number) => number,
): number | null {
  const least = Math.max(LEAST_IOU, ...members.map(({ link }) => link.fit));
  let doubled = 0;
  for (const [place, { part }] of members.entries()) {
    for (const { part: other } of members.slice(place + 1)) {
      const common = commonOf(part, other);
      if (common > LEAST_SHARE * Math.min(areaOf(part), areaOf(other))) return null;
      doubled += common;
    }
  }
  const most = Math.min(
    areaOf(one),
    members.reduce((sum, { link }) => sum + link.commonPx, 0),
  );
  const best = most / (areaOf(one) + members.reduce((sum, { part }) => sum + areaOf(part), 0) - doubled - most);
  if (doubled === 0 || best <= least) return best > least ? best : null;
  const outline = objects[one]?.outline;
  const together = union(members.flatMap(({ part }) => objects[part]?.outline.geometry ?? []));
  const common = outline === undefined ? 0 : overlapArea(outline.geometry, together);
  const iou = common / (areaOf(one) + polygonsArea(together) - common);
  return iou > least ? iou : null;
}
