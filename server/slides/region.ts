import sharp from "sharp";
import type { Bbox } from "#domain/annotation.ts";
import { type SlideLevel, type SlideMeta, tileExtent, tileGrid } from "#domain/slide.ts";
import { encodeJpeg } from "./jpeg-encode.ts";
import { pasteRgb, type Rgb } from "./pixels.ts";
import { SlideError, type SlideSource, type TileBytes } from "./slide-source.ts";

/** Longest side of a crop, px; it bounds the tiles that one request can touch. */
export const MAX_REGION_PX = 2_048;
const REGION_JPEG = { quality: 88, fullColour: true } as const;

/**
 * A JPEG of part of a slide, taken from the coarsest level that is still sharp enough.
 * @param box level-0 px; what lies outside the slide is left out
 * @param maxPx longest side of the answer; small boxes are not enlarged
 * @throws SlideError slide-tile-absent where the box does not touch the slide
 */
export async function readRegion(
  source: SlideSource,
  box: Bbox,
  maxPx: number,
  signal?: AbortSignal,
): Promise<TileBytes> {
  const inside = clipped(box, source.meta);
  const longest = Math.max(inside.maxX - inside.minX, inside.maxY - inside.minY);
  const goal = Math.max(1, Math.min(maxPx, MAX_REGION_PX));
  const number = levelFor(source.meta, longest / goal);
  const level = source.meta.levels[number];
  if (level === undefined) throw new SlideError("slide-tile-absent", "there is no such level", { level: number });
  const crop = onLevel(inside, level);
  const whole = new Uint8Array(crop.width * crop.height * 3);
  for (const [column, row] of tilesOf(crop, level)) {
    const tile = await source.readTile(number, column, row, signal);
    const part = await partOf(tile, level, crop, column, row);
    pasteRgb(part, whole, crop.width, part.left, part.top);
  }
  const { data, info } = await sharp(whole, { raw: { width: crop.width, height: crop.height, channels: 3 } })
    .resize({ width: goal, height: goal, fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const bytes = await encodeJpeg({ pixels: data, width: info.width, height: info.height }, REGION_JPEG);
  return { bytes, contentType: "image/jpeg" };
}

/** The coarsest level with at least one pixel for each `downsample` level-0 pixels. */
export function levelFor(meta: SlideMeta, downsample: number): number {
  const coarser = meta.levels.findIndex((level) => level.downsample > Math.max(1, downsample) * 1.01);
  return coarser === -1 ? meta.levels.length - 1 : Math.max(0, coarser - 1);
}

/** A rectangle of whole pixels of one level. */
type Crop = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

function clipped(box: Bbox, { width, height }: SlideMeta): Bbox {
  const inside = {
    minX: Math.max(0, box.minX),
    minY: Math.max(0, box.minY),
    maxX: Math.min(width, box.maxX),
    maxY: Math.min(height, box.maxY),
  };
  if (inside.maxX > inside.minX && inside.maxY > inside.minY) return inside;
  throw new SlideError("slide-tile-absent", "the region does not touch the slide", { ...box });
}

function onLevel(box: Bbox, level: SlideLevel): Crop {
  const left = Math.min(level.width - 1, Math.floor(box.minX / level.downsample));
  const top = Math.min(level.height - 1, Math.floor(box.minY / level.downsample));
  const right = Math.min(level.width, Math.ceil(box.maxX / level.downsample));
  const bottom = Math.min(level.height, Math.ceil(box.maxY / level.downsample));
  return { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

function* tilesOf(crop: Crop, level: SlideLevel): Generator<readonly [column: number, row: number]> {
  const { columns, rows } = tileGrid(level);
  const lastColumn = Math.min(columns - 1, Math.floor((crop.left + crop.width - 1) / level.tileWidth));
  const lastRow = Math.min(rows - 1, Math.floor((crop.top + crop.height - 1) / level.tileHeight));
  for (let row = Math.floor(crop.top / level.tileHeight); row <= lastRow; row++) {
    for (let column = Math.floor(crop.left / level.tileWidth); column <= lastColumn; column++) yield [column, row];
  }
}

/** The part of a tile that falls into the crop, at its place there. */
async function partOf(
  tile: TileBytes,
  level: SlideLevel,
  crop: Crop,
  column: number,
  row: number,
): Promise<Rgb & { readonly left: number; readonly top: number }> {
  const extent = tileExtent(level, column, row);
  const [x, y] = [column * level.tileWidth - crop.left, row * level.tileHeight - crop.top];
  const left = Math.max(0, -x);
  const top = Math.max(0, -y);
  const width = Math.min(extent.width, crop.width - x) - left;
  const height = Math.min(extent.height, crop.height - y) - top;
  const pixels = await sharp(tile.bytes)
    .toColourspace("srgb")
    .removeAlpha()
    .extract({ left, top, width, height })
    .raw()
    .toBuffer()
    .catch((error: unknown) => {
      throw new SlideError("slide-tile-damaged", "a tile cannot be decoded", { column, row }, error);
    });
  return { pixels, width, height, left: x + left, top: y + top };
}
