import {
  type Annotation,
  type Geometry,
  GRID,
  MAX_COORDINATE,
  MAX_NOTE_LENGTH,
  MAX_VERTICES,
  type Point,
  type Polygon,
  type Ring,
} from "./annotation.ts";
import { ByteReader, ByteWriter, LayerDocError } from "./bytes.ts";
import { type ClassId, ID_PATTERN } from "./ids.ts";

/**
 * The layout of a layer's document that this code writes. It is raised when code of the number before could lose
 * something of what is written now; who writes an older one than the server takes only looks until it is reloaded.
 */
export const LAYOUT_VERSION = 1;
/** First byte of a plain record. A reader keeps records of a newer format and shows them as unreadable. */
export const RECORD_FORMAT = 1;
export const MAX_ATTRIBUTES = 64;
const MAX_UNKNOWN_FIELDS = 32;
const MAX_UNKNOWN_BYTES = 4_096;
/** Polygons of a geometry, and rings of a polygon. */
export const MAX_PARTS = 10_000;
/** Field counts of the geometry kinds, in the order of their number on the wire; never reordered. */
const KINDS = ["polygon", "multipolygon", "point", "line"] as const;

/** What may be changed after an annotation was drawn, without touching its geometry. */
export type AnnotationMarks = Pick<Annotation, "classId" | "under" | "attributes" | "note"> & {
  /** In the order of their numbers; left out where there is none. */
  readonly unknown?: readonly UnknownField[];
};
/** A whole annotation without its id, which is the key it is stored under. */
export type AnnotationContent = AnnotationMarks & { readonly geometry: Geometry };

/** A field of a newer client that this code does not know: kept as it is, whatever else is edited. */
export type UnknownField = { readonly field: number; readonly bytes: Uint8Array };

/**
 * The immutable record of an annotation: format, class, guideline version, geometry as zig-zag deltas on the
 * 1/64 px grid, attributes in key order, note, and the fields of newer clients. Equal annotations have equal bytes.
 * @throws LayerDocError where a field is out of its bounds
 */
export function encodeRecord(content: AnnotationContent): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(RECORD_FORMAT);
  writeContent(writer, content);
  writeUnknown(writer, content);
  return writer.bytes();
}

/**
 * @throws LayerDocError `record-newer` for a format this code does not know, otherwise the code of what is wrong;
 * bytes left over, texts that are not UTF-8 and numbers in a longer spelling than needed are wrong too
 */
export function decodeRecord(bytes: Uint8Array): AnnotationContent {
  const reader = readerOf(bytes);
  return { ...readContent(reader), ...readUnknown(reader) };
}

/** Everything of a record after its format. @throws LayerDocError where a field is out of its bounds */
export function writeContent(writer: ByteWriter, content: AnnotationContent): void {
  writeClass(writer, content);
  writeGeometry(writer, content.geometry);
  writeText(writer, content);
}

/** Reads what `writeContent` wrote. @throws LayerDocError as `decodeRecord` */
export function readContent(reader: ByteReader): AnnotationContent {
  const { classId, under } = readClass(reader);
  const geometry = readGeometry(reader);
  const { attributes, note } = readText(reader);
  return { classId, under, geometry, attributes, note };
}

/** The record of what was changed after drawing. @throws LayerDocError where a field is out of its bounds */
export function encodeMarks(marks: AnnotationMarks): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(RECORD_FORMAT);
  writeClass(writer, marks);
  writeText(writer, marks);
  writeUnknown(writer, marks);
  return writer.bytes();
}

/** @throws LayerDocError as `decodeRecord` */
export function decodeMarks(bytes: Uint8Array): AnnotationMarks {
  const reader = readerOf(bytes);
  const { classId, under } = readClass(reader);
  const { attributes, note } = readText(reader);
  return { classId, under, attributes, note, ...readUnknown(reader) };
}

/** An annotation with what was changed afterwards; of the fields of newer clients the later ones count. */
export function withMarks(content: AnnotationContent, marks: AnnotationMarks | null): AnnotationContent {
  if (marks === null) return content;
  const fields = [...(content.unknown ?? []), ...(marks.unknown ?? [])];
  const unknown = [...new Map(fields.map((each) => [each.field, each])).values()];
  return { ...content, ...marks, ...(unknown.length > 0 && { unknown: unknown.sort((a, b) => a.field - b.field) }) };
}

