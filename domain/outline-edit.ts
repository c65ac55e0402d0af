import { GRID, MAX_VERTICES, type Point, type Polygon, polygonsOf, type Ring } from "./annotation.ts";
import {
  type AnnotationContent,
  decodeRecord,
  gridStep,
  MAX_PARTS,
  type Pen,
  readContent,
  readCount,
  readPoint,
  readUnknown,
  writeContent,
  writeCount,
  writePoint,
  writeUnknown,
} from "./annotation-record.ts";
import { ByteReader, ByteWriter, LayerDocError, sameBytes } from "./bytes.ts";
import { type AnnotationId, ID_PATTERN } from "./ids.ts";

/** First byte of an edit of an outline by areas. */
export const EDIT_FORMAT = 2;
/** An outline that more sessions than this have edited gets a fresh record, and the count starts again. */
export const MAX_SEEN = 32;
/** How many earlier shapes an edit carries: the one it began from, and one that the edits which it took in began from. */
export const MAX_STAGES = 2;
/** A run of vertices shorter than this takes fewer bytes when it is written out. */
const MIN_RUN = 3;

/** Which edits a shape holds: of each Yjs client the last one, by the client's clock after it. */
export type Seen = ReadonlyMap<number, number>;
/** A shape as it stood when these edits had been seen. */
export type Stage = { readonly seen: Seen; readonly polygons: readonly Polygon[] };
/**
 * What one session's edits made of an outline: the whole shape, and the earlier shapes from which the areas that were
 * added and removed follow. `root` names the plain record that all of it grew from: the checksum of its bytes.
 */
export type OutlineEdit = AnnotationContent & {
  readonly root: number;
  readonly seen: Seen;
  readonly stages: readonly Stage[];
};
/** A record or an edit as far as it must be read to be shown; the stages stay bytes until a merge asks for them. */
export type OutlineVersion = AnnotationContent & {
  readonly root: number;
  readonly seen: Seen;
  readonly stageBytes: Uint8Array | null;
};

/** Where a session keeps its edit of an outline. */
export function editKey(id: AnnotationId, client: number): string {
  return `${id}/${client.toString(36)}`;
}

/** The annotation that an edit's key names, or null where it is no such key. */
export function editedAnnotation(key: string): AnnotationId | null {
  const [id = "", client = ""] = key.split("/", 2);
  const number = Number.parseInt(client, 36);
  const named = ID_PATTERN.test(id) && number <= 0xffffffff && key === `${id}/${number.toString(36)}`;
  return named ? (id as AnnotationId) : null;
}

/** @throws LayerDocError where a field is out of its bounds, or the geometry has no area */
export function encodeEdit(edit: OutlineEdit): Uint8Array {
  const polygons = polygonsOf(edit.geometry);
  if (polygons.length === 0) throw new LayerDocError("outline-malformed", { type: edit.geometry.type });
  const writer = new ByteWriter();
  writer.byte(EDIT_FORMAT);
  writer.uint(edit.root);
  writeSeen(writer, edit.seen);
  writeContent(writer, edit);
  const stages = new ByteWriter();
  writeCount(stages, edit.stages.length, 1, MAX_STAGES);
  for (const stage of edit.stages) writeStage(stages, stage, edit);
  writer.block(stages.bytes());
  writeUnknown(writer, edit);
  return writer.bytes();
}

/** Reads an edit without its stages. @throws LayerDocError `record-newer` or what is wrong */
export function decodeEdit(bytes: Uint8Array): OutlineVersion {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  if (format > EDIT_FORMAT) throw new LayerDocError("record-newer", { format });
  if (format !== EDIT_FORMAT) throw new LayerDocError("record-malformed", { format });
  const root = reader.uint();
  const seen = readSeen(reader);
  const content = readContent(reader);
  if (seen.size === 0) throw new LayerDocError("record-malformed", { seen: 0 });
  if (polygonsOf(content.geometry).length === 0) {
    throw new LayerDocError("outline-malformed", { type: content.geometry.type });
  }
  const stageBytes = reader.block(bytes.length);
  return { ...content, ...readUnknown(reader), root, seen, stageBytes };
}

