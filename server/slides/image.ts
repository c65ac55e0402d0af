import { rename, rm } from "node:fs/promises";
import sharp, { type Metadata } from "sharp";
import { SlideError } from "./slide-source.ts";

/** A picture without levels: PNG, JPEG or TIFF in strips. */
export type PlainImage = { readonly format: string; readonly width: number; readonly height: number };

export type PlainImageLimits = {
  /** A conversion streams, so memory does not grow with the number of pixels. */
  readonly pixels: number;
  /** Progressive JPEG and interlaced PNG are held whole in memory. Source: measured, 2.6 GB at 400 Mpx. */
  readonly progressivePixels: number;
};

const LIMITS: PlainImageLimits = { pixels: 2_000_000_000, progressivePixels: 100_000_000 };
const FORMATS = new Set(["png", "jpeg", "tiff"]);
/** Pixels per mm that no microscope has: it says "unknown" where a format demands a number. */
const NO_RESOLUTION = 1;
const PYRAMID = { compression: "jpeg", quality: 85, tile: true, tileWidth: 256, tileHeight: 256 } as const;

/** @throws SlideError slide-damaged, slide-unsupported, slide-too-large */
export async function readPlainImage(path: string, limits: PlainImageLimits = LIMITS): Promise<PlainImage> {
  const { format, width, height, isProgressive, pages } = await metadataOf(path);
  if (!FORMATS.has(format)) throw new SlideError("slide-unsupported", `images of the kind ${format} are not read`);
  if (format === "tiff" && (pages ?? 1) > 1 && width * height < MIN_FIRST_PAGE_PIXELS) {
    throw new SlideError("slide-unsupported", "it holds several images and none of them is tiled", { pages });
  }
  const limit = isProgressive === true ? limits.progressivePixels : limits.pixels;
  if (width * height > limit) {
    const problem = isProgressive === true ? "a progressive image of this size cannot be converted" : "it is too large";
    throw new SlideError("slide-too-large", problem, { pixels: width * height, limit });
  }
  return { format, width, height };
}

/**
 * Makes a plain image into a tiled pyramid that openSlide reads. Its own text fields (camera, date, place) stay behind.
 * @param mpp microns per pixel as a person states it; print resolutions in the file are not taken for it
 * @throws SlideError slide-damaged, slide-unsupported, slide-too-large; nothing is left at `target` then
 */
export async function importImage(path: string, target: string, mpp: number | null): Promise<PlainImage> {
  const image = await readPlainImage(path);
  const perMm = mpp === null ? NO_RESOLUTION : 1_000 / mpp;
  const part = `${target}.part`;
  try {
    await sharp(path, { limitInputPixels: LIMITS.pixels, sequentialRead: true, failOn: "error" })
      .autoOrient()
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .tiff({ ...PYRAMID, pyramid: true, bigtiff: true, xres: perMm, yres: perMm, resolutionUnit: "cm" })
      .toFile(part);
    await rename(part, target);
    return image;
  } catch (error) {
    await rm(part, { force: true });
    throw new SlideError("slide-damaged", "its pixels cannot be read to the end", {}, error);
  }
}

/** A first page smaller than this in a file of several pages is a preview, not the slide. */
const MIN_FIRST_PAGE_PIXELS = 1_000_000;

async function metadataOf(path: string): Promise<Metadata> {
  try {
    return await sharp(path, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw new SlideError("slide-damaged", "its header cannot be read", {}, error);
  }
}
