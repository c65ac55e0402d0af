import { defined, type Measure, undefinedBecause } from "./agreement.ts";
import { type Geometry, geometryOf, type Point, type Polygon } from "./annotation.ts";
import { type Contour, contourOf, distanceTo, forEachStep, stepsIn } from "./boundary/contour.ts";
import { NearestWalk } from "./boundary/nearest.ts";
import { weightedQuantile } from "./boundary/weighted-quantile.ts";
import { containsPoint } from "./geometry.ts";
import { polygonsIn, type Shape } from "./overlay.ts";

export {
  type BorderDistances,
  borderDistances,
  type Mask,
  type SurfaceDistances,
  surfaceDistances,
} from "./boundary/masks.ts";
export { type OffsetSettings, type OutlineOffset, outlineOffset } from "./boundary/offset.ts";

/**
 * How far two outlines run apart, px (times mpp: um). Each outline is walked in steps, each step weighs its length, and
 * its distance is to the nearest place of the other outline. By this convention HD95 is the larger of the two directed
 * 95th percentiles and ASSD is the mean over both outlines; other programs pool or count border pixels and give other
 * numbers. Not defined ("missing outline") where one is empty, and never to be averaged then.
 * Source: convention of Nikolov et al. 2021, J. Med. Internet Res. 23(7), and its library surface-distance.
 */
export type BoundaryDistances = {
  readonly hausdorff: Measure;
  readonly hausdorff95: Measure;
  /** Mean distance over both outlines, and from each to the other. */
  readonly mean: Measure;
  readonly meanFromA: Measure;
  readonly meanFromB: Measure;
  /** Share of both outlines that lies within the tolerance of the other (normalised surface dice). */
  readonly within: Measure;
};

export type BoundarySettings = {
  /** Longest step along an outline, px; by default a quarter, or less on a short outline. */
  readonly stepPx?: number;
  /** Of `within`, px. */
  readonly tolerancePx: number;
};

const STEP_PX = 0.25;
/** A percentile is only as good as there are steps. */
const LEAST_STEPS = 4_000;

/** Cost grows with the lengths of the outlines in steps, and with the logarithm of their vertices. */
export function boundaryDistances(a: Shape, b: Shape, { stepPx, tolerancePx }: BoundarySettings): BoundaryDistances {
  const [first, second] = [polygonsIn(a), polygonsIn(b)];
  if (first.length === 0 || second.length === 0) {
    return noDistances(first.length + second.length === 0 ? "class not marked" : "missing outline");
  }
  const origin = cornerOf([...first, ...second]);
  const [contourA, contourB] = [contourOf(first, origin), contourOf(second, origin)];
  const [fromA, fromB] = [walk(contourA, contourB, stepPx), walk(contourB, contourA, stepPx)];
  const length = fromA.length + fromB.length;
  return {
    hausdorff: defined(Math.max(fromA.largest, fromB.largest)),
    hausdorff95: defined(Math.max(percentile(fromA, 0.95), percentile(fromB, 0.95))),
    mean: defined((fromA.total + fromB.total) / length),
    meanFromA: defined(fromA.total / fromA.length),
    meanFromB: defined(fromB.total / fromB.length),
    within: defined(Math.min(1, (lengthWithin(fromA, tolerancePx) + lengthWithin(fromB, tolerancePx)) / length)),
  };
}

/** How the border of a shape runs along others, px. */
export type SharedBorder = {
  /** Length of the border that is counted: inside the region and away from its edge. */
  readonly lengthPx: number;
  /** Of that, what lies in or near each of the neighbours, and near any of them. */
  readonly nearPx: readonly number[];
  readonly nearAnyPx: number;
};

/**
 * Rule 2, transitions: how much of a shape's border lies within a distance of its neighbours, to 1% at the usual step.
 * @param within the tissue or the read region: along its edge, nearer than the distance, a border is no transition
 */
export function sharedBorder(
  shape: Shape,
  neighbours: readonly Shape[],
  { distancePx, within, stepPx = STEP_PX }: { distancePx: number; within: Shape; stepPx?: number },
): SharedBorder {
  const own = polygonsIn(shape);
  if (own.length === 0) return { lengthPx: 0, nearPx: neighbours.map(() => 0), nearAnyPx: 0 };
  const origin = cornerOf(own);
  const region = regionOf(polygonsIn(within), origin);
  const others = neighbours.map((neighbour) => regionOf(polygonsIn(neighbour), origin));
  let [lengthPx, nearAnyPx] = [0, 0];
  const nearPx = neighbours.map(() => 0);
  forEachStep(contourOf(own, origin), stepPx, (x, y, length) => {
    if (!isDeepIn(region, x, y, distancePx, origin)) return;
    lengthPx += length;
    let near = false;
    for (const [place, other] of others.entries()) {
      if (!isNear(other, x, y, distancePx, origin)) continue;
      nearPx[place] = (nearPx[place] ?? 0) + length;
      near = true;
    }
    if (near) nearAnyPx += length;
  });
  return { lengthPx, nearPx, nearAnyPx };
}

