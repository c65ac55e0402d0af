import { open, rename, rm } from "node:fs/promises";
import { encodeJpeg } from "./jpeg-encode.ts";
import { cutSquare, halveRgb, pasteRgb, type Rgb } from "./pixels.ts";
import { concordDescription } from "./tiff-description.ts";
import { TAG } from "./tiff-index.ts";

export type PyramidShape = {
  readonly width: number;
  readonly height: number;
  /** Square tiles; a multiple of 16 as TIFF demands. */
  readonly tileSize: number;
  readonly mpp: number | null;
  readonly objective: number | null;
  readonly quality: number;
};

/**
 * A tiled pyramidal BigTIFF written from top to bottom: levels are halved on the way and only one row of tiles per level is
 * held. The file appears under its name when it is complete.
 */
export type PyramidWriter = {
  /** The next rows of level 0: as many as a tile is high, fewer only at the end. */
  push(rows: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Gives up and leaves nothing behind. */
  abort(): Promise<void>;
};

/** The coarsest level fits into one tile of this many px or less on its long side. */
const COARSEST_PX = 512;
const HEADER_BYTES = 16;
/** TIFF field types. */
const [ASCII, SHORT, LONG, RATIONAL, LONG8] = [2, 3, 4, 5, 16];

export async function openPyramidWriter(path: string, shape: PyramidShape): Promise<PyramidWriter> {
  const part = `${path}.part`;
  const file = await open(part, "w");
  const out: Output = { file, at: HEADER_BYTES, shape };
  const levels = planLevels(shape);
  const abort = async (): Promise<void> => {
    await file.close();
    await rm(part, { force: true });
  };
  return {
    push: (rows) => pushRows(out, levels, 0, rows),
    async finish() {
      await flushLevels(out, levels);
      await writeDirectories(out, levels);
      await file.sync();
      await file.close();
      await rename(part, path);
    },
    abort,
  };
}

type Output = {
  readonly file: Awaited<ReturnType<typeof open>>;
  at: number;
  readonly shape: PyramidShape;
};

type WritingLevel = {
  readonly width: number;
  readonly height: number;
  readonly offsets: number[];
  readonly lengths: number[];
  /** Rows that wait for a full row of tiles. */
  readonly pending: Uint8Array;
  pendingRows: number;
};

function planLevels({ width, height, tileSize }: PyramidShape): WritingLevel[] {
  const levels: WritingLevel[] = [];
  let size = { width, height };
  while (true) {
    const pending = new Uint8Array(size.width * tileSize * 3);
    levels.push({ ...size, offsets: [], lengths: [], pending, pendingRows: 0 });
    if (Math.max(size.width, size.height) <= COARSEST_PX) return levels;
    size = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
  }
}

/** Takes rows into a level; each full row of tiles is written, halved and handed to the next level. */
async function pushRows(out: Output, levels: readonly WritingLevel[], number: number, rows: Uint8Array): Promise<void> {
  const level = levels[number];
  if (level === undefined) return;
  const height = rows.length / (level.width * 3);
  if (level.pendingRows + height > out.shape.tileSize)
    throw new Error("rows must come in the height of a tile or a part");
  pasteRgb({ pixels: rows, width: level.width, height }, level.pending, level.width, 0, level.pendingRows);
  level.pendingRows += height;
  if (level.pendingRows === out.shape.tileSize) await writeTileRow(out, levels, number);
}

async function flushLevels(out: Output, levels: readonly WritingLevel[]): Promise<void> {
  for (const [number, level] of levels.entries()) {
    if (level.pendingRows > 0) await writeTileRow(out, levels, number);
  }
}

async function writeTileRow(out: Output, levels: readonly WritingLevel[], number: number): Promise<void> {
  const level = levels[number];
  if (level === undefined) return;
  const { tileSize, quality } = out.shape;
  const strip: Rgb = { pixels: level.pending, width: level.width, height: level.pendingRows };
  const columns = Math.ceil(level.width / tileSize);
  const tiles = await Promise.all(
    Array.from({ length: columns }, (_, column) => encodeSquare(strip, column * tileSize, tileSize, quality)),
  );
  for (const tile of tiles) {
    level.offsets.push(out.at);
    level.lengths.push(tile.length);
    out.at += tile.length;
  }
  await out.file.write(Buffer.concat(tiles), 0, undefined, level.offsets.at(-columns));
  const half = halveRgb(level.pending, level.width, level.width, level.pendingRows);
  level.pendingRows = 0;
  await pushRows(out, levels, number + 1, half.pixels);
}

function encodeSquare(strip: Rgb, left: number, side: number, quality: number): Promise<Uint8Array> {
  return encodeJpeg({ pixels: cutSquare(strip, left, 0, side), width: side, height: side }, { quality });
}

type Field = { readonly tag: number; readonly type: number; readonly count: number; readonly value: Buffer };

/** Directories after the tiles, chained finest first; then the header that points at the first. */
async function writeDirectories(out: Output, levels: readonly WritingLevel[]): Promise<void> {
  out.at = aligned(out.at);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("II", 0, "latin1");
  header.writeUInt16LE(43, 2);
  header.writeUInt16LE(8, 4);
  header.writeBigUInt64LE(BigInt(out.at), 8);
  for (const [number, level] of levels.entries()) {
    const last = number === levels.length - 1;
    const bytes = directoryBytes(fieldsOf(level, out.shape, number), out.at, last);
    await out.file.write(bytes, 0, undefined, out.at);
    out.at += bytes.length;
  }
  await out.file.write(header, 0, undefined, 0);
}

function fieldsOf(level: WritingLevel, shape: PyramidShape, number: number): Field[] {
  const longs = (tag: number, value: number): Field => numbers(tag, LONG, [value]);
  const shorts = (tag: number, ...values: number[]): Field => numbers(tag, SHORT, values);
  const scale = 2 ** number;
  const fields = [
    longs(TAG.subfileType, number === 0 ? 0 : 1),
    longs(TAG.width, level.width),
    longs(TAG.height, level.height),
    shorts(TAG.bitsPerSample, 8, 8, 8),
    shorts(TAG.compression, 7),
    shorts(TAG.photometric, 6),
    shorts(TAG.samplesPerPixel, 3),
    shorts(TAG.planarConfiguration, 1),
    shorts(TAG.tileWidth, shape.tileSize),
    shorts(TAG.tileHeight, shape.tileSize),
    numbers(TAG.tileOffsets, LONG8, level.offsets),
    numbers(TAG.tileByteCounts, LONG8, level.lengths),
    shorts(YCBCR_SUBSAMPLING, 2, 2),
  ];
  if (shape.mpp !== null) {
    const perCm = Math.round((10_000 / (shape.mpp * scale)) * 1_000);
    fields.push(rational(TAG.xResolution, perCm, 1_000), rational(TAG.yResolution, perCm, 1_000));
    fields.push(shorts(TAG.resolutionUnit, 3));
  }
  if (number === 0) fields.push(text(TAG.description, concordDescription(shape.mpp, shape.objective)));
  return fields.sort((a, b) => a.tag - b.tag);
}

const YCBCR_SUBSAMPLING = 530;

/** Readers of the format may ask that values start on a word. */
function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}

