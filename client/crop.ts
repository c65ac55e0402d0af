import type { Bbox } from "#domain/annotation.ts";
import { type CropSize, cropAround } from "#domain/crop.ts";
import type { Box } from "#domain/question.ts";

/** A slide as far as a picture of a part of it needs it. */
export type CropSlide = {
  readonly id: string;
  /** First 16 of the file's SHA-256, as in the address of its tiles. */
  readonly hash: string;
  readonly width: number;
  readonly height: number;
};

/** A slide of a list of slides, for crops of it. */
export function cropSlide(slide: {
  readonly id: string;
  readonly thumbnailUrl: string;
  readonly width: number;
  readonly height: number;
}): CropSlide {
  const { id, thumbnailUrl, width, height } = slide;
  return { id, hash: thumbnailUrl.split("/")[3] ?? "", width, height };
}

/** Address of a picture of a box of whole level-0 px, at most `size` px on its longest side. */
export function cropUrl({ id, hash }: Pick<CropSlide, "id" | "hash">, box: Bbox, size: CropSize): string {
  const { minX, minY, maxX, maxY } = box;
  return `/slides/${id}/${hash}/crop/${[minX, minY, maxX, maxY].map(Math.round).join("_")}/${size}`;
}

/** What a picture of a place shows, and where in it the place is, as shares of its width and height. */
export function cropOf(
  slide: CropSlide,
  [minX, minY, maxX, maxY]: Box,
): {
  readonly crop: Bbox;
  readonly frame: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
} {
  const crop = cropAround({ minX, minY, maxX, maxY }, slide);
  const [across, down] = [crop.maxX - crop.minX, crop.maxY - crop.minY];
  return {
    crop,
    frame: {
      left: (minX - crop.minX) / across,
      top: (minY - crop.minY) / down,
      width: (maxX - minX) / across,
      height: (maxY - minY) / down,
    },
  };
}
