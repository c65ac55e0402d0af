import {
  type Bbox,
  type Geometry,
  geometryOf,
  type Point,
  type Polygon,
  polygonsOf,
  type Ring,
  verticesOf,
} from "./annotation.ts";
import { isStarShaped } from "./star-shaped.ts";

/** A vertex, or the edge that starts at it, of a geometry. Lines and points count as polygon 0, ring 0. */
export type VertexAddress = { readonly polygon: number; readonly ring: number; readonly index: number };
/** A place on an outline near a given point, level-0 px. */
export type Nearest = VertexAddress & { readonly point: Point; readonly distance: number };

/**
 * Area of a ring with its sign, px2: positive where the shoelace sum is (clockwise on a screen whose y points down).
 * Taken relative to the first vertex, so that a place far from the origin costs no digits.
 */
export function signedRingArea(ring: Ring): number {
  const [originX, originY] = ring[0] ?? [0, 0];
  let twice = 0;
  let previous = ring.at(-1) ?? [0, 0];
  for (const point of ring) {
    twice += (previous[0] - originX) * (point[1] - originY) - (point[0] - originX) * (previous[1] - originY);
    previous = point;
  }
  return twice / 2;
}

/** Area of a ring whichever way it runs, px2. */
export function ringArea(ring: Ring): number {
  return Math.abs(signedRingArea(ring));
}

/** Area of a polygon, px2: its outside less its holes. */
export function polygonArea(polygon: Polygon): number {
  return polygon.reduce((area, ring, index) => (index === 0 ? ringArea(ring) : area - ringArea(ring)), 0);
}

/** Area of valid polygons that do not overlap each other, px2. */
export function polygonsArea(polygons: readonly Polygon[]): number {
  return polygons.reduce((sum, polygon) => sum + polygonArea(polygon), 0);
}

/** Area of a geometry, px2; 0 for points and lines. */
export function geometryArea(geometry: Geometry): number {
  return polygonsArea(polygonsOf(geometry));
}

/** Length of all rings, holes included, or of a line, px; 0 for a point. */
export function geometryPerimeter(geometry: Geometry): number {
  let sum = 0;
  for (const { from, to } of edgesOf(geometry)) sum += Math.hypot(to[0] - from[0], to[1] - from[1]);
  return sum;
}

/** Smallest box around some points. @throws RangeError where there are none */
export function bboxOf(points: Iterable<Point>): Bbox {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const point of points) {
    minX = Math.min(minX, point[0]);
    minY = Math.min(minY, point[1]);
    maxX = Math.max(maxX, point[0]);
    maxY = Math.max(maxY, point[1]);
  }
  if (minX > maxX) throw new RangeError("a box needs at least one point");
  return { minX, minY, maxX, maxY };
}

/** Smallest box around a geometry, level-0 px. */
export function geometryBbox(geometry: Geometry): Bbox {
  if (geometry.type === "polygon" && geometry.rings.length === 1) return bboxOf(geometry.rings[0] ?? []);
  return bboxOf(verticesOf(geometry));
}

/** Whether a point lies inside by the even-odd rule over all rings, so that holes are outside; false for points and lines. */
export function containsPoint(geometry: Geometry, [x, y]: Point): boolean {
  let inside = false;
  for (const polygon of polygonsOf(geometry)) {
    for (const ring of polygon) if (ringCrosses(ring, x, y)) inside = !inside;
  }
  return inside;
}

/** Distance from a point to the nearest edge (or to the point itself), px; 0 on the outline, positive inside too. */
export function distanceToOutline(geometry: Geometry, point: Point): number {
  if (geometry.type === "point") return Math.hypot(geometry.at[0] - point[0], geometry.at[1] - point[1]);
  return nearestEdge(geometry, point)?.distance ?? Infinity;
}

/**
 * A point well inside a geometry, for a label or to fly to: the middle of the widest stretch that seven horizontal
 * lines through its box have inside. The vertex itself for a point, the middle vertex for a line.
 */
