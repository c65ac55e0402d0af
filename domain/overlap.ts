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
};

/**
 * Shapes for `commonArea`, each of polygons that do not overlap one another (where they do, it would count twice). The
 * direction of rings is not trusted: the first of a polygon is its outside, the others are holes.
 */
export function prepareShapes(shapes: readonly (readonly Polygon[])[]): Shapes {
  const counts = shapes.map(vertexCount);
  const edges = counts.reduce((sum, count) => sum + count, 0);
  const most = counts.reduce((largest, count) => Math.max(largest, count), 0);
  const boxes: Bbox[] = [];
  const made: Shapes = {
    boxes,
    areasPx: new Float64Array(shapes.length),
    start: new Uint32Array(shapes.length + 1),
    originX: new Float64Array(shapes.length),
    originY: new Float64Array(shapes.length),
    x0: new Float64Array(edges),
    x1: new Float64Array(edges),
    y0: new Float64Array(edges),
    slope: new Float64Array(edges),
    sign: new Float64Array(edges),
  };
  const loose = looseEdges(most);
  let end = 0;
  // Shape by shape, so that its points are in the processor's cache when they are read again.
  for (const [place, polygons] of shapes.entries()) {
    const box = boxOf(polygons);
    boxes.push(box);
    const { minX, minY } = box;
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
  const boxA = shapes.boxes[a] ?? NOWHERE;
  const boxB = others.boxes[b] ?? NOWHERE;
  if (!meet(boxA, boxB)) return 0;
  const baseX = at(shapes.originX, a);
  const baseY = at(shapes.originY, a);
  const left = Math.max(boxA.minX, boxB.minX) - baseX;
  const right = Math.min(boxA.maxX, boxB.maxX) - baseX;
  const [first, second] = roomFor(Math.max(edgeCount(shapes, a), edgeCount(others, b)));
  take(first, shapes, a, 0, 0, left, right, boxB.minY - baseY);
  take(second, others, b, at(others.originX, b) - baseX, at(others.originY, b) - baseY, left, right, boxA.minY - baseY);
  return Math.max(0, sweep(first, second));
}

/** Intersection over union of two of the shapes, given what they have in common; 0 where both are empty. */
export function iouOf({ areasPx }: Shapes, a: number, b: number, commonPx: number): number {
  const union = (areasPx[a] ?? 0) + (areasPx[b] ?? 0) - commonPx;
  return union > 0 ? Math.min(1, commonPx / union) : 0;
}

const NOWHERE: Bbox = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };

/** Those edges of a shape, from left to right, that can meet the other one; in px from the corner of the first shape. */
type Edges = Pick<Shapes, "x0" | "x1" | "y0" | "slope" | "sign"> & {
  count: number;
  /** Those that have begun and may lie above or below the next edge of the other shape. */
  readonly open: Uint32Array;
  opened: number;
};

/** Used again for every two shapes: one comparison is over before the next begins. */
let room: readonly [Edges, Edges] | null = null;

function roomFor(edges: number): readonly [Edges, Edges] {
  if (room !== null && room[0].x0.length >= edges) return room;
  room = [newEdges(2 * edges), newEdges(2 * edges)];
  return room;
}

function edgeCount({ start }: Shapes, shape: number): number {
  return (start[shape + 1] ?? 0) - (start[shape] ?? 0);
}

function newEdges(most: number): Edges {
  const numbers = () => new Float64Array(most);
  const sides = { x0: numbers(), x1: numbers(), y0: numbers(), slope: numbers(), sign: numbers() };
  return { ...sides, count: 0, open: new Uint32Array(most), opened: 0 };
}

/**
 * The edges of a shape between two places. One that lies below all of the other shape (`floor`) adds nothing: it is the
 * lower one of every pair, and the signs of the other shape's edges over any x cancel.
 */
function take(
  room: Edges,
  { x0, x1, y0, slope, sign, start }: Shapes,
  shape: number,
  dx: number,
  dy: number,
  left: number,
  right: number,
  floor: number,
): void {
  const end = start[shape + 1] ?? 0;
  let count = 0;
  for (let edge = start[shape] ?? 0; edge < end; edge++) {
    const from = at(x0, edge) + dx;
    const to = at(x1, edge) + dx;
    if (from >= right) break;
    if (to <= left) continue;
    const height = at(y0, edge) + dy;
    const rise = at(slope, edge);
    if (height < floor && height + rise * (to - from) < floor) continue;
    room.x0[count] = from;
    room.x1[count] = to;
    room.y0[count] = height;
    room.slope[count] = rise;
    room.sign[count] = at(sign, edge);
    count++;
  }
  room.count = count;
  room.opened = 0;
}

/** Meets every edge in order with those of the other shape that it shares some x with. */
function sweep(first: Edges, second: Edges): number {
  let area = 0;
  let a = 0;
  let b = 0;
  while (a < first.count || b < second.count) {
    const isOfFirst = b >= second.count || (a < first.count && at(first.x0, a) <= at(second.x0, b));
    area += isOfFirst ? belowBoth(a++, first, second) : belowBoth(b++, second, first);
  }
  return area;
}

function at(values: Float64Array, place: number): number {
  return values[place] ?? 0;
}

function meet(a: Bbox, b: Bbox): boolean {
  return a.minX < b.maxX && b.minX < a.maxX && a.minY < b.maxY && b.minY < a.maxY;
}

/**
 * Opens an edge. @returns what lies below it and below those of the other shape that are open where it begins; drops those
 * that have ended. All heights are from one base line. This is where the time goes: no arrays are made here.
 */
function belowBoth(edge: number, own: Edges, others: Edges): number {
  const { x0, x1, y0, slope, sign, open } = others;
  const from = at(own.x0, edge);
  const to = at(own.x1, edge);
  const height = at(own.y0, edge);
  const rise = at(own.slope, edge);
  let area = 0;
  let kept = 0;
  for (let place = 0; place < others.opened; place++) {
    const other = open[place] ?? 0;
    const end = at(x1, other);
    if (end <= from) continue;
    open[kept++] = other;
    const otherRise = at(slope, other);
    const otherHeight = at(y0, other) + otherRise * (from - at(x0, other));
    area += at(sign, other) * lowerIntegral(height, rise, otherHeight, otherRise, Math.min(to, end) - from);
  }
  others.opened = kept;
  own.open[own.opened++] = edge;
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
