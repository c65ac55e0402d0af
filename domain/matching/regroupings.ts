import { polygonsArea } from "#domain/geometry.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { commonArea, type Shapes } from "#domain/overlap.ts";
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

/**
 * Splits and merges between two readers, by the id of the one.
 * @param links all overlaps of the first reader's objects with the second's, however small
 */
export function regroupingsOf(objects: readonly Marked[], links: readonly Link[], shapes: Shapes): Regrouping[] {
  const within = (part: number, { commonPx }: Link) => commonPx > LEAST_SHARE * (shapes.areasPx[part] ?? Infinity);
  const splits = links
    .filter((link) => within(link.second, link))
    .map((link) => ({ one: link.first, part: link.second, link }));
  const merges = links
    .filter((link) => within(link.first, link))
    .map((link) => ({ one: link.second, part: link.first, link }));
  return [...grouped(splits, objects, shapes, "split"), ...grouped(merges, objects, shapes, "merge")];
}

type Part = { readonly one: number; readonly part: number; readonly link: Link };

function grouped(
  parts: readonly Part[],
  objects: readonly Marked[],
  shapes: Shapes,
  kind: Regrouping["kind"],
): Regrouping[] {
  const groups = new Map<number, Part[]>();
  for (const part of parts) {
    const known = groups.get(part.one);
    if (known === undefined) groups.set(part.one, [part]);
    else known.push(part);
  }
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .sort(([a], [b]) => a - b)
    .flatMap(([one, members]): Regrouping[] => {
      const whole = objects[one]?.outline;
      const least = Math.max(LEAST_IOU, ...members.map(({ link }) => link.fit));
      const iou = togetherIou(one, members, objects, shapes, least);
      if (whole === undefined || iou === null) return [];
      const several = members.flatMap(({ part }) => objects[part]?.outline.annotationId ?? []).sort();
      return [{ kind, one: whole.annotationId, several, iou }];
    });
}

/**
 * IoU of an object with what others make up together, where it can be above a least one, else null. Only where they lie
 * on one another a little is that constructed; where they do so by half they are not parts of one.
 */
function togetherIou(
  one: number,
  members: readonly Part[],
  objects: readonly Marked[],
  shapes: Shapes,
  least: number,
): number | null {
  const areaOf = (shape: number) => shapes.areasPx[shape] ?? 0;
  let doubled = 0;
  for (const [place, { part }] of members.entries()) {
    for (const { part: other } of members.slice(place + 1)) {
      const common = commonArea(shapes, part, other);
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
