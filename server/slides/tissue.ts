import sharp from "sharp";
import { type Cells, cellBox, cellCount, cellsOf, type ScreenGrid } from "#domain/screening.ts";

/** Raised when the same pixels would give other cells. */
export const TISSUE_METHOD = "tissue/1";
/** Longest side of the picture that tissue is looked for in, px. */
export const TISSUE_PX = 2_048;

/** Glass is bright and grey: a pixel that absorbs more than this, or has more colour than that, is tissue. Own values. */
const MOST_DENSITY_OF_GLASS = 0.06;
const MOST_COLOUR_OF_GLASS = 20;
/** So much of a cell must be tissue. Generous, since a thin wall of fat counts as well. */
const LEAST_SHARE = 0.01;

/**
 * Which cells of a slide hold tissue, by what its picture absorbs.
 * @param picture an encoded picture of the whole slide
 */
export async function tissueIn(picture: Uint8Array, grid: ScreenGrid): Promise<Cells> {
  const { data, info } = await sharp(picture)
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const mask = Uint8Array.from({ length: info.width * info.height }, (_, place) => Number(isTissue(data, 3 * place)));
  const found: number[] = [];
  for (let cell = 0; cell < cellCount(grid); cell++)
    if (shareIn(mask, info, grid, cell) >= LEAST_SHARE) found.push(cell);
  return cellsOf(grid, found);
}

function isTissue(pixels: Uint8Array, at: number): boolean {
  const [red = 255, green = 255, blue = 255] = pixels.subarray(at, at + 3);
  if (Math.max(red, green, blue) - Math.min(red, green, blue) > MOST_COLOUR_OF_GLASS) return true;
  return density(red) + density(green) + density(blue) > 3 * MOST_DENSITY_OF_GLASS;
}

function density(value: number): number {
  return -Math.log10((value + 1) / 256);
}

function shareIn(
  mask: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  grid: ScreenGrid,
  cell: number,
): number {
  const box = cellBox(grid, cell);
  const left = Math.floor((box.minX / grid.width) * width);
  const top = Math.floor((box.minY / grid.height) * height);
  const right = Math.max(left + 1, Math.ceil((box.maxX / grid.width) * width));
  const bottom = Math.max(top + 1, Math.ceil((box.maxY / grid.height) * height));
  let [hits, all] = [0, 0];
  for (let y = top; y < Math.min(bottom, height); y++) {
    for (let x = left; x < Math.min(right, width); x++) {
      hits += mask[y * width + x] ?? 0;
      all++;
    }
  }
  return all > 0 ? hits / all : 0;
}
