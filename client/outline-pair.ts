import type { Bbox, Geometry, Polygon } from "#domain/annotation.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { intersection, union } from "#domain/overlay.ts";
import { trimmed } from "#domain/pair-shares.ts";
import type { TaskItem } from "./answers.ts";

/** So many times the size of an item is what is shown of its surroundings at most, so that it can still be made out. */
const FARTHEST = 8;

/** What trimming would do about an item and the others of its pairs; level-0 px. */
export type PairTrim = {
  /** Tissue that the item shares with the others: what either trim takes off. */
  readonly cut: readonly Polygon[];
  /** The item without it; null where nothing would be left or there is nothing to take off. */
  readonly item: Geometry | null;
  /** The others without the item; null where that leaves nothing of one of them. */
  readonly others: readonly Geometry[] | null;
};

/** @param others as they are now, which may be newer than what the API said of them */
export function pairTrim(item: Geometry, others: readonly Geometry[]): PairTrim {
  const cut = intersection(item, union(others));
  if (cut.length === 0) return { cut, item: null, others: null };
  const left = others.flatMap((other) => trimmed(other, [item]) ?? []);
  return { cut, item: trimmed(item, others), others: left.length === others.length ? left : null };
}

/**
 * The part of the slide on which an item is looked at: with the whole of the others of its pairs, as far as the item does
 * not become too small to judge. Level-0 px.
 */
export function boxToShow({ bbox: [minX, minY, maxX, maxY], pairs }: Pick<TaskItem, "bbox" | "pairs">): Bbox {
  const [width, height] = [maxX - minX, maxY - minY];
  const reach = (Math.max(width, height, 1) * (FARTHEST - 1)) / 2;
  return pairs.reduce<Bbox>(
    (box, { geometry }) => {
      const other = geometryBbox(geometry);
      return {
        minX: Math.min(box.minX, Math.max(other.minX, minX - reach)),
        minY: Math.min(box.minY, Math.max(other.minY, minY - reach)),
        maxX: Math.max(box.maxX, Math.min(other.maxX, maxX + reach)),
        maxY: Math.max(box.maxY, Math.min(other.maxY, maxY + reach)),
      };
    },
    { minX, minY, maxX, maxY },
  );
}
