import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { SlideError } from "./slide-source.ts";
import { COMPRESSION, type TiffImage } from "./tiff-image.ts";

const inflateBytes = promisify(inflate);

/** Compressions that are unpacked here; the rest is passed through or refused. */
const UNPACKED = new Set<number>([
  COMPRESSION.none,
  COMPRESSION.lzw,
  COMPRESSION.deflate,
  COMPRESSION.oldDeflate,
  COMPRESSION.packBits,
]);
const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;

/** Why tiles of this image cannot be shown, null where they can. */
export function unsupportedBecause(image: TiffImage): string | null {
  if (image.bits !== 8 || image.sampleFormat !== 1) return `its samples have ${image.bits} bits; 8 are read`;
  if (image.compression === COMPRESSION.jpeg) {
    return image.samples === 3 || image.samples === 1
      ? null
      : `its pixels have ${image.samples} samples; 1 or 3 are read`;
  }
  if (image.compression === COMPRESSION.jpeg2000Rgb || image.compression === COMPRESSION.jpeg2000YCbCr) {
    return "its tiles are JPEG 2000, which is not read yet";
  }
  if (!UNPACKED.has(image.compression))
    return `its tiles are compressed by a method (${image.compression}) that is not read`;
  if (image.planar !== 1 && image.samples > 1) return "its colours are stored in separate planes";
  if (![WHITE_IS_ZERO, BLACK_IS_ZERO, RGB].includes(image.photometric)) {
    return `its colours are coded in a way (${image.photometric}) that is not read`;
  }
  if (image.samples > 4) return `its pixels have ${image.samples} samples; up to 4 are read`;
  return image.predictor === 1 || image.predictor === 2 ? null : `its predictor (${image.predictor}) is not read`;
}

/**
 * Pixels of one stored tile, three bytes each, row by row; transparency is laid on white.
 * @throws SlideError slide-tile-damaged where the bytes do not unpack to a whole tile
 */
export async function unpackTile(image: TiffImage, stored: Uint8Array): Promise<Uint8Array> {
  const size = image.tileWidth * image.tileHeight * image.samples;
  const plain = await decompress(image.compression, stored, size);
  if (plain.length < size) {
    throw new SlideError("slide-tile-damaged", "a tile holds too few pixels", { expected: size, found: plain.length });
  }
  const pixels = plain.subarray(0, size);
  if (image.predictor === 2) undoPredictor(pixels, image.tileWidth * image.samples, image.samples);
  return toRgb(pixels, image);
}

async function decompress(compression: number, stored: Uint8Array, size: number): Promise<Uint8Array> {
  try {
    switch (compression) {
      case COMPRESSION.deflate:
      case COMPRESSION.oldDeflate:
        return await inflateBytes(stored, { maxOutputLength: size + 1_024 });
      case COMPRESSION.lzw:
        return unpackLzw(stored, size);
      case COMPRESSION.packBits:
        return unpackBits(stored, size);
      default:
        return stored.slice();
    }
  } catch (error) {
    throw new SlideError("slide-tile-damaged", "a tile cannot be unpacked", {}, error);
  }
}

/** Horizontal differencing of 8-bit samples, in place. Source: TIFF 6.0, section 14. */
function undoPredictor(pixels: Uint8Array, rowBytes: number, samples: number): void {
  for (let row = 0; row < pixels.length; row += rowBytes) {
    for (let at = row + samples; at < row + rowBytes; at++) {
      pixels[at] = (pixels[at] ?? 0) + (pixels[at - samples] ?? 0);
    }
  }
}

function toRgb(pixels: Uint8Array, { samples, photometric }: TiffImage): Uint8Array {
  if (samples === 3) return pixels;
  const count = pixels.length / samples;
  const rgb = new Uint8Array(count * 3);
  const hasAlpha = samples === 2 || samples === 4;
  for (let pixel = 0; pixel < count; pixel++) {
    const alpha = hasAlpha ? (pixels[pixel * samples + samples - 1] ?? 0) : 255;
    for (let channel = 0; channel < 3; channel++) {
      const stored = pixels[pixel * samples + (samples === 4 ? channel : 0)] ?? 0;
      const value = photometric === WHITE_IS_ZERO ? 255 - stored : stored;
      rgb[pixel * 3 + channel] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}

function unpackBits(stored: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let from = 0;
  let to = 0;
  while (from < stored.length && to < size) {
    const control = stored[from++] ?? 128;
    if (control < 128) {
      out.set(stored.subarray(from, from + Math.min(control + 1, size - to)), to);
      from += control + 1;
      to += control + 1;
    } else if (control > 128) {
      out.fill(stored[from++] ?? 0, to, to + 257 - control);
      to += 257 - control;
    }
  }
  return out.subarray(0, Math.min(to, size));
}

const LZW_CLEAR = 256;
const LZW_END = 257;
const LZW_CODES = 4_096;

/**
 * LZW with the most significant bit first and the early change of width.
 * Each table entry is a run in the output already written, so no strings are kept. Source: TIFF 6.0, section 13.
 */
function unpackLzw(stored: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  const table = { starts: new Uint32Array(LZW_CODES), lengths: new Uint32Array(LZW_CODES), next: LZW_END + 1 };
  const bits = { at: 0 };
  let previous = { start: 0, length: 0 };
  let to = 0;
  while (to < size) {
    const code = readCode(stored, bits, widthFor(table.next));
    if (code === LZW_END || code < 0) break;
    if (code === LZW_CLEAR) {
      table.next = LZW_END + 1;
      previous = { start: 0, length: 0 };
      continue;
    }
    learn(table, previous);
    const start = to;
    to = writeCode(out, table, code, to);
    previous = { start, length: to - start };
  }
  return out.subarray(0, to);
}

type LzwTable = { readonly starts: Uint32Array; readonly lengths: Uint32Array; next: number };

/** The run before, one byte longer, becomes the next code. */
function learn(table: LzwTable, previous: { readonly start: number; readonly length: number }): void {
  if (previous.length === 0 || table.next >= LZW_CODES) return;
  table.starts[table.next] = previous.start;
  table.lengths[table.next] = previous.length + 1;
  table.next++;
}

function writeCode(out: Uint8Array, table: LzwTable, code: number, to: number): number {
  if (code < LZW_CLEAR) {
    out[to] = code;
    return to + 1;
  }
  if (code >= table.next) throw new Error(`code ${code} of ${table.next}`);
  return copyRun(out, table.starts[code] ?? 0, table.lengths[code] ?? 0, to);
}

function widthFor(next: number): number {
  if (next < 510 + 1) return 9;
  if (next < 1_022 + 1) return 10;
  return next < 2_046 + 1 ? 11 : 12;
}

function readCode(stored: Uint8Array, bits: { at: number }, width: number): number {
  const byte = bits.at >> 3;
  if (byte >= stored.length) return -1;
  const window = ((stored[byte] ?? 0) << 16) | ((stored[byte + 1] ?? 0) << 8) | (stored[byte + 2] ?? 0);
  const code = (window >> (24 - (bits.at & 7) - width)) & ((1 << width) - 1);
  bits.at += width;
  return code;
}

/** Copies forward byte by byte: a run may overlap the place it is written to. */
function copyRun(out: Uint8Array, start: number, length: number, to: number): number {
  const end = Math.min(out.length, to + length);
  let from = start;
  let at = to;
  while (at < end) out[at++] = out[from++] ?? 0;
  return at;
}
