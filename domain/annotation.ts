import { z } from "zod";
import { annotationId, classId } from "./ids.ts";

/**
 * Coordinates are level-0 pixels on a grid of 1/64 px, so that storing, sending and hashing agree to the bit.
 * Rings are open (the first point is not repeated); the first ring of a polygon is its outside, the others are holes.
 */
export const GRID = 64;
/** No slide is wider; beyond it a coordinate is a mistake. */
export const MAX_COORDINATE = 10_000_000;
export const MAX_VERTICES = 100_000;
export const MAX_NOTE_LENGTH = 2_000;

const coordinate = z.number().min(-MAX_COORDINATE).max(MAX_COORDINATE);
export const pointSchema = z.tuple([coordinate, coordinate]).readonly();
export const ringSchema = z.array(pointSchema).min(3).max(MAX_VERTICES).readonly();
export const polygonSchema = z.array(ringSchema).min(1).max(10_000).readonly();

export const geometrySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("polygon"), rings: polygonSchema }).readonly(),
  z
    .object({ type: z.literal("multipolygon"), polygons: z.array(polygonSchema).min(1).max(10_000).readonly() })
    .readonly(),
  z.object({ type: z.literal("point"), at: pointSchema }).readonly(),
  z.object({ type: z.literal("line"), points: z.array(pointSchema).min(2).max(MAX_VERTICES).readonly() }).readonly(),
]);

export const attributesSchema = z.record(z.string().min(1).max(64), z.string().max(256)).readonly();

export const annotationSchema = z
  .object({
    id: annotationId,
    classId,
    geometry: geometrySchema,
    /** Number of the guideline version at the last change of class or geometry. */
    under: z.int().min(1),
    attributes: attributesSchema,
    note: z.string().max(MAX_NOTE_LENGTH),
  })
  .readonly();

export type Point = readonly [x: number, y: number];
export type Ring = readonly Point[];
/** Outer ring, then holes. */
export type Polygon = readonly Ring[];
export type Geometry =
  | { readonly type: "polygon"; readonly rings: Polygon }
  | { readonly type: "multipolygon"; readonly polygons: readonly Polygon[] }
  | { readonly type: "point"; readonly at: Point }
  | { readonly type: "line"; readonly points: readonly Point[] };
export type Annotation = z.infer<typeof annotationSchema>;
/** Smallest box around a geometry, level-0 px. */
export type Bbox = { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number };

/** The nearest grid value. */
export function onGrid(value: number): number {
  return Math.round(value * GRID) / GRID;
}

/** All polygons of a geometry; none for points and lines. */
export function polygonsOf(geometry: Geometry): readonly Polygon[] {
  if (geometry.type === "polygon") return [geometry.rings];
  if (geometry.type === "multipolygon") return geometry.polygons;
  return [];
}

/** Every vertex of a geometry in order, level-0 px. */
export function* verticesOf(geometry: Geometry): Generator<Point> {
  if (geometry.type === "point") yield geometry.at;
  else if (geometry.type === "line") yield* geometry.points;
  else for (const polygon of polygonsOf(geometry)) for (const ring of polygon) yield* ring;
}

/** A geometry made of these polygons: a plain polygon where there is one, a multipolygon where there are more. */
export function geometryOf(polygons: readonly Polygon[]): Geometry {
  const [first] = polygons;
  if (first === undefined) throw new Error("a geometry needs a polygon");
  return polygons.length === 1 ? { type: "polygon", rings: first } : { type: "multipolygon", polygons };
}

/** Whether two geometries have the same vertices in the same order. */
export function sameGeometry(a: Geometry, b: Geometry): boolean {
  if (a === b) return true;
  if (a.type === "point" && b.type === "point") return samePoint(a.at, b.at);
  if (a.type === "line" && b.type === "line") return samePath(a.points, b.points);
  if (a.type === "polygon" && b.type === "polygon") return samePolygon(a.rings, b.rings);
  if (a.type !== "multipolygon" || b.type !== "multipolygon") return false;
  return a.polygons.length === b.polygons.length && a.polygons.every((each, at) => samePolygon(each, b.polygons[at]));
}

function samePolygon(a: Polygon, b: Polygon = []): boolean {
  return a.length === b.length && a.every((ring, index) => samePath(ring, b[index] ?? []));
}

function samePath(a: readonly Point[], b: readonly Point[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!samePoint(a[index], b[index])) return false;
  return true;
}

function samePoint(a: Point | undefined, b: Point | undefined): boolean {
  return a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];
}

/** The same geometry with every coordinate on the grid; points that are on it already stay the same things. */
export function geometryOnGrid(geometry: Geometry): Geometry {
  const snap = (point: Point): Point => {
    const [x, y] = [onGrid(point[0]), onGrid(point[1])];
    return x === point[0] && y === point[1] ? point : [x, y];
  };
  const snapPolygon = (polygon: Polygon): Polygon => polygon.map((ring) => ring.map(snap));
  switch (geometry.type) {
    case "polygon":
      return { type: "polygon", rings: snapPolygon(geometry.rings) };
    case "multipolygon":
      return { type: "multipolygon", polygons: geometry.polygons.map(snapPolygon) };
    case "point":
      return { type: "point", at: snap(geometry.at) };
    case "line":
      return { type: "line", points: geometry.points.map(snap) };
    default:
      return geometry satisfies never;
  }
}

/**
 * The text that a content hash is taken of: class, geometry and attributes in one fixed spelling.
 * Two annotations have the same text exactly if a person who judged one has judged the other.
 * The note and the guideline stamp are not part of it.
 */
export function canonicalContent(annotation: Pick<Annotation, "classId" | "geometry" | "attributes">): string {
  const attributes = Object.entries(annotation.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([annotation.classId, geometryOnGrid(annotation.geometry), attributes]);
}
