import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { onTestFinished } from "vitest";
import { openSlide, type SlideSource, type TileBytes } from "#server/slides/source.ts";

/** A folder of this test's own, removed when the test is over. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "concord-slides-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a slide from bytes; it is closed and its file removed when the test is over. */
export async function openBytes(bytes: Uint8Array): Promise<SlideSource> {
  const path = join(ownFolder(), "slide.tif");
  writeFileSync(path, bytes);
  return opened(path);
}

export async function opened(path: string, sidecar?: string): Promise<SlideSource> {
  const source = await openSlide(path, sidecar === undefined ? {} : { sidecar });
  onTestFinished(() => source.close());
  return source;
}

export type Pixels = { readonly data: Buffer; readonly width: number; readonly height: number };

/** RGB pixels of an encoded image. */
export async function decoded(image: TileBytes | Uint8Array): Promise<Pixels> {
  const bytes = image instanceof Uint8Array ? image : image.bytes;
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

export function pixelAt({ data, width }: Pixels, x: number, y: number): [number, number, number] {
  const at = (y * width + x) * 3;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

export function meanColour({ data }: Pixels): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < data.length; at += 3) {
    sums[0] += data[at] ?? 0;
    sums[1] += data[at + 1] ?? 0;
    sums[2] += data[at + 2] ?? 0;
  }
  return [sums[0] / (data.length / 3), sums[1] / (data.length / 3), sums[2] / (data.length / 3)];
}

/** Mean of the absolute differences of all samples. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  return sum / a.length;
}

export type TiffEntry = {
  readonly tag: number;
  readonly type: number;
  readonly values: readonly number[] | Uint8Array;
};
export type TiffLayout = { readonly big: boolean; readonly littleEndian: boolean };

const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 16: 8 };

/**
 * A TIFF file built by the letter of the format, for tests of the reader: image data first, directories after it.
 * `directories` get the place of their image data by the function that makes their entries.
 */
export function tiffBytes(
  layout: TiffLayout,
  directories: readonly { readonly chunks: readonly Uint8Array[]; entries(offsets: number[]): TiffEntry[] }[],
): Uint8Array {
  const { big, littleEndian } = layout;
  const out = new Uint8Array(4_000_000);
  const view = new DataView(out.buffer);
  let at = big ? 16 : 8;
  const offset = (where: number, value: number): void =>
    big ? view.setBigUint64(where, BigInt(value), littleEndian) : view.setUint32(where, value, littleEndian);
  const put = (where: number, type: number, value: number): void => {
    if (type === 3) view.setUint16(where, value, littleEndian);
    else if (type === 4) view.setUint32(where, value, littleEndian);
    else if (type === 16) view.setBigUint64(where, BigInt(value), littleEndian);
    else out[where] = value;
  };
  out.set(littleEndian ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, big ? 43 : 42, littleEndian);
  if (big) view.setUint16(4, 8, littleEndian);
  let link = big ? 8 : 4;
  for (const directory of directories) {
    const offsets = directory.chunks.map((chunk) => {
      const start = at;
      out.set(chunk, at);
      at += chunk.length;
      return start;
    });
    const entries = directory.entries(offsets);
    const [entryBytes, countBytes, inline] = big ? [20, 8, 8] : [12, 2, 4];
    const start = at;
    offset(link, start);
    at += countBytes + entries.length * entryBytes + inline;
    link = start + countBytes + entries.length * entryBytes;
    if (big) view.setBigUint64(start, BigInt(entries.length), littleEndian);
    else view.setUint16(start, entries.length, littleEndian);
    entries.forEach(({ tag, type, values }, index) => {
      const entry = start + countBytes + index * entryBytes;
      const size = TYPE_BYTES[type] ?? 1;
      view.setUint16(entry, tag, littleEndian);
      view.setUint16(entry + 2, type, littleEndian);
      offset(entry + 4, values.length);
      let to = entry + 4 + inline;
      if (values.length * size > inline) {
        offset(to, at);
        to = at;
        at += values.length * size;
      }
      values.forEach((value, number) => {
        put(to + number * size, type, value);
      });
    });
  }
  return out.slice(0, at);
}

/** Text as the values of a field. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
