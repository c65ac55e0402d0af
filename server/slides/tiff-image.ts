import { SlideError } from "./slide-source.ts";
import { readNumber, readNumbers, readText, TAG, type TiffDirectory, type TiffIndex } from "./tiff-index.ts";

export const COMPRESSION = {
  none: 1,
  lzw: 5,
  oldJpeg: 6,
  jpeg: 7,
  deflate: 8,
  packBits: 32_773,
  jpeg2000YCbCr: 33_003,
  jpeg2000Rgb: 33_005,
  oldDeflate: 32_946,
} as const;

/** One picture of a TIFF file, as its directory describes it. */
export type TiffImage = {
  readonly directory: TiffDirectory;
  readonly width: number;
  readonly height: number;
  readonly tiled: boolean;
  /** A stripped image has tiles as wide as itself. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly compression: number;
  readonly photometric: number;
  readonly samples: number;
  readonly bits: number;
  readonly planar: number;
  readonly predictor: number;
  readonly sampleFormat: number;
  readonly subfileType: number;
  readonly description: string;
};

/** Where the tiles of an image lie, row by row; length 0 is a tile that the scanner left out. */
export type TileTable = { readonly offsets: Float64Array; readonly lengths: Float64Array };

const MAX_SIDE = 2_000_000;
const MAX_TILE_SIDE = 8_192;
const MAX_TILE_BYTES = 64 * 1024 * 1024;
const LONG_TEXT = 4 * 1024 * 1024;

/** @throws SlideError slide-damaged where sizes are missing or impossible */
export async function readTiffImage(index: TiffIndex, directory: TiffDirectory): Promise<TiffImage> {
  const number = (tag: number, otherwise: number): Promise<number> => readNumber(index, directory, tag, otherwise);
  const width = sizeOf("width", await number(TAG.width, 0), MAX_SIDE);
  const height = sizeOf("height", await number(TAG.height, 0), MAX_SIDE);
  const tiled = directory.fields.has(TAG.tileOffsets);
  const rowsPerStrip = Math.min(height, await number(TAG.rowsPerStrip, height));
  return {
    directory,
    width,
    height,
    tiled,
    tileWidth: tiled ? sizeOf("tile width", await number(TAG.tileWidth, 0), MAX_TILE_SIDE) : width,
    tileHeight: tiled ? sizeOf("tile height", await number(TAG.tileHeight, 0), MAX_TILE_SIDE) : rowsPerStrip,
    compression: await number(TAG.compression, COMPRESSION.none),
    photometric: await number(TAG.photometric, -1),
    samples: await number(TAG.samplesPerPixel, 1),
    bits: Math.max(...(await readNumbers(index, directory, TAG.bitsPerSample)), 1),
    planar: await number(TAG.planarConfiguration, 1),
    predictor: await number(TAG.predictor, 1),
    sampleFormat: await number(TAG.sampleFormat, 1),
    subfileType: await number(TAG.subfileType, 0),
    description: ((await readText(index, directory, TAG.description)) ?? "").slice(0, LONG_TEXT),
  };
}

/**
 * Offsets and lengths of the tiles of a tiled image, each inside the file.
 * @throws SlideError slide-damaged, also where the file was cut off before its last tile
 */
export async function readTileTable(index: TiffIndex, image: TiffImage): Promise<TileTable> {
  const offsets = await readNumbers(index, image.directory, TAG.tileOffsets);
  const lengths = await readNumbers(index, image.directory, TAG.tileByteCounts);
  const count = Math.ceil(image.width / image.tileWidth) * Math.ceil(image.height / image.tileHeight);
  if (offsets.length < count || lengths.length < count) {
    throw new SlideError("slide-damaged", "its list of tiles is too short", { count, listed: offsets.length });
  }
  for (let tile = 0; tile < count; tile++) {
    const offset = offsets[tile] ?? 0;
    const length = lengths[tile] ?? 0;
    if (length > MAX_TILE_BYTES || offset + length > index.file.size) {
      throw new SlideError("slide-damaged", "a tile lies beyond the end of the file; it may be cut off", {
        tile,
        end: offset + length,
        size: index.file.size,
      });
    }
  }
  return { offsets, lengths };
}

function sizeOf(name: string, value: number, limit: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= limit) return value;
  throw new SlideError("slide-damaged", `its ${name} is impossible`, { value, limit });
}
