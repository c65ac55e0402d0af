import { Clipper, Clipper64, ClipType, EndType, FillRule, JoinType, type Path64, type Paths64 } from "clipper2-ts";
import {
  type Bbox,
  type Geometry,
  GRID,
  geometryOf,
  geometryOnGrid,
  onGrid,
  type Point,
  type Polygon,
  polygonsOf,
  type Ring,
  verticesOf,
} from "./annotation.ts";
import { bboxOf, isSimple, polygonsArea, rectangle, signedRingArea } from "./geometry.ts";
import { commonArea, prepareShapes } from "./overlap.ts";
import { ringNear } from "./ring-near.ts";
import { directed, isCrumb, isFlat, pathLength, polygonsOfRings, withoutRepeats } from "./rings.ts";

/** An area: a geometry, or valid polygons (those of a union may not overlap each other). Points and lines have none. */
export type Shape = Geometry | readonly Polygon[];

/** Rounding to the grid can make a new crossing; a handful of rounds has always settled it. */
const MAX_ROUNDS = 12;

/**
 * The valid geometry that a drawn one means: each ring filled by the non-zero rule, holes taken out, overlapping parts
 * joined, crumbs dropped, every coordinate on the grid, outsides with positive and holes with negative area, each ring
 * from its lowest (x, y) vertex. Normalising the result changes nothing. Points and lines are only put on the grid.
 * @returns null where nothing is left
 * @throws RangeError on a coordinate that is not a finite number
 */
export function normalise(geometry: Geometry): Geometry | null {
  for (const [x, y] of verticesOf(geometry)) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new RangeError(`not a coordinate: ${x}, ${y}`);
  }
  const snapped = geometryOnGrid(geometry);
  if (snapped.type === "point") return snapped;
  if (snapped.type === "line") {
    const points = withoutRepeats(snapped.points, false);
    return points.length < 2 ? null : { type: "line", points };
  }
  let polygons = polygonsOf(snapped);
  const settled = settledRing(polygons);
  if (settled !== null) return isCrumb(settled) ? null : { type: "polygon", rings: [settled] };
  let before = "";
  for (let round = 0; round < MAX_ROUNDS; round++) {
    polygons = repair(polygons);
    const text = JSON.stringify(polygons);
    if (text === before) break;
    before = text;
  }
  return polygons.length === 0 ? null : geometryOf(polygons);
}

/** Everything that any of the shapes covers. */
export function union(shapes: readonly Shape[]): readonly Polygon[] {
  return clip(ClipType.Union, shapes.flatMap(polygonsIn), []);
}

/**
 * What at least so many of the shapes cover, in one go: around everything lie rings that turn the other way, each of which
 * takes one from the number of shapes that a place is in.
 */
export function coveredBy(shapes: readonly Shape[], votes: number): readonly Polygon[] {
  if (votes <= 1) return union(shapes);
  const polygons = shapes.map(polygonsIn);
  if (polygons.filter((each) => each.length > 0).length < votes) return [];
  const all = polygons.flat();
  const origin = originOf(all);
  const frame = frameAround(all, origin);
  const paths = orientedPaths(all, origin)
    .map(withoutSpikes)
    .filter((path) => path.length > 0);
  for (let vote = 1; vote < votes; vote++) paths.push(frame);
  const solution: Paths64 = [];
  const clipper = new Clipper64();
  clipper.addSubject(paths);
  if (!clipper.execute(ClipType.Union, FillRule.Positive, solution)) throw new Error("the overlay of shapes failed");
  return polygonsFrom(solution, origin);
}