export function labelPoint(geometry: Geometry): Point {
  if (geometry.type === "point") return geometry.at;
  const vertices = [...verticesOf(geometry)];
  const middle = vertices[vertices.length >> 1] ?? [0, 0];
  if (geometry.type === "line") return middle;
  const { minY, maxY } = bboxOf(vertices);
  let best = { width: 0, point: middle };
  for (const share of [4, 3, 5, 2, 6, 1, 7]) {
    const y = minY + ((maxY - minY) * share) / 8;
    const crossings = crossingsAt(geometry, y);
    for (let index = 1; index < crossings.length; index += 2) {
      const [left = 0, right = 0] = [crossings[index - 1], crossings[index]];
      if (right - left > best.width) best = { width: right - left, point: [(left + right) / 2, y] };
    }
  }
  return best.point;
}

/** Whether no two edges of a ring cross, touch or overlap, save neighbours at their common vertex. Cost about n log n. */
export function isSimple(ring: Ring): boolean {
  const count = ring.length;
  if (count < 3) return false;
  if (isStarShaped(ring)) return true;
  const edges = ring.map((from, index): SweptEdge => {
    const to = ring[(index + 1) % count] ?? from;
    return { index, from, to, left: Math.min(from[0], to[0]), right: Math.max(from[0], to[0]) };
  });
  edges.sort((a, b) => a.left - b.left);
  const active: SweptEdge[] = [];
  for (const edge of edges) {
    let kept = 0;
    for (const other of active) {
      if (other.right < edge.left) continue;
      if (clash(other, edge, count)) return false;
      active[kept++] = other;
    }
    active.length = kept;
    active.push(edge);
  }
  return true;
}

/**
 * A ring with fewer vertices that stays within a tolerance of the drawn one; tolerance in level-0 px.
 * A simple ring stays simple: the tolerance is halved until it does, and the ring is left alone if it never does.
 * Source: Douglas and Peucker 1973, Cartographica 10(2).
 */
export function simplify(ring: Ring, tolerancePx: number): Ring {
  if (ring.length <= 3 || !(tolerancePx > 0)) return ring;
  const mustBeSimple = isSimple(ring);
  for (let tolerance = tolerancePx; tolerance > tolerancePx / 32; tolerance /= 2) {
    const kept = withinTolerance(ring, tolerance);
    if (kept.length >= 3 && (!mustBeSimple || isSimple(kept))) return kept;
  }
  return ring;
}

/** The nearest vertex, or null where a geometry has none. */
export function nearestVertex(geometry: Geometry, [x, y]: Point): Nearest | null {
  let best: Nearest | null = null;
  for (const { ring, address } of ringsOf(geometry)) {
    for (const [index, point] of ring.entries()) {
      const distance = Math.hypot(point[0] - x, point[1] - y);
      if (best === null || distance < best.distance) best = { ...address, index, point, distance };
    }
  }
  return best;
}

/** The nearest place on an edge; `index` is the vertex that the edge starts at. Null for a point. */
export function nearestEdge(geometry: Geometry, point: Point): Nearest | null {
  let best: Nearest | null = null;
  for (const { from, to, address } of edgesOf(geometry)) {
    const on = nearestOnSegment(point, from, to);
    const distance = Math.hypot(on[0] - point[0], on[1] - point[1]);
    if (best === null || distance < best.distance) best = { ...address, point: on, distance };
  }
  return best;
}

/** The same geometry elsewhere, px. */
export function moveBy(geometry: Geometry, dx: number, dy: number): Geometry {
  return mapPoints(geometry, ([x, y]) => [x + dx, y + dy]);
}

/** With one vertex elsewhere; unchanged where the address names none. The result may cross itself: normalise it. */
export function moveVertex(geometry: Geometry, at: VertexAddress, to: Point): Geometry {
  if (geometry.type === "point") return { type: "point", at: to };
  return mapRing(geometry, at, (ring) => ring.map((point, index) => (index === at.index ? to : point))) ?? geometry;
}

