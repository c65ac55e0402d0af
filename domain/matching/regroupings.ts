import { polygonsOf } from "#domain/annotation.ts";
import { polygonsArea } from "#domain/geometry.ts";
import type { AnnotationId } from "#domain/ids.ts";
import type { Shapes } from "#domain/overlap.ts";
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

/** The several make up the one as far as this, and each lies in it with more than this share of its area. */
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
  return [...grouped(splits, objects, "split"), ...grouped(merges, objects, "merge")];
}

type Part = { readonly one: number; readonly part: number; readonly link: Link };

function grouped(parts: readonly Part[], objects: readonly Marked[], kind: Regrouping["kind"]): Regrouping[] {
  const groups = new Map<number, Part[]>();
  for (const part of parts) {
    const known = groups.get(part.one);
    if (known === undefined) groups.set(part.one, [part]);
    else known.push(part);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .flatMap(([one, members]): Regrouping[] => {
      const whole = objects[one]?.outline;
      if (whole === undefined || members.length < 2) return [];
      const several = members.flatMap(({ part }) => objects[part]?.outline ?? []);
      const together = union(several.map(({ geometry }) => geometry));
      const common = overlapArea(whole.geometry, together);
      const iou = common / (polygonsArea(polygonsOf(whole.geometry)) + polygonsArea(together) - common);
      if (iou < LEAST_IOU || members.some(({ link }) => link.fit >= iou)) return [];
      return [{ kind, one: whole.annotationId, several: several.map(({ annotationId }) => annotationId).sort(), iou }];
    });
}