/** A rectangle around all rings and a grid unit more, in the direction of a hole. */
function frameAround(polygons: readonly Polygon[], origin: Point): Path64 {
  let [maxX, maxY] = [0, 0];
  for (const [outer = []] of polygons) {
    for (const [x, y] of outer) {
      maxX = Math.max(maxX, Math.round(x * GRID) - origin[0]);
      maxY = Math.max(maxY, Math.round(y * GRID) - origin[1]);
    }
  }
  const corners: readonly Point[] = [
    [-1, -1],
    [-1, maxY + 1],
    [maxX + 1, maxY + 1],
    [maxX + 1, -1],
  ];
  return corners.map(([x, y]) => ({ x, y }));
}

/** What both shapes cover. */
export function intersection(a: Shape, b: Shape): readonly Polygon[] {
  return clip(ClipType.Intersection, polygonsIn(a), polygonsIn(b));
}

/** What the first shape covers and the second does not. */
export function difference(a: Shape, b: Shape): readonly Polygon[] {
  return clip(ClipType.Difference, polygonsIn(a), polygonsIn(b));
}

/** The part of a geometry inside a box, or null; of a line that is cut into pieces the longest. */
export function clipTo(geometry: Geometry, bbox: Bbox): Geometry | null {
  if (geometry.type === "point") {
    const [x, y] = geometry.at;
    return x >= bbox.minX && x <= bbox.maxX && y >= bbox.minY && y <= bbox.maxY ? geometry : null;
  }
  if (geometry.type === "line") return clipLine(geometry.points, bbox);
  return normaliseAll(intersection(geometry, rectangle([bbox.minX, bbox.minY], [bbox.maxX, bbox.maxY])));
}

/**
 * The area that a round brush covers along a path, px; a disc for one point. Circles are kept to 1/500 of the radius,
 * but no finer than 1/16 px.
 */
export function strokeArea(points: readonly Point[], radiusPx: number): readonly Polygon[] {
  const [first] = points;
  if (first === undefined || !(radiusPx > 0)) return [];
  const origin: Point = [Math.round(first[0] * GRID), Math.round(first[1] * GRID)];
  const path = pathOf(
    withoutRepeats(
      points.map(([x, y]): Point => [onGrid(x), onGrid(y)]),
      false,
    ),
    origin,
  );
  const tolerance = Math.max(radiusPx / 500, 1 / 16) * GRID;
  const inflated = Clipper.inflatePaths([path], radiusPx * GRID, JoinType.Round, EndType.Round, 2, tolerance);
  return polygonsFrom(inflated, origin);
}

/** A shape with a rim of this width around it, px; corners are cut off at twice the width. */
export function widened(shape: Shape, widthPx: number): readonly Polygon[] {
  const polygons = polygonsIn(shape);
  if (polygons.length === 0) return [];
  const origin = originOf(polygons);
  const paths = orientedPaths(polygons, origin);
  return polygonsFrom(Clipper.inflatePaths(paths, widthPx * GRID, JoinType.Miter, EndType.Polygon, 2), origin);
}

/**
 * What lies between two shapes that are no further apart than a gap, px: what growing both by half of it and shrinking
 * them back adds to the two together and to neither alone. It reaches a hair into both, so that a union is one piece.
 */
export function closingBetween(a: Shape, b: Shape, gapPx: number): readonly Polygon[] {
  const closed = (shape: Shape) => widened(widened(shape, gapPx / 2 + HAIR_PX), -(gapPx / 2 + HAIR_PX));
  const both = closed(union([a, b]));
  const between = difference(both, union([closed(a), closed(b)]));
  return between.length === 0 ? [] : intersection(widened(between, HAIR_PX), union([both, a, b]));
}

/** Two steps of the grid. */
const HAIR_PX = 2 / GRID;

/**
 * Area that two shapes have in common, px2, without constructing it; many pairs of the same shapes are cheaper with
 * `prepareShapes`.
 */
export function overlapArea(a: Shape, b: Shape): number {
  return commonArea(prepareShapes([polygonsIn(a), polygonsIn(b)]), 0, 1);
}

