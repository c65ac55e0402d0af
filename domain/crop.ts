import type { Bbox } from "./annotation.ts";

/** Sizes in which pictures of a place are made, longest side in px: few, so that they are made once. */
export const CROP_SIZES = [160, 320, 640, 1_024] as const;
export type CropSize = (typeof CROP_SIZES)[number];

/** Tissue around a shape that is needed to recognise it: a fifth of its longer side on every side. */
const MARGIN = 0.2;
/** Below this a crop shows a blur and no context, level-0 px. */
const SMALLEST_PX = 128;

/**
 * The square around a shape that a picture of it shows: whole pixels on the slide, with some tissue around.
 * @param box level-0 px; a point is a box without width
 * @param slide width and height in level-0 px
 * @returns corners in level-0 px; narrower than a square only where the slide is
 */
export function cropAround(box: Bbox, slide: { readonly width: number; readonly height: number }): Bbox {
  const longest = Math.max(box.maxX - box.minX, box.maxY - box.minY);
  const side = Math.ceil(Math.max(SMALLEST_PX, longest * (1 + 2 * MARGIN)));
  const [minX, maxX] = span((box.minX + box.maxX) / 2, side, slide.width);
  const [minY, maxY] = span((box.minY + box.maxY) / 2, side, slide.height);
  return { minX, minY, maxX, maxY };
}

function span(centre: number, side: number, limit: number): readonly [from: number, to: number] {
  const width = Math.min(side, Math.max(1, Math.floor(limit)));
  const from = Math.min(Math.max(0, Math.round(centre - width / 2)), Math.max(0, Math.floor(limit) - width));
  return [from, from + width];
}