/** Writes the fields of newer clients, up to the end of the bytes. @throws LayerDocError where they are too large */
export function writeUnknown(writer: ByteWriter, { unknown = [] }: Pick<AnnotationMarks, "unknown">): void {
  checkUnknown(unknown);
  for (const { field, bytes } of unknown) {
    writer.uint(field);
    writer.block(bytes);
  }
}

/** Reads the fields of newer clients, up to the end of the bytes. @throws LayerDocError */
export function readUnknown(reader: ByteReader): Pick<AnnotationMarks, "unknown"> {
  const unknown: UnknownField[] = [];
  while (reader.left > 0) {
    unknown.push({ field: reader.uint(), bytes: reader.block(MAX_UNKNOWN_BYTES).slice() });
    if (unknown.length > MAX_UNKNOWN_FIELDS) break;
  }
  checkUnknown(unknown);
  return unknown.length === 0 ? {} : { unknown };
}

function checkUnknown(unknown: readonly UnknownField[]): void {
  const bytes = unknown.reduce((sum, each) => sum + each.bytes.length, 0);
  const inOrder = unknown.every(({ field }, index) => field > (unknown[index - 1]?.field ?? 0));
  if (unknown.length > MAX_UNKNOWN_FIELDS || bytes > MAX_UNKNOWN_BYTES || !inOrder) {
    throw new LayerDocError("record-malformed", { unknownFields: unknown.length, bytes });
  }
}

/** Past the format. @throws LayerDocError `record-newer` or `record-malformed` */
export function readerOf(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  if (format > RECORD_FORMAT) throw new LayerDocError("record-newer", { format });
  if (format !== RECORD_FORMAT) throw new LayerDocError("record-malformed", { format });
  return reader;
}

function writeClass(writer: ByteWriter, { classId, under }: Pick<Annotation, "classId" | "under">): void {
  checkClass(classId, under);
  writer.text(classId);
  writer.uint(under);
}

function readClass(reader: ByteReader): Pick<Annotation, "classId" | "under"> {
  const classId = reader.text(32);
  const under = reader.uint();
  checkClass(classId, under);
  return { classId: classId as ClassId, under };
}

function checkClass(classId: string, under: number): void {
  if (!ID_PATTERN.test(classId)) throw new LayerDocError("record-malformed", { classId });
  if (!Number.isInteger(under) || under < 1 || under > 0x7fffffff) {
    throw new LayerDocError("record-malformed", { under });
  }
}

function writeText(writer: ByteWriter, { attributes, note }: Pick<Annotation, "attributes" | "note">): void {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  checkAttributeCount(entries.length);
  writer.uint(entries.length);
  for (const [name, value] of entries) {
    checkAttribute(name, value);
    writer.text(name);
    writer.text(value);
  }
  checkNote(note);
  writer.text(note);
}

function readText(reader: ByteReader): Pick<Annotation, "attributes" | "note"> {
  const count = reader.uint();
  checkAttributeCount(count);
  const entries: [string, string][] = [];
  let previous = "";
  for (let index = 0; index < count; index++) {
    const name = reader.text(4 * 64);
    const value = reader.text(4 * 256);
    checkAttribute(name, value);
    if (index > 0 && name <= previous) throw new LayerDocError("record-malformed", { attributesOutOfOrder: index });
    previous = name;
    entries.push([name, value]);
  }
  const note = reader.text(4 * MAX_NOTE_LENGTH);
  checkNote(note);
  return { attributes: Object.fromEntries(entries), note };
}

function checkAttributeCount(count: number): void {
  if (count > MAX_ATTRIBUTES) throw new LayerDocError("record-malformed", { attributes: count });
}

/** Whether an attribute may be stored under this name. */
export function isAttributeName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && name !== "__proto__";
}

/** @throws LayerDocError where a name or a value is out of its bounds */
export function checkAttribute(name: string, value: string): void {
  if (!isAttributeName(name) || value.length > 256) {
    throw new LayerDocError("record-malformed", { attributeLength: [name.length, value.length] });
  }
}

function checkNote(note: string): void {
  if (note.length > MAX_NOTE_LENGTH) throw new LayerDocError("record-malformed", { noteLength: note.length });
}

/** The last vertex written or read, in grid steps, and how many there were. */
export type Pen = { x: number; y: number; vertices: number };

