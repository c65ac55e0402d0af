import type { Geometry } from "#domain/annotation.ts";

/** A region in which reads differ, and how divided they are, 0 to 1. */
export type DisputedRegion = { readonly geometry: Geometry; readonly spread: number };

/** Where a disputed point shows on the screen, CSS px from the corner of the view. */
export type PointDisc = { readonly x: number; readonly y: number; readonly radius: number; readonly spread: number };

/** So far around a point its dispute reaches, level-0 px: about a cell. */
const POINT_REACH_PX = 20;
/** Still to be seen from afar, CSS px. */
const LEAST_DISC_PX = 3;

/** Disputed points, which cover no area that a raster could show. @param scale CSS px per level-0 px */
export function pointDiscs(
  disputed: readonly DisputedRegion[],
  { minX, minY, scale }: { readonly minX: number; readonly minY: number; readonly scale: number },
): PointDisc[] {
  const radius = Math.max(LEAST_DISC_PX, POINT_REACH_PX * scale);
  return disputed.flatMap(({ geometry, spread }) => {
    if (geometry.type !== "point") return [];
    const [x, y] = geometry.at;
    return [{ x: (x - minX) * scale, y: (y - minY) * scale, radius, spread }];
  });
}