/** With a vertex more, on the edge that starts at the address. */
export function insertVertex(geometry: Geometry, edge: VertexAddress, point: Point): Geometry {
  return mapRing(geometry, edge, (ring) => ring.toSpliced(edge.index + 1, 0, point)) ?? geometry;
}

/**
 * With a vertex less. A ring left with fewer than three vertices goes; with its outside goes a polygon.
 * @returns null where nothing is left
 */
export function deleteVertex(geometry: Geometry, at: VertexAddress): Geometry | null {
  if (geometry.type === "point") return null;
  return mapRing(geometry, at, (ring) => ring.toSpliced(at.index, 1));
}

/** The upright rectangle between two opposite corners. */
export function rectangle(a: Point, b: Point): Geometry {
  const { minX, minY, maxX, maxY } = bboxOf([a, b]);
  return {
    type: "polygon",
    rings: [
      [
        [minX, minY],
        [maxX, minY],
        [maxX, maxY],
        [minX, maxY],
      ],
    ],
  };
}

/** The nearest point of a segment. */
export function nearestOnSegment([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): Point {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length2 = dx * dx + dy * dy;
  if (length2 === 0) return [x0, y0];
  const share = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / length2));
  return [x0 + share * dx, y0 + share * dy];
}

/** Douglas and Peucker on the two halves of a ring between its first vertex and the one farthest from it. */
function withinTolerance(ring: Ring, tolerance: number): Ring {
  const closed = [...ring, ...ring.slice(0, 1)];
  const keep = new Uint8Array(closed.length);
  const half = farthest(closed, 0, closed.length - 1).index;
  const open: [number, number][] = [
    [0, half],
    [half, closed.length - 1],
  ];
  keep[0] = 1;
  keep[half] = 1;
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const { index, distance } = farthest(closed, span[0], span[1]);
    if (distance <= tolerance) continue;
    keep[index] = 1;
    open.push([span[0], index], [index, span[1]]);
  }
  return ring.filter((_, index) => keep[index] === 1);
}

/** The vertex between two others that lies farthest from the segment between them. */
function farthest(points: Ring, first: number, last: number): { index: number; distance: number } {
  let best = { index: first, distance: 0 };
  const [from = [0, 0], to = [0, 0]]: (Point | undefined)[] = [points[first], points[last]];
  for (let index = first + 1; index < last; index++) {
    const point = points[index] ?? from;
    const on = nearestOnSegment(point, from, to);
    const distance = Math.hypot(on[0] - point[0], on[1] - point[1]);
    if (distance > best.distance) best = { index, distance };
  }
  return best;
}

type Edge = { readonly from: Point; readonly to: Point };
type RingEdge = Edge & { readonly index: number };
/** With its ends from left to right. */
type SweptEdge = RingEdge & { readonly left: number; readonly right: number };

function mapPoints(geometry: Geometry, move: (point: Point) => Point): Geometry {
  switch (geometry.type) {
    case "polygon":
      return { type: "polygon", rings: geometry.rings.map((ring) => ring.map(move)) };
    case "multipolygon":
      return { type: "multipolygon", polygons: geometry.polygons.map((rings) => rings.map((ring) => ring.map(move))) };
    case "point":
      return { type: "point", at: move(geometry.at) };
    case "line":
      return { type: "line", points: geometry.points.map(move) };
    default:
      return geometry satisfies never;
  }
}

/** With one ring replaced; what got too short is left out. Null where nothing is left. */
function mapRing(geometry: Geometry, at: VertexAddress, change: (ring: Ring) => Ring): Geometry | null {
  if (geometry.type === "point") return geometry;
  if (geometry.type === "line") {
    const points = change(geometry.points);
    return points.length < 2 ? null : { type: "line", points };
  }
  const polygons = polygonsOf(geometry).map((polygon, index) =>
    index === at.polygon ? polygon.map((ring, ringIndex) => (ringIndex === at.ring ? change(ring) : ring)) : polygon,
  );
  const left = polygons
    .filter((polygon) => (polygon[0]?.length ?? 0) >= 3)
    .map((polygon) => polygon.filter((ring) => ring.length >= 3));
  return left.length === 0 ? null : geometryOf(left);
}