function numbers(tag: number, type: number, values: readonly number[]): Field {
  const size = type === SHORT ? 2 : type === LONG ? 4 : 8;
  const value = Buffer.alloc(values.length * size);
  for (const [index, number] of values.entries()) {
    if (size === 2) value.writeUInt16LE(number, index * size);
    else if (size === 4) value.writeUInt32LE(number, index * size);
    else value.writeBigUInt64LE(BigInt(number), index * size);
  }
  return { tag, type, count: values.length, value };
}

function rational(tag: number, numerator: number, denominator: number): Field {
  const value = Buffer.alloc(8);
  value.writeUInt32LE(numerator, 0);
  value.writeUInt32LE(denominator, 4);
  return { tag, type: RATIONAL, count: 1, value };
}

function text(tag: number, content: string): Field {
  const value = Buffer.from(`${content}\0`, "utf8");
  return { tag, type: ASCII, count: value.length, value };
}

/** One BigTIFF directory that starts at `at`: entries, then the values that do not fit into them. */
function directoryBytes(fields: readonly Field[], at: number, last: boolean): Buffer {
  const entryBytes = 20;
  const fixed = aligned(8 + fields.length * entryBytes + 8);
  const linkAt = 8 + fields.length * entryBytes;
  const outside = fields.filter(({ value }) => value.length > 8);
  const length = fixed + outside.reduce((sum, { value }) => sum + aligned(value.length), 0);
  const bytes = Buffer.alloc(length);
  bytes.writeBigUInt64LE(BigInt(fields.length), 0);
  let valueAt = fixed;
  for (const [index, { tag, type, count, value }] of fields.entries()) {
    const entry = 8 + index * entryBytes;
    bytes.writeUInt16LE(tag, entry);
    bytes.writeUInt16LE(type, entry + 2);
    bytes.writeBigUInt64LE(BigInt(count), entry + 4);
    if (value.length <= 8) value.copy(bytes, entry + 12);
    else {
      bytes.writeBigUInt64LE(BigInt(at + valueAt), entry + 12);
      value.copy(bytes, valueAt);
      valueAt += aligned(value.length);
    }
  }
  bytes.writeBigUInt64LE(BigInt(last ? 0 : at + length), linkAt);
  return bytes;
}
