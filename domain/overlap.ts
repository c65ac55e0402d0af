import type { Bbox, Point, Polygon, Ring } from "./annotation.ts";
import { signedRingArea } from "./geometry.ts";

/**
 * Areas made ready to be compared with each other many times, all in a few arrays. The edges of shape k are those from
 * `start[k]` to `start[k + 1]`, in px from a corner of the shape, so that where on a slide it lies changes no bit;
 * sorted by where they begin; level ones left out, since they have no area below.
 */
export type Shapes = {
  readonly boxes: readonly Bbox[];
  readonly areasPx: Float64Array;
  readonly start: Uint32Array;
  readonly originX: Float64Array;
  readonly originY: Float64Array;
  /** Per edge: where it begins and ends from left to right, its height where it begins, and its slope. */
  readonly x0: Float64Array;
  readonly x1: Float64Array;
  readonly y0: Float64Array;
  readonly slope: Float64Array;
  /** Whether the area lies on one side of the edge (+1) or the other (-1). */
  readonly sign: Float64Array;
  /** Room for the edges that are open while two shapes are compared; empty in between. */
  readonly open: readonly [Open, Open];
};

/**
 * Shapes for `commonArea`, each of polygons that do not overlap one another (where they do, it would count twice). The
 * direction of rings is not trusted: the first of a polygon is its outside, the others are holes.
 */
export function prepareShapes(shapes: readonly (readonly Polygon[])[]): Shapes {
  const counts = shapes.map(vertexCount);
  const edges = counts.reduce((sum, count) => sum + count, 0);
  const most = counts.reduce((largest, count) => Math.max(largest, count), 0);
  const made: Shapes = {
    boxes: shapes.map(boxOf),
    areasPx: new Float64Array(shapes.length),
    start: new Uint32Array(shapes.length + 1),
    originX: new Float64Array(shapes.length),
    originY: new Float64Array(shapes.length),
    x0: new Float64Array(edges),
    x1: new Float64Array(edges),
    y0: new Float64Array(edges),
    slope: new Float64Array(edges),
    sign: new Float64Array(edges),
    open: [newOpen(most), newOpen(most)],
  };
  const loose = looseEdges(most);
  let end = 0;
  for (const [place, polygons] of shapes.entries()) {
    const { minX, minY } = made.boxes[place] ?? NOWHERE;
    const origin: Point = polygons.length === 0 ? [0, 0] : [Math.floor(minX), Math.floor(minY)];
    made.originX[place] = origin[0];
    made.originY[place] = origin[1];
    loose.count = 0;
    loose.area = 0;
    for (const polygon of polygons)
      for (const [ringPlace, ring] of polygon.entries()) addRing(loose, ring, ringPlace, origin);
    made.areasPx[place] = loose.area;
    end = moveSorted(loose, made, end);
    made.start[place + 1] = end;
  }
  return made;
}

/**
 * Area that two of the shapes have in common, px2, without constructing it: a polygon is the signed sum of the trapezoids
 * under its edges, so the common area is the sum over pairs of edges of the integral of the lower one over the x that
 * they share. No intersection points, so coincident edges and touching rings need no care, and nothing can fail. Cost
 * grows with the vertices and with how many edges lie above one another.
 */
export function commonArea(shapes: Shapes, a: number, b: number): number {
  const [boxA, boxB] = [shapes.boxes[a] ?? NOWHERE, shapes.boxes[b] ?? NOWHERE];
  if (!meet(boxA, boxB)) return 0;
  const { originX, originY } = shapes;
  const [baseX, baseY] = [at(originX, a), at(originY, a)];
  const [first, second] = shapes.open;
  reopen(first, shapes, a, 0, 0, boxB.minY - baseY);
  reopen(second, shapes, b, at(originX, b) - baseX, at(originY, b) - baseY, boxA.minY - baseY);
  return Math.max(0, sweep(shapes, first, second, boxA, boxB, baseX));
}