/** Intersection over union of two shapes by area, 0 to 1; null where both are empty. */
export function iou(a: Shape, b: Shape): number | null {
  const [areaA, areaB, common] = [polygonsArea(polygonsIn(a)), polygonsArea(polygonsIn(b)), overlapArea(a, b)];
  return areaA + areaB === 0 ? null : Math.min(1, common / (areaA + areaB - common));
}

/** Dice coefficient of two shapes by area, 0 to 1; null where both are empty. Source: Dice 1945, Ecology 26(3). */
export function dice(a: Shape, b: Shape): number | null {
  const areas = polygonsArea(polygonsIn(a)) + polygonsArea(polygonsIn(b));
  return areas === 0 ? null : Math.min(1, (2 * overlapArea(a, b)) / areas);
}

/** The same polygons, normalised, as one geometry; null where nothing is left. */
export function normaliseAll(polygons: readonly Polygon[]): Geometry | null {
  return polygons.length === 0 ? null : normalise(geometryOf(polygons));
}

/** The polygons of a shape. */
export function polygonsIn(shape: Shape): readonly Polygon[] {
  return "type" in shape ? polygonsOf(shape) : shape;
}

/** A single simple ring, which only needs its direction and its beginning; null for whatever has to be repaired. */
function settledRing(polygons: readonly Polygon[]): Ring | null {
  const [only] = polygons;
  const [ring] = only ?? [];
  if (polygons.length !== 1 || only?.length !== 1 || ring === undefined) return null;
  const clean = withoutRepeats(ring, true);
  return isSimple(clean) ? directed(clean, 1) : null;
}

/** One round of repair. A single simple ring is already what it should be; everything else goes through the clipper. */
function repair(polygons: readonly Polygon[]): readonly Polygon[] {
  const settled = settledRing(polygons);
  if (settled !== null) return isCrumb(settled) ? [] : [[settled]];
  const origin = originOf(polygons);
  const parts: Paths64 = [];
  for (const [outer, ...holes] of polygons) {
    if (outer === undefined) continue;
    const [subject, holePaths] = [[pathOf(outer, origin)], holes.map((hole) => pathOf(hole, origin))];
    parts.push(...execute(ClipType.Difference, subject, holePaths));
  }
  return polygonsFrom(execute(ClipType.Union, parts, []), origin, isCrumb);
}

function clip(type: ClipType, subject: readonly Polygon[], other: readonly Polygon[]): readonly Polygon[] {
  if (subject.length === 0) return [];
  if (other.length === 0 && type === ClipType.Intersection) return [];
  const origin = originOf(subject);
  // Only what lies where the first shapes lie changes anything of them, and often that is little of the second.
  const near = other.length === 0 ? null : boxAround(subject);
  return polygonsFrom(execute(type, orientedPaths(subject, origin), orientedPaths(other, origin, near)), origin);
}

/** The box around polygons, and a little more than rounding moves. */
function boxAround(polygons: readonly Polygon[]): Bbox {
  const { minX, minY, maxX, maxY } = bboxOf(polygons.flatMap(([outer = []]) => outer));
  return { minX: minX - HAIR_PX, minY: minY - HAIR_PX, maxX: maxX + HAIR_PX, maxY: maxY + HAIR_PX };
}

function execute(type: ClipType, subject: Paths64, other: Paths64): Paths64 {
  const clipper = new Clipper64();
  const [subjects, others] = [subject, other].map((paths) =>
    paths.map(withoutSpikes).filter((path) => path.length > 0),
  );
  if (subjects !== undefined && subjects.length > 0) clipper.addSubject(subjects);
  if (others !== undefined && others.length > 0) clipper.addClip(others);
  const solution: Paths64 = [];
  if (!clipper.execute(type, FillRule.NonZero, solution)) throw new Error("the overlay of two shapes failed");
  return solution;
}

/**
 * A closed path without the vertices at which it turns straight back. They enclose nothing, and clipper2-ts never ends, or
 * fails, on a level edge that runs back over another one.
 */
