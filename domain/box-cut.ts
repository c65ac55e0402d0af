import type { Bbox, Point, Polygon, Ring } from "./annotation.ts";

type Side = { readonly axis: 0 | 1; readonly at: number; readonly keep: 1 | -1 };

/**
 * What of polygons lies in a box, to be measured and not to be kept: where a ring leaves the box and comes back, edges run
 * along its border there and back again, with nothing between them. Crossings are not rounded to the grid, so the areas in
 * boxes that share a border add up to the whole. Level-0 px. Cost grows with the vertices.
 * Source: Sutherland & Hodgman 1974, Commun. ACM 17(1).
 */
export function cutToBox(polygons: readonly Polygon[], { minX, minY, maxX, maxY }: Bbox): Polygon[] {
  const sides: readonly Side[] = [
    { axis: 0, at: minX, keep: 1 },
    { axis: 0, at: maxX, keep: -1 },
    { axis: 1, at: minY, keep: 1 },
    { axis: 1, at: maxY, keep: -1 },
  ];
  return polygons.flatMap((polygon) => {
    const [outside, ...holes] = polygon.map((ring) => sides.reduce<Ring>(cutRing, ring));
    if (outside === undefined || outside.length < 3) return [];
    return [[outside, ...holes.filter((hole) => hole.length >= 3)]];
  });
}

/** What of a ring lies on one side of a line. */
function cutRing(ring: Ring, { axis, at, keep }: Side): Ring {
  const inside = (point: Point) => keep * (point[axis] - at) >= 0;
  if (ring.every(inside)) return ring;
  const kept: Point[] = [];
  let before = ring.at(-1);
  for (const point of ring) {
    if (before !== undefined && inside(before) !== inside(point)) kept.push(crossing(before, point, axis, at));
    if (inside(point)) kept.push(point);
    before = point;
  }
  return kept;
}

function crossing(from: Point, to: Point, axis: 0 | 1, at: number): Point {
  // In one direction, whichever way the edge is walked: a border shared by two shapes is cut at the same place.
  const [low, high] = from[axis] < to[axis] ? [from, to] : [to, from];
  const other = axis === 0 ? 1 : 0;
  const along = low[other] + ((at - low[axis]) / (high[axis] - low[axis])) * (high[other] - low[other]);
  return axis === 0 ? [at, along] : [along, at];
}
