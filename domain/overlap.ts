import type { Bbox, Point, Polygon, Ring } from "./annotation.ts";
import { polygonsArea, signedRingArea } from "./geometry.ts";

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
};

/**
 * Shapes for `commonArea`, each of polygons that do not overlap one another (where they do, it would count twice). The
 * direction of rings is not trusted: the first of a polygon is its outside, the others are holes.
 */
export function prepareShapes(shapes: readonly (readonly Polygon[])[]): Shapes {
  const edges = shapes.reduce((sum, polygons) => sum + vertexCount(polygons), 0);
  const made: Shapes = {
    boxes: shapes.map(boxOf),
    areasPx: Float64Array.from(shapes, polygonsArea),
    start: new Uint32Array(shapes.length + 1),
    originX: new Float64Array(shapes.length),
    originY: new Float64Array(shapes.length),
    x0: new Float64Array(edges),
    x1: new Float64Array(edges),
    y0: new Float64Array(edges),
    slope: new Float64Array(edges),
    sign: new Float64Array(edges),
  };
  const loose = looseEdges(shapes.reduce((most, polygons) => Math.max(most, vertexCount(polygons)), 0));
  let end = 0;
  for (const [place, polygons] of shapes.entries()) {
    const { minX, minY } = made.boxes[place] ?? NOWHERE;
    const origin: Point = polygons.length === 0 ? [0, 0] : [Math.floor(minX), Math.floor(minY)];
    made.originX[place] = origin[0];
    made.originY[place] = origin[1];
    loose.count = 0;
    for (const polygon of polygons)
      for (const [ringPlace, ring] of polygon.entries()) addRing(loose, ring, ringPlace, origin);
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
  const baseX = at(originX, a);
  const first = openFrom(shapes, a, 0, 0);
  const second = openFrom(shapes, b, at(originX, b) - baseX, at(originY, b) - at(originY, a));
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
  readonly end: number;
  readonly edges: number[];
  count: number;
  /** The way to the base line of the first shape. */
  readonly dx: number;
  readonly dy: number;
};

function openFrom({ start }: Shapes, shape: number, dx: number, dy: number): Open {
  return { next: start[shape] ?? 0, end: start[shape + 1] ?? 0, edges: [], count: 0, dx, dy };
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
    if (at(shapes.x1, edge) + own.dx <= left) continue;
    area += belowBoth(shapes, edge, own, own === first ? second : first);
    own.edges[own.count++] = edge;
  }
}

function nextStart({ x0 }: Shapes, { next, end, dx }: Open): number {
  return next < end ? at(x0, next) + dx : Infinity;
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
  const from = at(x0, edge) + own.dx;
  const to = at(x1, edge) + own.dx;
  const height = at(y0, edge) + own.dy;
  const rise = at(slope, edge);
  let area = 0;
  let kept = 0;
  for (let place = 0; place < others.count; place++) {
    const other = others.edges[place] ?? 0;
    const end = at(x1, other) + others.dx;
    if (end <= from) continue;
    others.edges[kept++] = other;
    const otherRise = at(slope, other);
    const otherHeight = at(y0, other) + others.dy + otherRise * (from - at(x0, other) - others.dx);
    area += at(sign, other) * lowerIntegral(height, rise, otherHeight, otherRise, Math.min(to, end) - from);
  }
  others.count = kept;
  return at(sign, edge) * area;
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
type Loose = Pick<Shapes, "x0" | "x1" | "y0" | "slope" | "sign"> & { readonly order: Uint32Array; count: number };

function looseEdges(most: number): Loose {
  const numbers = () => new Float64Array(most);
  const order = new Uint32Array(most);
  return { x0: numbers(), x1: numbers(), y0: numbers(), slope: numbers(), sign: numbers(), order, count: 0 };
}

function addRing(loose: Loose, ring: Ring, place: number, origin: Point): void {
  const rightward = signedRingArea(ring) > 0 === (place === 0) ? -1 : 1;
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
function moveSorted({ order, count, ...edges }: Loose, made: Shapes, start: number): number {
  for (let place = 0; place < count; place++) order[place] = place;
  const sorted = order.subarray(0, count).sort((a, b) => at(edges.x0, a) - at(edges.x0, b));
  let end = start;
  for (const place of sorted) {
    made.x0[end] = at(edges.x0, place);
    made.x1[end] = at(edges.x1, place);
    made.y0[end] = at(edges.y0, place);
    made.slope[end] = at(edges.slope, place);
    made.sign[end] = at(edges.sign, place);
    end++;
  }
  return end;
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
