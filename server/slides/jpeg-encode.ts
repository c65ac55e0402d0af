import sharp from "sharp";
import { completeTile, PHOTOMETRIC_YCBCR } from "./jpeg.ts";
import type { Rgb } from "./pixels.ts";

export type JpegQuality = {
  readonly quality: number;
  /** Colour at full resolution: for pixels that were stored without loss. */
  readonly fullColour?: boolean;
};

/** A baseline JPEG that says how its colours are coded: not every browser guesses right where the stream is silent. */
export async function encodeJpeg({ pixels, width, height }: Rgb, options: JpegQuality): Promise<Uint8Array> {
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({
      quality: options.quality,
      chromaSubsampling: options.fullColour === true ? "4:4:4" : "4:2:0",
      optimiseCoding: false,
    })
    .toBuffer();
  return completeTile(bytes, null, PHOTOMETRIC_YCBCR) ?? bytes;
}