function* ringsOf(geometry: Geometry): Generator<{ ring: Ring; address: { polygon: number; ring: number } }> {
  if (geometry.type === "point") yield { ring: [geometry.at], address: { polygon: 0, ring: 0 } };
  else if (geometry.type === "line") yield { ring: geometry.points, address: { polygon: 0, ring: 0 } };
  for (const [polygon, rings] of polygonsOf(geometry).entries()) {
    for (const [index, ring] of rings.entries()) yield { ring, address: { polygon, ring: index } };
  }
}

function* edgesOf(geometry: Geometry): Generator<Edge & { address: VertexAddress }> {
  if (geometry.type === "point") return;
  for (const { ring, address } of ringsOf(geometry)) {
    const last = geometry.type === "line" ? ring.length - 1 : ring.length;
    for (let index = 0; index < last; index++) {
      const [from, to] = [ring[index], ring[(index + 1) % ring.length]];
      if (from !== undefined && to !== undefined) yield { from, to, address: { ...address, index } };
    }
  }
}

/** Whether a ray to the right of a point crosses a ring an odd number of times. */
function ringCrosses(ring: Ring, x: number, y: number): boolean {
  let odd = false;
  let [previousX, previousY] = ring.at(-1) ?? [0, 0];
  for (const [nextX, nextY] of ring) {
    const spans = nextY > y !== previousY > y;
    if (spans && x < ((previousX - nextX) * (y - nextY)) / (previousY - nextY) + nextX) odd = !odd;
    previousX = nextX;
    previousY = nextY;
  }
  return odd;
}

/** Where a horizontal line meets the outline, ascending. */
function crossingsAt(geometry: Geometry, y: number): number[] {
  const crossings: number[] = [];
  for (const { from, to } of edgesOf(geometry)) {
    if (from[1] > y !== to[1] > y) {
      crossings.push(from[0] + ((y - from[1]) * (to[0] - from[0])) / (to[1] - from[1]));
    }
  }
  return crossings.sort((a, b) => a - b);
}

/** Whether two edges of one ring of so many vertices have more in common than neighbours may. */
function clash(a: RingEdge, b: RingEdge, count: number): boolean {
  const step = (b.index - a.index + count) % count;
  if (step === 1) return foldsBack(a, b);
  return step === count - 1 ? foldsBack(b, a) : meet(a, b);
}

/** Twice the signed area of a triangle. */
function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
}

/** Whether the second of two neighbouring edges runs back over the first, or has no length. */
function foldsBack(first: Edge, second: Edge): boolean {
  const [dx, dy] = [first.to[0] - first.from[0], first.to[1] - first.from[1]];
  const [ex, ey] = [second.to[0] - second.from[0], second.to[1] - second.from[1]];
  if ((dx === 0 && dy === 0) || (ex === 0 && ey === 0)) return true;
  return dx * ey === dy * ex && dx * ex + dy * ey < 0;
}

/** Whether two edges have a point in common. */
function meet(a: Edge, b: Edge): boolean {
  if (Math.max(a.from[1], a.to[1]) < Math.min(b.from[1], b.to[1])) return false;
  if (Math.max(b.from[1], b.to[1]) < Math.min(a.from[1], a.to[1])) return false;
  const [b0, b1] = [turn(a.from, a.to, b.from), turn(a.from, a.to, b.to)];
  const [a0, a1] = [turn(b.from, b.to, a.from), turn(b.from, b.to, a.to)];
  if (b0 === 0 && b1 === 0) return overlapIn(a, b, 0) && overlapIn(a, b, 1);
  return Math.sign(b0) * Math.sign(b1) <= 0 && Math.sign(a0) * Math.sign(a1) <= 0;
}

function overlapIn(a: Edge, b: Edge, axis: 0 | 1): boolean {
  const low = Math.max(Math.min(a.from[axis], a.to[axis]), Math.min(b.from[axis], b.to[axis]));
  return low <= Math.min(Math.max(a.from[axis], a.to[axis]), Math.max(b.from[axis], b.to[axis]));
}