/** A plain record, or an edit that stands in its place. @throws LayerDocError as `decodeEdit` */
export function decodeVersion(bytes: Uint8Array): OutlineVersion {
  if (bytes[0] === EDIT_FORMAT) return decodeEdit(bytes);
  return { ...decodeRecord(bytes), root: checksum(bytes), seen: new Map(), stageBytes: null };
}

/** What an annotation's record says, whichever of the two forms it has. @throws LayerDocError as `decodeEdit` */
export function decodeContent(bytes: Uint8Array): AnnotationContent {
  if (bytes[0] !== EDIT_FORMAT) return decodeRecord(bytes);
  const { root, seen, stageBytes, ...content } = decodeEdit(bytes);
  return content;
}

/** The earlier shapes that a version carries, the latest first. @throws LayerDocError */
export function stagesOf(version: OutlineVersion): readonly Stage[] {
  if (version.stageBytes === null) return [];
  const reader = new ByteReader(version.stageBytes);
  const rings = polygonsOf(version.geometry).flat();
  const count = readCount(reader, 1, MAX_STAGES);
  const stages = Array.from({ length: count }, () => readStage(reader, version.seen, rings));
  reader.end();
  return stages;
}

/**
 * Reads an edit strictly: every byte is the one that `encodeEdit` would have written.
 * @throws LayerDocError as `decodeEdit`
 */
export function checkEdit(bytes: Uint8Array): OutlineEdit {
  const version = decodeEdit(bytes);
  const edit = { ...version, stages: stagesOf(version) };
  if (!sameBytes(encodeEdit(edit), bytes)) {
    throw new LayerDocError("record-malformed", { stages: edit.stages.length });
  }
  return edit;
}

/** Whether everything of the first has been seen in the second. */
export function within(first: Seen, second: Seen): boolean {
  for (const [client, clock] of first) if (clock > (second.get(client) ?? 0)) return false;
  return true;
}

/** FNV-1a of 32 bits. Source: Fowler, Noll and Vo, draft-eastlake-fnv. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function writeSeen(writer: ByteWriter, seen: Seen): void {
  if (seen.size > MAX_SEEN) throw new LayerDocError("record-malformed", { seen: seen.size });
  writer.uint(seen.size);
  for (const [client, clock] of [...seen].sort(([a], [b]) => a - b)) {
    writer.uint(client);
    writer.uint(clock);
  }
}

function readSeen(reader: ByteReader): Seen {
  const count = reader.uint();
  if (count > MAX_SEEN) throw new LayerDocError("record-malformed", { seen: count });
  const seen = new Map<number, number>();
  let last = -1;
  for (let index = 0; index < count; index++) {
    const [client, clock] = [reader.uint(), reader.uint()];
    if (client <= last || clock === 0) throw new LayerDocError("record-malformed", { client, clock });
    seen.set(client, clock);
    last = client;
  }
  return seen;
}

/** An earlier shape shares most of its outline with the later one, so that only what differs is written out. */
function writeStage(writer: ByteWriter, { seen, polygons }: Stage, edit: OutlineEdit): void {
  if (!within(seen, edit.seen)) throw new LayerDocError("record-malformed", { stage: "not seen" });
  writeSeen(writer, seen);
  const places = placesOf(polygonsOf(edit.geometry).flat());
  const pen: Pen = { x: 0, y: 0, vertices: 0 };
  writeCount(writer, polygons.length, 1, MAX_PARTS);
  for (const rings of polygons) {
    writeCount(writer, rings.length, 1, MAX_PARTS);
    for (const ring of rings) writeRing(writer, ring, places, pen);
  }
}

function readStage(reader: ByteReader, edited: Seen, later: readonly Ring[]): Stage {
  const seen = readSeen(reader);
  if (!within(seen, edited)) throw new LayerDocError("record-malformed", { stage: "not seen" });
  const pen: Pen = { x: 0, y: 0, vertices: 0 };
  const count = readCount(reader, 1, MAX_PARTS);
  const polygons = Array.from({ length: count }, () => {
    const rings = readCount(reader, 1, MAX_PARTS);
    return Array.from({ length: rings }, () => readRing(reader, later, pen));
  });
  return { seen, polygons };
}

