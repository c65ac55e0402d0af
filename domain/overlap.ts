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
 * Area that two of the shapes (the second of `others`, where that is said) have in common, px2, without constructing it: a polygon is the signed sum of the trapezoids
 * under its edges, so the common area is the sum over pairs of edges of the integral of the lower one over the x that
 * they share. No intersection points, so coincident edges and touching rings need no care, and nothing can fail. Cost
 * grows with the vertices and with how many edges lie above one another.
 */
export function commonArea(shapes: Shapes, a: number, b: number, others: Shapes = shapes): number {
  const [boxA, boxB] = [shapes.boxes[a] ?? NOWHERE, others.boxes[b] ?? NOWHERE];
  if (!meet(boxA, boxB)) return 0;
  const baseX = at(shapes.originX, a);
  const baseY = at(shapes.originY, a);
  const first = shapes.open[0];
  const second = others.open[1];
  reopen(first, shapes, a, 0, 0, boxB.minY - baseY);
  reopen(second, others, b, at(others.originX, b) - baseX, at(others.originY, b) - baseY, boxA.minY - baseY);
  return Math.max(0, sweep(first, second, boxA, boxB, baseX));
}

/** Intersection over union of two of the shapes, given what they have in common; 0 where both are empty. */
export function iouOf({ areasPx }: Shapes, a: number, b: number, commonPx: number): number {
  const union = (areasPx[a] ?? 0) + (areasPx[b] ?? 0) - commonPx;
  return union > 0 ? Math.min(1, commonPx / union) : 0;
}

const NOWHERE: Bbox = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };

