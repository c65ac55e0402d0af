import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { type SlideLevel, type SlideMeta, tileGrid } from "#domain/slide.ts";
import { type ByteCache, byteCache } from "./byte-cache.ts";
import { encodeJpeg } from "./jpeg-encode.ts";
import { halveRgb, pasteRgb } from "./pixels.ts";
import { SlideError, type SlideSource, type TileBytes } from "./slide-source.ts";

/** Steps of more than this between two stored levels are filled in. */
const WIDE_STEP = 2.5;
/** The coarsest level fits into this, so that a first view is one or a few tiles; in px. */
const COARSEST_PX = 512;
/** Composed tiles held per source: enough for a whole level of 2,048 px on the way down. */
const HELD_BYTES = 8 * 1024 * 1024;
const QUARTERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;
/** Composed from composed: each generation must lose little. */
const COMPOSED_JPEG = { quality: 90, fullColour: true } as const;

/** What a slide offers once the levels that its file lacks are composed. */
export function composedMeta(meta: SlideMeta): SlideMeta {
  return { ...meta, levels: planLevels(meta).map(({ shape }) => shape) };
}

/**
 * A source whose levels step by two down to 512 px on the long side: levels that the file lacks are composed on first
 * request from the four tiles of the next finer level. Each is kept in the sidecar folder where one is given.
 * The first tile of a composed level costs four tiles of the finer one, so a file with one level is dear to look at whole.
 */
export function withComposedLevels(source: SlideSource, sidecar: string | null): SlideSource {
  const plan = planLevels(source.meta);
  if (plan.every(({ stored }) => stored !== null)) return source;
  const held = byteCache<TileBytes>(HELD_BYTES);
  const meta = composedMeta(source.meta);
  const readTile = async (level: number, column: number, row: number, signal?: AbortSignal): Promise<TileBytes> => {
    const planned = plan[level];
    const finer = plan[level - 1];
    if (planned === undefined) throw absent(level, column, row);
    if (planned.stored !== null) return source.readTile(planned.stored, column, row, signal);
    const grid = tileGrid(planned.shape);
    const inside = Number.isInteger(column) && Number.isInteger(row) && column >= 0 && row >= 0;
    if (finer === undefined || !inside || column >= grid.columns || row >= grid.rows) throw absent(level, column, row);
    signal?.throwIfAborted();
    // Without the signal: others may wait for the same tile.
    const read = (c: number, r: number): Promise<TileBytes> => readTile(level - 1, c, r);
    return kept(held, sidecar, `${planned.shape.downsample}-${column}-${row}`, () =>
      composeTile(planned.shape, finer.shape, column, row, read),
    );
  };
  const isStored = (level: number): boolean => {
    const stored = plan[level]?.stored ?? null;
    return stored !== null && source.isStored(stored);
  };
  return { meta, isStored, readTile, close: () => source.close() };
}

type Planned = { readonly shape: SlideLevel; readonly stored: number | null };

/** Stored levels with halved ones between and below them. */
function planLevels(meta: SlideMeta): Planned[] {
  const plan: Planned[] = [];
  for (const [stored, shape] of meta.levels.entries()) {
    plan.push({ shape, stored });
    const next = meta.levels[stored + 1];
    const goal = next === undefined ? null : next.downsample;
    let last = shape;
    while (goal === null ? Math.max(last.width, last.height) > COARSEST_PX : goal / last.downsample > WIDE_STEP) {
      last = halved(last);
      plan.push({ shape: last, stored: null });
    }
  }
  return plan;
}

function halved(level: SlideLevel): SlideLevel {
  return {
    ...level,
    width: Math.ceil(level.width / 2),
    height: Math.ceil(level.height / 2),
    downsample: level.downsample * 2,
  };
}

function kept(
  held: ByteCache<TileBytes>,
  sidecar: string | null,
  name: string,
  make: () => Promise<TileBytes>,
): Promise<TileBytes> {
  return held.get(name, () => (sidecar === null ? make() : keptOnDisk(sidecar, name, make)));
}

/** Reads a kept tile or makes and keeps it; a half-written file can never be read because it is renamed into place. */
async function keptOnDisk(sidecar: string, name: string, make: () => Promise<TileBytes>): Promise<TileBytes> {
  const path = join(sidecar, `${name}.jpg`);
  const bytes = await readFile(path).catch(() => null);
  if (bytes !== null) return { bytes, contentType: "image/jpeg" };
  const made = await make();
  await mkdir(sidecar, { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  await writeFile(part, made.bytes);
  await rename(part, path);
  return made;
}

async function composeTile(
  shape: SlideLevel,
  finer: SlideLevel,
  column: number,
  row: number,
  read: (column: number, row: number) => Promise<TileBytes>,
): Promise<TileBytes> {
  const { columns, rows } = tileGrid(finer);
  const canvas = { width: finer.tileWidth * 2, height: finer.tileHeight * 2 };
  const pixels = new Uint8Array(canvas.width * canvas.height * 3);
  for (const [dx, dy] of QUARTERS) {
    const [c, r] = [column * 2 + dx, row * 2 + dy];
    if (c >= columns || r >= rows) continue;
    const tile = { pixels: await decodeRgb(await read(c, r), finer), width: finer.tileWidth, height: finer.tileHeight };
    pasteRgb(tile, pixels, canvas.width, dx * finer.tileWidth, dy * finer.tileHeight);
  }
  // Padding of edge tiles does not show the slide: it is left out before halving.
  const shown = {
    width: Math.min(canvas.width, finer.width - column * canvas.width),
    height: Math.min(canvas.height, finer.height - row * canvas.height),
  };
  const whole = new Uint8Array(shape.tileWidth * shape.tileHeight * 3).fill(255);
  pasteRgb(halveRgb(pixels, canvas.width, shown.width, shown.height), whole, shape.tileWidth, 0, 0);
  const bytes = await encodeJpeg({ pixels: whole, width: shape.tileWidth, height: shape.tileHeight }, COMPOSED_JPEG);
  return { bytes, contentType: "image/jpeg" };
}

async function decodeRgb(tile: TileBytes, level: SlideLevel): Promise<Uint8Array> {
  try {
    const { data, info } = await sharp(tile.bytes, { failOn: "error" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.width === level.tileWidth && info.height === level.tileHeight && info.channels === 3) return data;
  } catch (error) {
    throw new SlideError("slide-tile-damaged", "a tile cannot be decoded", {}, error);
  }
  throw new SlideError("slide-tile-damaged", "a tile has another size than the file says");
}

function absent(level: number, column: number, row: number): SlideError {
  return new SlideError("slide-tile-absent", "there is no such tile", { level, column, row });
}