type Places = {
  readonly rings: readonly Ring[];
  readonly at: ReadonlyMap<string, readonly [ring: number, at: number]>;
};

function placesOf(rings: readonly Ring[]): Places {
  const at = new Map<string, readonly [number, number]>();
  for (const [ring, points] of rings.entries()) {
    for (const [index, point] of points.entries()) if (!at.has(nameOf(point))) at.set(nameOf(point), [ring, index]);
  }
  return { rings, at };
}

type Run = { readonly start: number; readonly length: number; readonly ring: number; readonly at: number };

/** A ring as its longest run of vertices that the later shape has too, and the rest. */
function writeRing(writer: ByteWriter, ring: Ring, places: Places, pen: Pen): void {
  const run = longestRun(ring, places);
  const [start, length] = run === null ? [0, 0] : [run.start, run.length];
  writer.uint(run === null ? 0 : run.ring + 1);
  if (run !== null) {
    writer.uint(run.at);
    writer.uint(length);
    writer.uint((ring.length - start) % ring.length);
    putPen(pen, ring[(start + length - 1) % ring.length], length);
  }
  const rest = Array.from({ length: ring.length - length }, (_, index) => ring[(start + length + index) % ring.length]);
  writeCount(writer, rest.length, Math.max(0, 3 - length), MAX_VERTICES - pen.vertices);
  for (const point of rest) if (point !== undefined) writePoint(writer, point, pen);
}

function readRing(reader: ByteReader, later: readonly Ring[], pen: Pen): Ring {
  const points: Point[] = [];
  let turn = 0;
  const place = reader.uint();
  if (place > 0) {
    const ring = later[place - 1];
    const [at, length] = [reader.uint(), reader.uint()];
    turn = reader.uint();
    const fits = ring !== undefined && at < ring.length && length <= ring.length;
    if (!fits || length < MIN_RUN || pen.vertices + length > MAX_VERTICES) {
      throw new LayerDocError("outline-malformed", { run: [place, at, length] });
    }
    for (let index = 0; index < length; index++) points.push(ring[(at + index) % ring.length] ?? [0, 0]);
    putPen(pen, points.at(-1), length);
  }
  const rest = readCount(reader, Math.max(0, 3 - points.length), MAX_VERTICES - pen.vertices);
  for (let index = 0; index < rest; index++) points.push(readPoint(reader, pen));
  if (turn >= points.length) throw new LayerDocError("outline-malformed", { turn });
  return turn === 0 ? points : [...points.slice(turn), ...points.slice(0, turn)];
}

/** The longest run of vertices, over the ring's end too, that follow each other in one ring of the later shape. */
function longestRun(ring: Ring, { rings, at }: Places): Run | null {
  let best: Run | null = null;
  for (let start = 0; start < ring.length; ) {
    const point = ring[start];
    const [place, index] = (point && at.get(nameOf(point))) ?? [-1, 0];
    const other = rings[place];
    const length = other === undefined ? 0 : commonLength(ring, start, other, index);
    if (length >= MIN_RUN && length > (best?.length ?? 0)) best = { start, length, ring: place, at: index };
    start += Math.max(1, length);
  }
  return best;
}

function commonLength(ring: Ring, start: number, other: Ring, at: number): number {
  const most = Math.min(ring.length, other.length);
  let length = 0;
  while (length < most) {
    const [one, two] = [ring[(start + length) % ring.length], other[(at + length) % other.length]];
    if (one === undefined || two === undefined || !samePlace(one, two)) break;
    length += 1;
  }
  return length;
}

function putPen(pen: Pen, point: Point | undefined, vertices: number): void {
  if (point === undefined) return;
  [pen.x, pen.y] = [gridStep(point[0]), gridStep(point[1])];
  pen.vertices += vertices;
}

function samePlace(a: Point, b: Point): boolean {
  return step(a[0]) === step(b[0]) && step(a[1]) === step(b[1]);
}

function nameOf([x, y]: Point): string {
  return `${step(x)},${step(y)}`;
}

function step(value: number): number {
  return Math.round(value * GRID);
}
