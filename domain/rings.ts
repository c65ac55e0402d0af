import { GRID, type Point, type Polygon, type Ring } from "./annotation.ts";
import { bboxOf, containsPoint, isSimple, labelPoint, ringArea, signedRingArea } from "./geometry.ts";
import { buildIndex } from "./spatial-index.ts";

/** Rings below this area (px2) or mean width (px, twice area by perimeter) are crumbs of rounding, not drawing. */
const MIN_RING_AREA = 0.25;
const MIN_RING_WIDTH = 1 / 16;
/** Half the diagonal of a grid cell, squared, px2. */
const TOUCH2 = 0.5 / (GRID * GRID);
const MAX_SPLITS = 8;

/**
 * Polygons in their fixed order from loose rings that may touch but not cross: positive area is an outside, negative a
 * hole, which goes to the smallest outside around it. Rings that meet themselves are split into simple loops first.
 * @param drop tells the rings that are left out
 * @returns polygons by first vertex, each ring from its lowest vertex by x, then y; holes likewise
 */
export function polygonsOfRings(loose: readonly Ring[], drop: (ring: Ring) => boolean): readonly Polygon[] {
  const rings = loose
    .flatMap((ring) => simpleLoops(ring, MAX_SPLITS))
    .filter((ring) => !drop(ring))
    .map((ring) => ({ ring, signed: signedRingArea(ring) }));
  const outers = rings
    .filter(({ signed }) => signed > 0)
    .map(({ ring, signed }) => ({ ring: directed(ring, 1), area: signed, holes: [] as Ring[] }))
    .sort((a, b) => a.area - b.area);
  for (const { ring, signed } of rings) {
    if (signed > 0) continue;
    const inside = labelPoint({ type: "polygon", rings: [ring] });
    const around = outers.find(
      (outer) => outer.area >= -signed && containsPoint({ type: "polygon", rings: [outer.ring] }, inside),
    );
    around?.holes.push(directed(ring, -1));
  }
  return outers
    .sort((a, b) => byFirstVertex(a.ring, b.ring) || a.area - b.area)
    .map(({ ring, holes }) => [ring, ...holes.sort((a, b) => byFirstVertex(a, b) || ringArea(a) - ringArea(b))]);
}

/** Polygons, as `polygonsOfRings` makes them, of several places in its order. */
export function inOrder(polygons: readonly Polygon[]): readonly Polygon[] {
  return [...polygons].sort(([a = []], [b = []]) => byFirstVertex(a, b) || ringArea(a) - ringArea(b));
}

/** The same ring in the wanted direction (sign of its area), from its lowest vertex by x, then y. */
export function directed(ring: Ring, sign: 1 | -1): Ring {
  const turned = signedRingArea(ring) > 0 === sign > 0 ? ring : ring.toReversed();
  const lowest = turned.reduce((best, point, index) => (byPoint(point, turned[best] ?? point) < 0 ? index : best), 0);
  return lowest === 0 ? turned : [...turned.slice(lowest), ...turned.slice(0, lowest)];
}

/** Whether a ring encloses nothing. */
export function isFlat(ring: Ring): boolean {
  return ring.length < 3 || ringArea(ring) === 0;
}

/** Whether a ring is too small or too thin to have been meant. */
export function isCrumb(ring: Ring): boolean {
  if (ring.length < 3) return true;
  const area = ringArea(ring);
  return area < MIN_RING_AREA || 2 * area < MIN_RING_WIDTH * pathLength([...ring, ...ring.slice(0, 1)]);
}

/** Length of an open path, px. */
export function pathLength(points: readonly Point[]): number {
  return points.reduce((sum, [x, y], index) => {
    const [beforeX, beforeY] = points[index - 1] ?? [x, y];
    return sum + Math.hypot(x - beforeX, y - beforeY);
  }, 0);
}

/** A ring or path without points that repeat the one before; of a ring also the last where it repeats the first. */
export function withoutRepeats(points: readonly Point[], closed: boolean): readonly Point[] {
  return points.filter(([x, y], index) => {
    const before = index > 0 || closed ? points.at(index - 1) : undefined;
    return before === undefined || points.length === 1 || x !== before[0] || y !== before[1];
  });
}

/** A ring, or where it meets itself its loops, and theirs: bending an edge to a vertex can make it meet another one. */
function simpleLoops(ring: Ring, splitsLeft: number): Ring[] {
  if (ring.length < 3) return [];
  if (splitsLeft === 0 || isSimple(ring)) return [ring];
  return loopsOf(ring).flatMap((loop) => simpleLoops(loop, splitsLeft - 1));
}

/** The loops of a ring between visits of the same vertex. */
function loopsOf(ring: Ring): Ring[] {
  const loops: Ring[] = [];
  const open: Point[] = [];
  const placeOf = new Map<string, number>();
  for (const point of withTouches(ring)) {
    const key = `${point[0]},${point[1]}`;
    const place = placeOf.get(key);
    if (place !== undefined) {
      const loop = open.splice(place);
      for (const [x, y] of loop) placeOf.delete(`${x},${y}`);
      loops.push(loop);
    }
    placeOf.set(key, open.length);
    open.push(point);
  }
  loops.push(open);
  return loops;
}

/**
 * A ring whose edges go through every vertex of it that they pass within a grid cell's half diagonal: rounding can push a
 * vertex that far across an edge. Source: snap rounding, Hobby 1999, Computational Geometry 13(4).
 */
function withTouches(ring: Ring): Ring {
  const vertices = buildIndex(ring.map(([x, y]) => ({ minX: x, minY: y, maxX: x, maxY: y })));
  return ring.flatMap((from, index) => {
    const to = ring[(index + 1) % ring.length] ?? from;
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length2 = dx * dx + dy * dy;
    const along = (point: Point) => (point[0] - from[0]) * dx + (point[1] - from[1]) * dy;
    const { minX, minY, maxX, maxY } = bboxOf([from, to]);
    const near = { minX: minX - 1 / GRID, minY: minY - 1 / GRID, maxX: maxX + 1 / GRID, maxY: maxY + 1 / GRID };
    const on = vertices.search(near).flatMap((other): Point[] => {
      const point = ring[other] ?? from;
      const share = along(point);
      const across = (point[0] - from[0]) * dy - (point[1] - from[1]) * dx;
      return share > 0 && share < length2 && across * across <= TOUCH2 * length2 ? [point] : [];
    });
    return [from, ...on.sort((a, b) => along(a) - along(b))];
  });
}

function byPoint(a: Point, b: Point): number {
  return a[0] - b[0] || a[1] - b[1];
}

function byFirstVertex(a: Ring, b: Ring): number {
  return byPoint(a[0] ?? [0, 0], b[0] ?? [0, 0]);
}
