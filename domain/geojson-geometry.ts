import {
  type Geometry,
  geometryOf,
  geometryOnGrid,
  type Point,
  type Polygon,
  polygonsOf,
  type Ring,
  verticesOf,
} from "./annotation.ts";
import { geometryArea, isSimple } from "./geometry.ts";
import { normalise } from "./overlay.ts";
import { ok, type Result, refuse } from "./result.ts";

export type RepairCode =
  | "ring-closed"
  | "duplicate-points"
  | "empty-hole-dropped"
  | "height-dropped"
  | "plane-dropped"
  | "rounded-to-grid"
  | "self-crossing-normalised"
  | "outline-normalised"
  | "parts-separated"
  | "partly-off-slide"
  | "id-repeated"
  | "id-not-ours"
  | "stamp-not-ours"
  | "class-changed"
  | "object-type-changed"
  | "nucleus-dropped"
  | "properties-dropped";

/** Tells of one thing that was changed, or noticed, on the way in. */
export type Note = (code: RepairCode, detail?: Readonly<Record<string, unknown>>) => void;

export type GeometryReason = "outline-malformed" | "coordinates-not-finite" | "geometry-not-supported";

/**
 * Geometries of one GeoJSON geometry object, valid and on the grid: one, or as many as a MultiPoint or MultiLineString has
 * parts. Every repair is told through `note`; what cannot be repaired is refused.
 */
export function readGeometry(input: unknown, note: Note): Result<Geometry[], GeometryReason> {
  if (!isRecord(input)) return refuse("outline-malformed", { problem: "no geometry" });
  notePlane(input["plane"], note);
  const type = asText(input["type"]);
  try {
    const drawn = drawnGeometries(type, input["coordinates"], note);
    if (drawn === null) return refuse("geometry-not-supported", { type });
    if (drawn.length > 1) note("parts-separated", { parts: drawn.length });
    const kept = drawn.flatMap((each) => validGeometry(each, note) ?? []);
    if (kept.length === drawn.length && kept.length > 0) return ok(kept);
    return refuse("outline-malformed", { problem: "no area left" });
  } catch (fault) {
    if (fault instanceof Malformed) return refuse(fault.reason, fault.detail);
    throw fault;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of a file as text; never its own idea of a text, which JSON can break. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A slide is one plane here; QuPath can draw in a stack. */
function notePlane(plane: unknown, note: Note): void {
  if (!isRecord(plane)) return;
  const { z = 0, t = 0 } = plane;
  if (z !== 0 || t !== 0) note("plane-dropped", { z, t });
}

/** Leaves the reading of one geometry from any depth; never leaves this file. */
class Malformed extends Error {
  readonly reason: GeometryReason;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(reason: GeometryReason, detail: Readonly<Record<string, unknown>>) {
    super(reason);
    this.reason = reason;
    this.detail = detail;
  }
}

function drawnGeometries(type: string, coordinates: unknown, note: Note): Geometry[] | null {
  switch (type) {
    case "Polygon":
      return [geometryOf([readPolygon(coordinates, note)])];
    case "MultiPolygon":
      return [geometryOf(nonEmpty(list(coordinates).map((each) => readPolygon(each, note))))];
    case "Point":
      return [{ type: "point", at: readPoint(coordinates, note) }];
    case "LineString":
      return [{ type: "line", points: readLine(coordinates, note) }];
    case "MultiPoint":
      return list(coordinates).map((each) => ({ type: "point", at: readPoint(each, note) }));
    case "MultiLineString":
      return list(coordinates).map((each) => ({ type: "line", points: readLine(each, note) }));
    default:
      return null;
  }
}

function readPolygon(input: unknown, note: Note): Polygon {
  const rings = list(input).map((ring) => readRing(ring, note));
  const [outer, ...holes] = rings;
  if (outer === undefined || outer.length < 3) {
    throw new Malformed("outline-malformed", { problem: "an outline needs three points", points: outer?.length ?? 0 });
  }
  const kept = holes.filter((hole) => hole.length >= 3);
  if (kept.length < holes.length) note("empty-hole-dropped", { holes: holes.length - kept.length });
  return [outer, ...kept];
}

/** An open ring without repeated points; GeoJSON repeats the first point at the end. */
function readRing(input: unknown, note: Note): Ring {
  const points = list(input).map((each) => readPoint(each, note));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const closed = points.length > 1 && samePoint(first, last);
  if (closed) points.pop();
  else note("ring-closed", { at: first });
  return withoutRepeats(points, note);
}

function readLine(input: unknown, note: Note): readonly Point[] {
  const points = withoutRepeats(
    list(input).map((each) => readPoint(each, note)),
    note,
  );
  if (points.length < 2) throw new Malformed("outline-malformed", { problem: "a line needs two points" });
  return points;
}

function withoutRepeats(points: readonly Point[], note: Note): Point[] {
  const kept = points.filter((point, index) => {
    const before = points[index - 1];
    return before === undefined || !samePoint(before, point);
  });
  if (kept.length < points.length) note("duplicate-points", { points: points.length - kept.length });
  return kept;
}

function readPoint(input: unknown, note: Note): Point {
  const [x, y, height] = list(input);
  if (typeof x !== "number" || typeof y !== "number") {
    throw new Malformed("outline-malformed", { problem: "a point is two numbers", value: asText(input) });
  }
  if (!Number.isFinite(x) || !Number.isFinite(y)) {
    throw new Malformed("coordinates-not-finite", { value: `${x}, ${y}` });
  }
  if (height !== undefined && height !== 0) note("height-dropped", { value: height });
  return [x, y];
}

/** Put on the grid and made valid; null where nothing is left. */
function validGeometry(drawn: Geometry, note: Note): Geometry | null {
  const snapped = geometryOnGrid(drawn);
  const shift = largestShift(drawn, snapped);
  if (shift > 0) note("rounded-to-grid", { maxPx: shift });
  if (polygonsOf(snapped).length === 0) return normalise(snapped);
  const crossing = polygonsOf(snapped).some((polygon) => polygon.some((ring) => !isSimple(ring)));
  const valid = normalise(snapped);
  if (valid === null) return null;
  const [before, after] = [summary(snapped), summary(valid)];
  const changed = before.rings !== after.rings || before.vertices !== after.vertices || !near(before.area, after.area);
  if (crossing) note("self-crossing-normalised", { before, after });
  else if (changed) note("outline-normalised", { before, after });
  return valid;
}

function summary(geometry: Geometry) {
  const rings = polygonsOf(geometry).reduce((sum, polygon) => sum + polygon.length, 0);
  return { rings, vertices: [...verticesOf(geometry)].length, area: geometryArea(geometry) };
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right), 1);
}

function largestShift(from: Geometry, to: Geometry): number {
  const moved = [...verticesOf(to)];
  let largest = 0;
  let index = 0;
  for (const [x, y] of verticesOf(from)) {
    const [toX, toY] = moved[index++] ?? [x, y];
    largest = Math.max(largest, Math.abs(toX - x), Math.abs(toY - y));
  }
  return largest;
}

function samePoint([ax, ay]: Point, [bx, by]: Point): boolean {
  return ax === bx && ay === by;
}

function list(input: unknown): unknown[] {
  if (!Array.isArray(input)) throw new Malformed("outline-malformed", { problem: "coordinates are not a list" });
  return input;
}

function nonEmpty(polygons: readonly Polygon[]): readonly Polygon[] {
  if (polygons.length === 0) throw new Malformed("outline-malformed", { problem: "no polygon" });
  return polygons;
}
