import type { Bbox } from "#domain/annotation.ts";
import { type SlideLevel, tileExtent, tileGrid } from "#domain/slide.ts";

/** One square of a level. */
export type TileAddress = { readonly level: number; readonly column: number; readonly row: number };

/** A level may be drawn up to this much larger than its own pixels before the next finer one is used. */
const MAX_UPSCALE = 1.35;

/**
 * The coarsest level that is not blown up much on the screen; the finest where all are.
 * @param scale device px per level-0 px
 */
export function levelFor(levels: readonly SlideLevel[], scale: number): number {
  let best = 0;
  for (const [index, level] of levels.entries()) {
    const finest = levels[best]?.downsample ?? 1;
    if (level.downsample * scale <= MAX_UPSCALE && level.downsample > finest) best = index;
  }
  return best;
}

/** Addresses of the tiles of a level that meet a box in level-0 px, row by row. */
export function tilesIn(levels: readonly SlideLevel[], level: number, box: Bbox): readonly TileAddress[] {
  const of = levels[level];
  if (of === undefined) return [];
  const { columns, rows } = tileGrid(of);
  const [stepX, stepY] = [of.tileWidth * of.downsample, of.tileHeight * of.downsample];
  const first = { column: Math.max(0, Math.floor(box.minX / stepX)), row: Math.max(0, Math.floor(box.minY / stepY)) };
  const last = {
    column: Math.min(columns - 1, Math.floor(box.maxX / stepX)),
    row: Math.min(rows - 1, Math.floor(box.maxY / stepY)),
  };
  const tiles: TileAddress[] = [];
  for (let row = first.row; row <= last.row; row++) {
    for (let column = first.column; column <= last.column; column++) tiles.push({ level, column, row });
  }
  return tiles;
}

/** The part of the slide that a tile shows, without its padding, level-0 px. */
export function boxOf(level: SlideLevel, { column, row }: TileAddress): Bbox {
  const extent = tileExtent(level, column, row);
  const [left, top] = [column * level.tileWidth, row * level.tileHeight];
  return {
    minX: left * level.downsample,
    minY: top * level.downsample,
    maxX: (left + extent.width) * level.downsample,
    maxY: (top + extent.height) * level.downsample,
  };
}
