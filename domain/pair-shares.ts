import { type Bbox, type Geometry, verticesOf } from "./annotation.ts";
import { containsPoint, geometryArea } from "./geometry.ts";
import { difference, normaliseAll, overlapArea, union } from "./overlay.ts";
import { buildIndex } from "./spatial-index.ts";

/**
 * How much of each of two outlines the other covers, 0 to 1. Of what has no area, a point or a line, it is the share of its
 * vertices that lie inside. The same value for the same two geometries, whatever else there is.
 */
export function sharesOf(a: Geometry, b: Geometry): readonly [ofA: number, ofB: number] {
  const [areaA, areaB] = [geometryArea(a), geometryArea(b)];
  const common = areaA > 0 && areaB > 0 ? overlapArea(a, b) : 0;
  return [covered(a, areaA, b, common), covered(b, areaB, a, common)];
}

function covered(of: Geometry, area: number, by: Geometry, common: number): number {
  if (area > 0) return Math.min(1, common / area);
  const vertices = [...verticesOf(of)];
  if (vertices.length === 0) return 0;
  return vertices.filter((vertex) => containsPoint(by, vertex)).length / vertices.length;
}

/**
 * An outline without what others cover of it. The same for the preview, the browser and the server.
 * @returns null where nothing of it would be left, and for what has no area
 */
export function trimmed(geometry: Geometry, by: readonly Geometry[]): Geometry | null {
  if (geometryArea(geometry) === 0) return null;
  return normaliseAll(difference(geometry, union(by)));
}

/**
 * Positions of boxes that meet or touch, two by two, the lower first; of those that matter to each other. Cost about
 * n log n and what is found.
 */
export function touchingPairs(boxes: readonly Bbox[], matter: (a: number, b: number) => boolean): [number, number][] {
  const index = buildIndex(boxes);
  return boxes.flatMap((box, at) =>
    index.search(box).flatMap((other): [number, number][] => (other > at && matter(at, other) ? [[at, other]] : [])),
  );
}
