import { type Bbox, type Geometry, polygonsOf, verticesOf } from "./annotation.ts";
import { containsPoint, geometryArea } from "./geometry.ts";
import { commonArea, prepareShapes } from "./overlap.ts";
import { difference, normaliseAll, union } from "./overlay.ts";
import { buildIndex } from "./spatial-index.ts";

/**
 * How much of each of two outlines the other covers, 0 to 1. Of what has no area, a point or a line, it is the share of its
 * vertices that lie inside. The same value for the same two geometries, whatever else there is.
 */
export function sharesOf(a: Geometry, b: Geometry): readonly [ofA: number, ofB: number] {
  const [ofA = 0, ofB = 0] = sharesIn([a, b], [0, 1]);
  return [ofA, ofB];
}

/**
 * The same for many pairs of some outlines, each of which is made ready for it once.
 * @param pairs positions of outlines, two for each pair
 * @returns two shares for each pair
 */
export function sharesIn(geometries: readonly Geometry[], pairs: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const areas = geometries.map(geometryArea);
  const shapes = prepareShapes(geometries.map(polygonsOf));
  const found = new Float64Array(pairs.length);
  for (let at = 0; at < pairs.length; at += 2) {
    const [first = -1, second = -1] = [pairs[at], pairs[at + 1]];
    const [a, b] = [geometries[first], geometries[second]];
    if (a === undefined || b === undefined) throw new Error("a pair without its outlines");
    const [areaA = 0, areaB = 0] = [areas[first], areas[second]];
    const common = areaA > 0 && areaB > 0 ? commonArea(shapes, first, second) : 0;
    found[at] = covered(a, areaA, b, common);
    found[at + 1] = covered(b, areaB, a, common);
  }
  return found;
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
