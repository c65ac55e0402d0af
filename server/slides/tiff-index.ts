import type { ByteFile } from "./byte-file.ts";
import { SlideError } from "./slide-source.ts";

export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  documentName: 269,
  description: 270,
  make: 271,
  model: 272,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  pageName: 285,
  resolutionUnit: 296,
  software: 305,
  dateTime: 306,
  artist: 315,
  hostComputer: 316,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  sampleFormat: 339,
  jpegTables: 347,
  xmp: 700,
  copyright: 33432,
  hamamatsuFormat: 65420,
} as const;

/** One entry of a directory; `at` is where its value starts in the file. */
export type TiffField = { readonly type: number; readonly count: number; readonly at: number };
export type TiffDirectory = {
  readonly fields: ReadonlyMap<number, TiffField>;
  /** Directories named by the SubIFDs tag, one level deep. */
  readonly children: readonly TiffDirectory[];
};
export type TiffIndex = {
  readonly file: ByteFile;
  readonly littleEndian: boolean;
  readonly big: boolean;
  readonly directories: readonly TiffDirectory[];
};

const MAX_DIRECTORIES = 1_024;
const MAX_ENTRIES = 1_024;
const MAX_CHILDREN = 64;
/** 8 million tiles of 256 px are a slide of 700,000 px a side. */
const MAX_OFFSETS = 8_000_000;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const MAX_JPEG_TABLES = 65_536;
const MAX_SCALARS = 64;

/** Bytes of one value by TIFF field type. Source: TIFF 6.0, section 2; BigTIFF adds 16 to 18. */
const TYPE_BYTES: ReadonlyMap<number, number> = new Map([
  ...([1, 2, 6, 7] as const).map((type) => [type, 1] as const),
  ...([3, 8] as const).map((type) => [type, 2] as const),
  ...([4, 9, 11, 13] as const).map((type) => [type, 4] as const),
  ...([5, 10, 12, 16, 17, 18] as const).map((type) => [type, 8] as const),
]);

const KNOWN_TAGS = new Set<number>(Object.values(TAG));
const OFFSET_TAGS = new Set<number>([TAG.tileOffsets, TAG.tileByteCounts, TAG.stripOffsets, TAG.stripByteCounts]);
const TEXT_TAGS = new Set<number>([
  TAG.description,
  TAG.xmp,
  TAG.make,
  TAG.model,
  TAG.software,
  TAG.documentName,
  TAG.pageName,
  TAG.dateTime,
  TAG.artist,
  TAG.hostComputer,
  TAG.copyright,
]);

/**
 * The chain of directories of a classic or BigTIFF file, checked before anything is decoded: no cycle, every value inside
 * the file, every count bounded. Values are not read yet.
 * @throws SlideError slide-damaged, or slide-unsupported where a count is beyond what this product reads
 */
export async function readTiffIndex(file: ByteFile): Promise<TiffIndex> {
  const head = await file.read(0, Math.min(16, file.size));
  const littleEndian = head[0] === 0x49;
  const view = viewOf(head);
  if (head.length < 8) throw damaged("the header is cut off", { size: file.size });
  const big = view.getUint16(2, littleEndian) === 43;
  if (big && head.length < 16) throw damaged("the header is cut off", { size: file.size });
  const walk: Walk = { file, littleEndian, big, visited: new Set() };
  const directories: TiffDirectory[] = [];
  let next = big ? readOffset(view, 8, littleEndian) : view.getUint32(4, littleEndian);
  while (next !== 0) {
    const { directory, following } = await readDirectory(walk, next);
    directories.push({ ...directory, children: await readChildren(walk, directory) });
    next = following;
  }
  if (directories.length === 0) throw damaged("it holds no image");
  return { file, littleEndian, big, directories };
}

/** Values of a field as numbers; rationals as quotients. Empty where the directory has no such field. */
export async function readNumbers(index: TiffIndex, directory: TiffDirectory, tag: number): Promise<Float64Array> {
  const field = directory.fields.get(tag);
  return field === undefined ? new Float64Array() : readFieldNumbers(index, field);
}

/** First value of a field, or the given default where the directory has no such field. */
export async function readNumber<Default>(
  index: TiffIndex,
  directory: TiffDirectory,
  tag: number,
  otherwise: Default,
): Promise<number | Default> {
  return (await readNumbers(index, directory, tag))[0] ?? otherwise;
}

/** Bytes of a field as they are, null where the directory has no such field. */
export async function readBytes(index: TiffIndex, directory: TiffDirectory, tag: number): Promise<Uint8Array | null> {
  const field = directory.fields.get(tag);
  return field === undefined ? null : index.file.read(field.at, fieldBytes(field));
}

/** Text of a field without its closing zeros, null where the directory has no such field. */
export async function readText(index: TiffIndex, directory: TiffDirectory, tag: number): Promise<string | null> {
  const bytes = await readBytes(index, directory, tag);
  return bytes === null ? null : new TextDecoder("utf-8").decode(bytes).replace(/\0+$/, "");
}