/** Intersection over union of two of the shapes, given what they have in common; 0 where both are empty. */
export function iouOf({ areasPx }: Shapes, a: number, b: number, commonPx: number): number {
  const union = (areasPx[a] ?? 0) + (areasPx[b] ?? 0) - commonPx;
  return union > 0 ? Math.min(1, commonPx / union) : 0;
}

const NOWHERE: Bbox = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };

/** Edges of one shape from left to right: those to come, and those that may lie above or below the next one. */
type Open = {
  next: number;
  end: number;
  readonly edges: Uint32Array;
  count: number;
  /** The way to the base line of the first shape. */
  dx: number;
  dy: number;
  /** The lowest place of the other shape, above the base line. */
  floor: number;
};

function newOpen(most: number): Open {
  return { next: 0, end: 0, edges: new Uint32Array(most), count: 0, dx: 0, dy: 0, floor: 0 };
}

function reopen(open: Open, { start }: Shapes, shape: number, dx: number, dy: number, floor: number): void {
  open.next = start[shape] ?? 0;
  open.end = start[shape + 1] ?? 0;
  open.count = 0;
  open.dx = dx;
  open.dy = dy;
  open.floor = floor;
}

/**
 * An edge that lies below all of the other shape adds nothing: it is the lower one of every pair, and the signs of the
 * other shape's edges over any x cancel.
 */
function isBelow({ x0, x1, y0, slope }: Shapes, edge: number, { dy, floor }: Open): boolean {
  const start = (y0[edge] ?? 0) + dy;
  return start < floor && start + (slope[edge] ?? 0) * ((x1[edge] ?? 0) - (x0[edge] ?? 0)) < floor;
}

/** Meets every edge in order with those of the other shape that it shares some x with, between the boxes' common ends. */
function sweep(shapes: Shapes, first: Open, second: Open, boxA: Bbox, boxB: Bbox, baseX: number): number {
  const left = Math.max(boxA.minX, boxB.minX) - baseX;
  const right = Math.min(boxA.maxX, boxB.maxX) - baseX;
  let area = 0;
  for (;;) {
    const fromA = nextStart(shapes, first);
    const fromB = nextStart(shapes, second);
    if (fromA >= right && fromB >= right) return area;
    const own = fromA <= fromB ? first : second;
    const edge = own.next++;
    if ((shapes.x1[edge] ?? 0) + own.dx <= left) continue;
    if (isBelow(shapes, edge, own)) continue;
    area += belowBoth(shapes, edge, own, own === first ? second : first);
    own.edges[own.count++] = edge;
  }
}

function nextStart({ x0 }: Shapes, { next, end, dx }: Open): number {
  return next < end ? (x0[next] ?? 0) + dx : Infinity;
}

function at(values: Float64Array, place: number): number {
  return values[place] ?? 0;
}

function meet(a: Bbox, b: Bbox): boolean {
  return a.minX < b.maxX && b.minX < a.maxX && a.minY < b.maxY && b.minY < a.maxY;
}

/**
 * What lies below an edge and below those of the other shape that are open where it begins; drops those that have ended.
 * All heights are from one base line. This is where the time goes: no arrays are made here.
 */
function belowBoth(shapes: Shapes, edge: number, own: Open, others: Open): number {
  const { x0, x1, y0, slope, sign } = shapes;
  const from = (x0[edge] ?? 0) + own.dx;
  const to = (x1[edge] ?? 0) + own.dx;
  const height = (y0[edge] ?? 0) + own.dy;
  const rise = slope[edge] ?? 0;
  let area = 0;
  let kept = 0;
  for (let place = 0; place < others.count; place++) {
    const other = others.edges[place] ?? 0;
    const end = (x1[other] ?? 0) + others.dx;
    if (end <= from) continue;
    others.edges[kept++] = other;
    const otherRise = slope[other] ?? 0;
    const otherHeight = (y0[other] ?? 0) + others.dy + otherRise * (from - (x0[other] ?? 0) - others.dx);
    area += (sign[other] ?? 0) * lowerIntegral(height, rise, otherHeight, otherRise, Math.min(to, end) - from);
  }
  others.count = kept;
  return (sign[edge] ?? 0) * area;
}

