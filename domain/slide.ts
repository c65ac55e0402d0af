import { z } from "zod";

/** One resolution of a slide; level 0 is full resolution. */
export const slideLevelSchema = z.object({
  width: z.int().min(1),
  height: z.int().min(1),
  tileWidth: z.int().min(1),
  tileHeight: z.int().min(1),
  /** Level-0 pixels per pixel of this level, 1 for level 0. */
  downsample: z.number().min(1),
});

export const slideMetaSchema = z.object({
  format: z.string(),
  width: z.int().min(1),
  height: z.int().min(1),
  /** Null where the file does not say; the product asks for it and never invents one. */
  mpp: z.number().positive().nullable(),
  objective: z.number().positive().nullable(),
  scanner: z.string().nullable(),
  levels: z.array(slideLevelSchema).min(1),
  /** Names of identifying fields that the file carries and that are neither kept nor served. */
  strippedFields: z.array(z.string()),
  /** Label, macro and thumbnail images found in the file; never served. */
  strippedImages: z.array(z.string()),
});

export type SlideLevel = z.infer<typeof slideLevelSchema>;
export type SlideMeta = z.infer<typeof slideMetaSchema>;

/** Columns and rows of tiles that cover a level. */
export function tileGrid(level: SlideLevel): { readonly columns: number; readonly rows: number } {
  return { columns: Math.ceil(level.width / level.tileWidth), rows: Math.ceil(level.height / level.tileHeight) };
}

/** Size in pixels of the part of a tile that shows the slide; tiles at the right and lower edge may be padded beyond it. */
export function tileExtent(
  level: SlideLevel,
  column: number,
  row: number,
): { readonly width: number; readonly height: number } {
  return {
    width: Math.min(level.tileWidth, level.width - column * level.tileWidth),
    height: Math.min(level.tileHeight, level.height - row * level.tileHeight),
  };
}