/** Edges of one shape from left to right: those to come, and those that may lie above or below the next one. */
type Open = Pick<Shapes, "x0" | "x1" | "y0" | "slope" | "sign"> & {
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
const NONE = new Float64Array();

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function newOpen(most: number): Open {
  const sides = { x0: NONE, x1: NONE, y0: NONE, slope: NONE, sign: NONE };
  return { ...sides, next: 0, end: 0, edges: new Uint32Array(most), count: 0, dx: 0, dy: 0, floor: 0 };
}

function reopen(open: Writable<Open>, shapes: Shapes, shape: number, dx: number, dy: number, floor: number): void {
  open.x0 = shapes.x0;
  open.x1 = shapes.x1;
  open.y0 = shapes.y0;
  open.slope = shapes.slope;
  open.sign = shapes.sign;
  open.next = shapes.start[shape] ?? 0;
  open.end = shapes.start[shape + 1] ?? 0;
  open.count = 0;
  open.dx = dx;
  open.dy = dy;
  open.floor = floor;
}

/**
 * An edge that lies below all of the other shape adds nothing: it is the lower one of every pair, and the signs of the
 * other shape's edges over any x cancel.
 */
function isBelow({ x0, x1, y0, slope, dy, floor }: Open, edge: number): boolean {
  const start = at(y0, edge) + dy;
  return start < floor && start + at(slope, edge) * (at(x1, edge) - at(x0, edge)) < floor;
}

/** Meets every edge in order with those of the other shape that it shares some x with, between the boxes' common ends. */
function sweep(first: Open, second: Open, boxA: Bbox, boxB: Bbox, baseX: number): number {
  const left = Math.max(boxA.minX, boxB.minX) - baseX;
  const right = Math.min(boxA.maxX, boxB.maxX) - baseX;
  let area = 0;
  for (;;) {
    const fromA = nextStart(first);
    const fromB = nextStart(second);
    if (fromA >= right && fromB >= right) return area;
    const own = fromA <= fromB ? first : second;
    const edge = own.next++;
    if (at(own.x1, edge) + own.dx <= left) continue;
    if (isBelow(own, edge)) continue;
    area += belowBoth(edge, own, own === first ? second : first);
    own.edges[own.count++] = edge;
  }
}

function nextStart({ x0, next, end, dx }: Open): number {
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
function belowBoth(edge: number, own: Open, others: Open): number {
  const { x0, x1, y0, slope, sign } = others;
  const from = at(own.x0, edge) + own.dx;
  const to = at(own.x1, edge) + own.dx;
  const height = at(own.y0, edge) + own.dy;
  const rise = at(own.slope, edge);
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
  return at(own.sign, edge) * area;
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

/** The edges of one shape before they are sorted; `forward`: whether each runs to the right as its ring is drawn. */
type Loose = Pick<Shapes, "x0" | "x1" | "y0" | "slope" | "sign"> & {
  order: Uint32Array;
  spare: Uint32Array;
  readonly runs: Uint32Array;
  count: number;
  area: number;
};

function looseEdges(most: number): Loose {
  const numbers = () => new Float64Array(most);
  const places = () => new Uint32Array(most + 1);
  return {
    x0: numbers(),
    x1: numbers(),
    y0: numbers(),
    slope: numbers(),
    sign: numbers(),
    order: places(),
    spare: places(),
    runs: places(),
    count: 0,
    area: 0,
  };
}

function addRing(loose: Loose, ring: Ring, place: number, origin: Point): void {
  const { x0, x1, y0, slope, sign } = loose;
  const area = signedRingArea(ring);
  loose.area += place === 0 ? Math.abs(area) : -Math.abs(area);
  const rightward = area > 0 === (place === 0) ? -1 : 1;
  const last = ring.at(-1) ?? origin;
  let fromX = last[0] - origin[0];
  let fromY = last[1] - origin[1];
  let at = loose.count;
  for (let index = 0; index < ring.length; index++) {
    const to = ring[index] ?? origin;
    const toX = to[0] - origin[0];
    const toY = to[1] - origin[1];
    if (toX > fromX) {
      x0[at] = fromX;
      x1[at] = toX;
      y0[at] = fromY;
      slope[at] = (toY - fromY) / (toX - fromX);
      sign[at++] = rightward;
    } else if (toX < fromX) {
      x0[at] = toX;
      x1[at] = fromX;
      y0[at] = toY;
      slope[at] = (fromY - toY) / (fromX - toX);
      sign[at++] = -rightward;
    }
    fromX = toX;
    fromY = toY;
  }
  loose.count = at;
}

/** @returns the place after the last edge */
function moveSorted(loose: Loose, made: Shapes, start: number): number {
  sortByStart(loose);
  const { x0, x1, y0, slope, sign, order, count } = loose;
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

/**
 * Edges of a ring come in a few runs, there and back: runs are found, those that go back turned, and merged two by two.
 * Edges that begin at one x stay in the order of the ring. Cost n log n at worst, n for a ring without bays.
 */
function sortByStart(loose: Loose): void {
  let runs = findRuns(loose);
  while (runs > 1) {
    const { x0, order, spare, runs: ends } = loose;
    let kept = 0;
    for (let run = 0; run < runs; run += 2) {
      const begin = run === 0 ? 0 : (ends[run - 1] ?? 0);
      const middle = ends[run] ?? 0;
      const end = run + 1 < runs ? (ends[run + 1] ?? 0) : middle;
      merge(x0, order, spare, begin, middle, end);
      ends[kept++] = end;
    }
    loose.order = spare;
    loose.spare = order;
    runs = kept;
  }
}

/** Puts the edges in order as they come, turns runs that fall, and notes where each run ends. @returns how many */
function findRuns({ x0, order, runs, count }: Loose): number {
  let found = 0;
  for (let begin = 0; begin < count; ) {
    let end = begin + 1;
    const falls = end < count && at(x0, end) < at(x0, begin);
    while (end < count && at(x0, end) < at(x0, end - 1) === falls) end++;
    for (let place = begin; place < end; place++) order[place] = falls ? begin + end - 1 - place : place;
    runs[found++] = end;
    begin = end;
  }
  return found;
}

function merge(x0: Float64Array, from: Uint32Array, to: Uint32Array, begin: number, middle: number, end: number): void {
  let [left, right] = [begin, middle];
  for (let place = begin; place < end; place++) {
    const takesLeft = left < middle && (right >= end || at(x0, from[left] ?? 0) <= at(x0, from[right] ?? 0));
    to[place] = from[takesLeft ? left++ : right++] ?? 0;
  }
}

function vertexCount(polygons: readonly Polygon[]): number {
  let count = 0;
  for (const polygon of polygons) for (const ring of polygon) count += ring.length;
  return count;
}

function boxOf(polygons: readonly Polygon[]): Bbox {
  let { minX, minY, maxX, maxY } = NOWHERE;
  for (const [outer = []] of polygons) {
    for (const point of outer) {
      minX = Math.min(minX, point[0]);
      minY = Math.min(minY, point[1]);
      maxX = Math.max(maxX, point[0]);
      maxY = Math.max(maxY, point[1]);
    }
  }
  return { minX, minY, maxX, maxY };
}