/** Integral of the lower of two lines over a width from where they have these heights. */
function lowerIntegral(a: number, riseA: number, b: number, riseB: number, width: number): number {
  const endA = a + riseA * width;
  const endB = b + riseB * width;
  const gap = a - b;
  const endGap = endA - endB;
  if (gap <= 0 === endGap <= 0) return gap + endGap <= 0 ? ((a + endA) / 2) * width : ((b + endB) / 2) * width;
  const share = gap / (gap - endGap);
  const crossing = a + (endA - a) * share;
  const before = Math.min(a, b) + crossing;
  const after = crossing + Math.min(endA, endB);
  return (before * share + after * (1 - share)) * (width / 2);
}

/** The edges of one shape before they are sorted. */
type Loose = Pick<Shapes, "x0" | "x1" | "y0" | "slope" | "sign"> & {
  readonly order: Uint32Array;
  count: number;
  area: number;
};

function looseEdges(most: number): Loose {
  const numbers = () => new Float64Array(most);
  const order = new Uint32Array(most);
  return { x0: numbers(), x1: numbers(), y0: numbers(), slope: numbers(), sign: numbers(), order, count: 0, area: 0 };
}

function addRing(loose: Loose, ring: Ring, place: number, origin: Point): void {
  const area = signedRingArea(ring);
  loose.area += place === 0 ? Math.abs(area) : -Math.abs(area);
  const rightward = area > 0 === (place === 0) ? -1 : 1;
  let from = ring.at(-1) ?? origin;
  for (const to of ring) {
    if (to[0] !== from[0]) {
      const forward = to[0] > from[0];
      const left = forward ? from : to;
      const right = forward ? to : from;
      const at = loose.count++;
      loose.x0[at] = left[0] - origin[0];
      loose.x1[at] = right[0] - origin[0];
      loose.y0[at] = left[1] - origin[1];
      loose.slope[at] = (right[1] - left[1]) / (right[0] - left[0]);
      loose.sign[at] = forward ? rightward : -rightward;
    }
    from = to;
  }
}

/** @returns the place after the last edge */
function moveSorted(loose: Loose, made: Shapes, start: number): number {
  const { x0, x1, y0, slope, sign, count } = loose;
  const order = loose.order.subarray(0, count);
  if (count > FEW) order.set(Array.from(order.keys()).sort((a, b) => at(x0, a) - at(x0, b)));
  else sortFew(order, x0);
  for (let step = 0; step < count; step++) {
    const from = order[step] ?? 0;
    const to = start + step;
    made.x0[to] = at(x0, from);
    made.x1[to] = at(x1, from);
    made.y0[to] = at(y0, from);
    made.slope[to] = at(slope, from);
    made.sign[to] = at(sign, from);
  }
  return start + count;
}

/** So many are sorted faster by insertion: edges of a ring come in two runs, there and back. */
const FEW = 64;

function sortFew(order: Uint32Array, x0: Float64Array): void {
  for (let place = 0; place < order.length; place++) {
    const begin = at(x0, place);
    let to = place;
    for (; to > 0 && at(x0, order[to - 1] ?? 0) > begin; to--) order[to] = order[to - 1] ?? 0;
    order[to] = place;
  }
}

function vertexCount(polygons: readonly Polygon[]): number {
  return polygons.reduce((sum, polygon) => polygon.reduce((count, ring) => count + ring.length, sum), 0);
}

function boxOf(polygons: readonly Polygon[]): Bbox {
  let { minX, minY, maxX, maxY } = NOWHERE;
  for (const [outer] of polygons) {
    for (const [x, y] of outer ?? []) {
      minX = Math.min(minX, x);
      minY = Math.min(minY, y);
      maxX = Math.max(maxX, x);
      maxY = Math.max(maxY, y);
    }
  }
  return { minX, minY, maxX, maxY };
}