/** How round a shape is: 1 for a disc, near 0 for a thread. Source: isoperimetric quotient, Polsby & Popper 1991. */
export function compactness(areaPx: number, perimeterPx: number): Measure {
  return perimeterPx > 0 ? defined((4 * Math.PI * areaPx) / perimeterPx ** 2) : undefinedBecause("missing outline");
}

/** Distances along an outline, with the length that has each, in no particular order. */
type Walk = {
  readonly distances: Float64Array;
  readonly lengths: Float64Array;
  readonly length: number;
  readonly total: number;
  readonly largest: number;
};

/** So many steps ahead it is known which pieces of the other outline can be the nearest. */
const STEPS_AHEAD = 32;

function walk(along: Contour, other: Contour, wanted: number | undefined): Walk {
  const stepPx = wanted ?? Math.min(STEP_PX, lengthOf(along) / LEAST_STEPS);
  const count = stepsIn(along, stepPx);
  const distances = new Float64Array(count);
  const lengths = new Float64Array(count);
  const nearest = new NearestWalk(other, 2 * STEPS_AHEAD * stepPx);
  let [at, length, total, largest] = [0, 0, 0, 0];
  forEachStep(along, stepPx, (x, y, step) => {
    const distance = nearest.distance(x, y);
    distances[at] = distance;
    lengths[at++] = step;
    length += step;
    total += distance * step;
    if (distance > largest) largest = distance;
  });
  for (let piece = 0; piece < along.count; piece++) {
    largest = Math.max(largest, nearest.distance(along.pieces[4 * piece] ?? 0, along.pieces[4 * piece + 1] ?? 0));
  }
  return { distances, lengths, length, total, largest };
}

function lengthOf({ pieces, count }: Contour): number {
  let length = 0;
  for (let piece = 0; piece < count; piece++) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = pieces.subarray(4 * piece, 4 * piece + 4);
    length += Math.hypot(bx - ax, by - ay);
  }
  return length;
}

/** The distance that this share of the length does not exceed. */
function percentile({ distances, lengths, length, largest }: Walk, share: number): number {
  return weightedQuantile(distances, lengths, share * length) ?? largest;
}

function lengthWithin({ distances, lengths }: Walk, tolerancePx: number): number {
  let within = 0;
  for (let place = 0; place < distances.length; place++) {
    if ((distances[place] ?? Infinity) <= tolerancePx) within += lengths[place] ?? 0;
  }
  return within;
}

type Region = { readonly contour: Contour; readonly geometry: Geometry | null };

function regionOf(polygons: readonly Polygon[], origin: Point): Region {
  return { contour: contourOf(polygons, origin), geometry: polygons.length === 0 ? null : geometryOf(polygons) };
}

function isDeepIn({ contour, geometry }: Region, x: number, y: number, distancePx: number, origin: Point): boolean {
  if (geometry === null || distanceTo(contour, x, y, distancePx) <= distancePx) return false;
  return containsPoint(geometry, [x + origin[0], y + origin[1]]);
}

function isNear({ contour, geometry }: Region, x: number, y: number, distancePx: number, origin: Point): boolean {
  if (geometry === null) return false;
  if (distanceTo(contour, x, y, distancePx) <= distancePx) return true;
  return containsPoint(geometry, [x + origin[0], y + origin[1]]);
}

/** Numbers are taken from here, so that where on a slide a shape lies does not matter. */
function cornerOf(polygons: readonly Polygon[]): Point {
  let [minX, minY] = [Infinity, Infinity];
  for (const [outer] of polygons) {
    for (const [x, y] of outer ?? []) {
      minX = Math.min(minX, x);
      minY = Math.min(minY, y);
    }
  }
  return [Math.floor(minX), Math.floor(minY)];
}

function noDistances(reason: "class not marked" | "missing outline"): BoundaryDistances {
  const none = undefinedBecause(reason);
  return { hausdorff: none, hausdorff95: none, mean: none, meanFromA: none, meanFromB: none, within: none };
}