function withoutSpikes(path: Path64): Path64 {
  if (!hasSpike(path)) return path.length < 3 ? [] : path;
  const kept: Path64 = [];
  for (const point of path) {
    kept.push(point);
    while (turnsBack(kept.at(-3), kept.at(-2), kept.at(-1))) kept.splice(-2, 1);
  }
  let first = 0;
  for (;;) {
    if (turnsBack(kept.at(-2), kept.at(-1), kept[first])) kept.pop();
    else if (turnsBack(kept.at(-1), kept[first], kept[first + 1])) first++;
    else break;
    if (kept.length - first < 3) return [];
  }
  return kept.length - first < 3 ? [] : kept.slice(first);
}

function hasSpike(path: Path64): boolean {
  let [from, at] = [path.at(-2), path.at(-1)];
  for (const to of path) {
    if (turnsBack(from, at, to)) return true;
    from = at;
    at = to;
  }
  return false;
}

/** Whether the middle one of three vertices is a turn straight back, or repeats one of the others. */
function turnsBack(from: Path64[0] | undefined, at: Path64[0] | undefined, to: Path64[0] | undefined): boolean {
  if (from === undefined || at === undefined || to === undefined) return false;
  const dx = at.x - from.x;
  const dy = at.y - from.y;
  const ex = to.x - at.x;
  const ey = to.y - at.y;
  return dx * ey === dy * ex && dx * ex + dy * ey <= 0;
}

/**
 * Grid units are counted from the corner of what is overlaid, so that a result does not depend on where on the slide
 * it lies and products stay small.
 */
function originOf(polygons: readonly Polygon[]): Point {
  let [minX, minY] = [Infinity, Infinity];
  for (const [outer] of polygons) {
    for (const [x, y] of outer ?? []) {
      minX = Math.min(minX, x);
      minY = Math.min(minY, y);
    }
  }
  return [Math.round(minX * GRID), Math.round(minY * GRID)];
}

function toGrid([x, y]: Point, [originX, originY]: Point): { x: number; y: number } {
  return { x: Math.round(x * GRID) - originX, y: Math.round(y * GRID) - originY };
}

function pathOf(ring: Ring, origin: Point): Path64 {
  return ring.map((point) => toGrid(point, origin));
}

/**
 * Rings with the sign that their place says: importers disagree on the direction, so it is not trusted.
 * @param near where they count; by default everywhere
 */
function orientedPaths(polygons: readonly Polygon[], origin: Point, near: Bbox | null = null): Paths64 {
  return polygons.flatMap((polygon) =>
    polygon.map((ring, index) => {
      const kept = near === null ? ring : ringNear(ring, near);
      return pathOf(signedRingArea(ring) > 0 === (index === 0) ? kept : kept.toReversed(), origin);
    }),
  );
}

function polygonsFrom(paths: Paths64, origin: Point, drop: (ring: Ring) => boolean = isFlat): readonly Polygon[] {
  const rings = paths.map((path) => path.map(({ x, y }): Point => [(x + origin[0]) / GRID, (y + origin[1]) / GRID]));
  return polygonsOfRings(rings, drop);
}

function clipLine(points: readonly Point[], bbox: Bbox): Geometry | null {
  const scaled = (value: number) => Math.round(value * GRID);
  const box = {
    left: scaled(bbox.minX),
    top: scaled(bbox.minY),
    right: scaled(bbox.maxX),
    bottom: scaled(bbox.maxY),
  };
  const pieces = Clipper.rectClipLines(box, [pathOf(points, [0, 0])]).map((piece) =>
    piece.map(({ x, y }): Point => [x / GRID, y / GRID]),
  );
  const [longest] = pieces.filter((piece) => piece.length >= 2).sort((a, b) => pathLength(b) - pathLength(a));
  return longest === undefined ? null : { type: "line", points: longest };
}