function writeGeometry(writer: ByteWriter, geometry: Geometry): void {
  const pen: Pen = { x: 0, y: 0, vertices: 0 };
  writer.byte(KINDS.indexOf(geometry.type));
  switch (geometry.type) {
    case "polygon":
      writePolygon(writer, geometry.rings, pen);
      break;
    case "multipolygon":
      writeCount(writer, geometry.polygons.length, 1, MAX_PARTS);
      for (const polygon of geometry.polygons) writePolygon(writer, polygon, pen);
      break;
    case "point":
      writePoint(writer, geometry.at, pen);
      break;
    case "line":
      writePoints(writer, geometry.points, 2, pen);
      break;
    default:
      geometry satisfies never;
  }
}

function readGeometry(reader: ByteReader): Geometry {
  const pen: Pen = { x: 0, y: 0, vertices: 0 };
  const kind = reader.byte();
  const type = KINDS[kind];
  switch (type) {
    case "polygon":
      return { type, rings: readPolygon(reader, pen) };
    case "multipolygon": {
      const count = readCount(reader, 1, MAX_PARTS);
      return { type, polygons: Array.from({ length: count }, () => readPolygon(reader, pen)) };
    }
    case "point":
      return { type, at: readPoint(reader, pen) };
    case "line":
      return { type, points: readPoints(reader, 2, pen) };
    default:
      throw new LayerDocError("outline-malformed", { kind });
  }
}

function writePolygon(writer: ByteWriter, rings: Polygon, pen: Pen): void {
  writeCount(writer, rings.length, 1, MAX_PARTS);
  for (const ring of rings) writePoints(writer, ring, 3, pen);
}

function readPolygon(reader: ByteReader, pen: Pen): Polygon {
  const count = readCount(reader, 1, MAX_PARTS);
  return Array.from({ length: count }, () => readPoints(reader, 3, pen));
}

function writePoints(writer: ByteWriter, points: Ring, least: number, pen: Pen): void {
  writeCount(writer, points.length, least, MAX_VERTICES - pen.vertices);
  for (const point of points) writePoint(writer, point, pen);
}

function readPoints(reader: ByteReader, least: number, pen: Pen): Ring {
  const count = readCount(reader, least, MAX_VERTICES - pen.vertices);
  return Array.from({ length: count }, () => readPoint(reader, pen));
}

/** A count within its bounds. @throws LayerDocError `outline-malformed` */
export function writeCount(writer: ByteWriter, count: number, least: number, most: number): void {
  if (count < least || count > most) throw new LayerDocError("outline-malformed", { count, least, most });
  writer.uint(count);
}

/** Reads a count of parts or vertices. @throws LayerDocError `outline-malformed` */
export function readCount(reader: ByteReader, least: number, most: number): number {
  const count = reader.uint();
  // Two bytes are the least that a vertex takes: a count beyond the bytes that are left asks for memory, not for an outline.
  if (count < least || count > most || count > reader.left) throw new LayerDocError("outline-malformed", { count });
  return count;
}

/** A vertex as its distance from the pen, which moves to it. @throws LayerDocError */
export function writePoint(writer: ByteWriter, [x, y]: Point, pen: Pen): void {
  const gridX = gridStep(x);
  const gridY = gridStep(y);
  writer.int(gridX - pen.x);
  writer.int(gridY - pen.y);
  [pen.x, pen.y] = [gridX, gridY];
  pen.vertices += 1;
}

/** Reads what `writePoint` wrote. @throws LayerDocError */
export function readPoint(reader: ByteReader, pen: Pen): Point {
  pen.x += reader.int();
  pen.y += reader.int();
  pen.vertices += 1;
  checkCoordinate(pen.x / GRID);
  checkCoordinate(pen.y / GRID);
  return [pen.x / GRID, pen.y / GRID];
}

/** A coordinate in grid steps. @throws LayerDocError */
export function gridStep(value: number): number {
  checkCoordinate(value);
  return Math.round(value * GRID) + 0;
}

function checkCoordinate(value: number): void {
  if (!Number.isFinite(value)) throw new LayerDocError("coordinates-not-finite", { value: String(value) });
  if (Math.abs(value) > MAX_COORDINATE) throw new LayerDocError("outline-malformed", { coordinate: value });
}