type Walk = Pick<TiffIndex, "file" | "littleEndian" | "big"> & { readonly visited: Set<number> };
type Entries = { readonly directory: Omit<TiffDirectory, "children">; readonly following: number };

async function readDirectory(walk: Walk, at: number): Promise<Entries> {
  if (walk.visited.has(at)) throw damaged("its directories form a circle", { at });
  if (walk.visited.size >= MAX_DIRECTORIES) {
    throw new SlideError("slide-unsupported", `it holds more than ${MAX_DIRECTORIES} images`);
  }
  walk.visited.add(at);
  const { file, littleEndian, big } = walk;
  const countBytes = big ? 8 : 2;
  const countView = viewOf(await file.read(at, countBytes));
  const count = big ? readOffset(countView, 0, littleEndian) : countView.getUint16(0, littleEndian);
  if (count < 1 || count > MAX_ENTRIES) throw damaged("a directory has an impossible number of entries", { at, count });
  const entryBytes = big ? 20 : 12;
  const view = viewOf(await file.read(at + countBytes, count * entryBytes + (big ? 8 : 4)));
  const fields = new Map<number, TiffField>();
  for (let entry = 0; entry < count; entry++) {
    const tag = view.getUint16(entry * entryBytes, littleEndian);
    if (!KNOWN_TAGS.has(tag)) continue;
    fields.set(tag, readEntry(walk, view, entry * entryBytes, at + countBytes, tag));
  }
  const end = count * entryBytes;
  return {
    directory: { fields },
    following: big ? readOffset(view, end, littleEndian) : view.getUint32(end, littleEndian),
  };
}

function readEntry(walk: Walk, view: DataView<ArrayBuffer>, entry: number, base: number, tag: number): TiffField {
  const { littleEndian, big, file } = walk;
  const type = view.getUint16(entry + 2, littleEndian);
  const count = big ? readOffset(view, entry + 4, littleEndian) : view.getUint32(entry + 4, littleEndian);
  const valueAt = entry + (big ? 12 : 8);
  const size = TYPE_BYTES.get(type);
  if (size === undefined) throw damaged("a field has an unknown type", { tag, type });
  if (count < 1 || count > maxCount(tag)) throw damaged("a field has an impossible count", { tag, count });
  const inline = count * size <= (big ? 8 : 4);
  const pointer = big ? readOffset(view, valueAt, littleEndian) : view.getUint32(valueAt, littleEndian);
  const at = inline ? base + valueAt : pointer;
  if (at + count * size > file.size) {
    throw damaged("it ends before its directory says so; it may be cut off", { tag, at, size: file.size });
  }
  return { type, count, at };
}

function maxCount(tag: number): number {
  if (OFFSET_TAGS.has(tag)) return MAX_OFFSETS;
  if (TEXT_TAGS.has(tag)) return MAX_TEXT_BYTES;
  if (tag === TAG.jpegTables) return MAX_JPEG_TABLES;
  return tag === TAG.subIfds ? MAX_CHILDREN : MAX_SCALARS;
}

async function readChildren(walk: Walk, directory: Omit<TiffDirectory, "children">): Promise<TiffDirectory[]> {
  const field = directory.fields.get(TAG.subIfds);
  if (field === undefined) return [];
  const children: TiffDirectory[] = [];
  for (const at of await readFieldNumbers(walk, field)) {
    children.push({ ...(await readDirectory(walk, at)).directory, children: [] });
  }
  return children;
}

async function readFieldNumbers(
  source: Pick<TiffIndex, "file" | "littleEndian">,
  field: TiffField,
): Promise<Float64Array> {
  const view = viewOf(await source.file.read(field.at, fieldBytes(field)));
  const values = new Float64Array(field.count);
  const size = TYPE_BYTES.get(field.type) ?? 1;
  for (let index = 0; index < field.count; index++) {
    values[index] = readValue(view, index * size, field.type, source.littleEndian);
  }
  return values;
}

function readValue(view: DataView<ArrayBuffer>, at: number, type: number, littleEndian: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, littleEndian);
    case 4:
    case 13:
      return view.getUint32(at, littleEndian);
    case 5:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case 11:
      return view.getFloat32(at, littleEndian);
    case 12:
      return view.getFloat64(at, littleEndian);
    case 16:
    case 18:
      return readOffset(view, at, littleEndian);
    case 1:
    case 2:
    case 7:
      return view.getUint8(at);
    default:
      throw damaged("a number is stored in a type that it cannot have", { type });
  }
}

function readOffset(view: DataView<ArrayBuffer>, at: number, littleEndian: boolean): number {
  const value = view.getBigUint64(at, littleEndian);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged("an offset lies beyond any file");
  return Number(value);
}

function fieldBytes(field: TiffField): number {
  return field.count * (TYPE_BYTES.get(field.type) ?? 1);
}

function viewOf(bytes: Uint8Array): DataView<ArrayBuffer> {
  return new DataView(bytes.slice().buffer);
}

function damaged(problem: string, values: Readonly<Record<string, unknown>> = {}): SlideError {
  return new SlideError("slide-damaged", problem, values);
}
