import { type SlideMeta, tileGrid } from "#domain/slide.ts";
import type { ByteFile } from "./byte-file.ts";
import { completeTile, PHOTOMETRIC_RGB, readJpegHeader } from "./jpeg.ts";
import { encodeJpeg } from "./jpeg-encode.ts";
import { SlideError, type SlideSource, type TileBytes } from "./slide-source.ts";
import { unpackTile } from "./tiff-codec.ts";
import { COMPRESSION, readTileTable, type TiffImage, type TileTable } from "./tiff-image.ts";
import { readBytes, readTiffIndex, TAG } from "./tiff-index.ts";
import { readPyramid } from "./tiff-levels.ts";

/** Quality of tiles that are stored without loss and encoded on the way out. */
const LOSSLESS_JPEG = { quality: 92, fullColour: true } as const;

/**
 * A slide of the tiled TIFF family. JPEG tiles leave as they are stored, but for shared tables and a colour marker;
 * tiles that are stored without loss are unpacked and encoded. The file is closed by the source.
 * @throws SlideError slide-damaged, slide-unsupported
 */
export async function openTiff(file: ByteFile): Promise<SlideSource> {
  const index = await readTiffIndex(file);
  const { levels, meta } = await readPyramid(index);
  const stored: StoredLevel[] = [];
  for (const image of levels) {
    const tables = await readBytes(index, image.directory, TAG.jpegTables);
    stored.push({ image, tables, table: await readTileTable(index, image) });
  }
  return {
    meta,
    isStored: (level) => stored[level]?.image.compression === COMPRESSION.jpeg,
    async readTile(level, column, row, signal) {
      signal?.throwIfAborted();
      const entry = stored[level];
      if (entry === undefined) throw absent(level, column, row);
      return readStoredTile(file, entry, tileNumber(meta, level, column, row), signal);
    },
    close: () => file.close(),
  };
}

type StoredLevel = { readonly image: TiffImage; readonly tables: Uint8Array | null; readonly table: TileTable };

async function readStoredTile(
  file: ByteFile,
  { image, tables, table }: StoredLevel,
  tile: number,
  signal: AbortSignal | undefined,
): Promise<TileBytes> {
  const length = table.lengths[tile] ?? 0;
  if (length === 0) return whiteTile(image);
  const bytes = await file.read(table.offsets[tile] ?? 0, length);
  signal?.throwIfAborted();
  if (image.compression !== COMPRESSION.jpeg) return encodeTile(image, await unpackTile(image, bytes));
  return { bytes: wholeJpeg(image, bytes, tables), contentType: "image/jpeg" };
}

/** A stored JPEG tile made complete; refused where its header contradicts the directory. */
function wholeJpeg(image: TiffImage, bytes: Uint8Array, tables: Uint8Array | null): Uint8Array {
  const complete = completeTile(bytes, tables, image.samples === 3 ? image.photometric : PHOTOMETRIC_RGB);
  const header = complete === null ? null : readJpegHeader(complete);
  if (complete === null || header === null) {
    throw new SlideError("slide-tile-damaged", "a tile is not the JPEG image that the file says it is");
  }
  if (header.width !== image.tileWidth || header.height !== image.tileHeight) {
    throw new SlideError("slide-tile-damaged", "a tile has another size than the file says", {
      width: header.width,
      height: header.height,
    });
  }
  if (header.process > 2 || header.precision !== 8) {
    throw new SlideError("slide-unsupported", "its JPEG tiles are of a kind that browsers cannot show");
  }
  return complete;
}

async function encodeTile({ tileWidth, tileHeight }: TiffImage, pixels: Uint8Array): Promise<TileBytes> {
  const bytes = await encodeJpeg({ pixels, width: tileWidth, height: tileHeight }, LOSSLESS_JPEG);
  return { bytes, contentType: "image/jpeg" };
}

/** Scanners leave out tiles without tissue. */
function whiteTile(image: TiffImage): Promise<TileBytes> {
  return encodeTile(image, new Uint8Array(image.tileWidth * image.tileHeight * 3).fill(255));
}

function tileNumber(meta: SlideMeta, level: number, column: number, row: number): number {
  const shape = meta.levels[level];
  if (shape === undefined) throw absent(level, column, row);
  const { columns, rows } = tileGrid(shape);
  const inside = Number.isInteger(column) && Number.isInteger(row) && column >= 0 && row >= 0;
  if (!inside || column >= columns || row >= rows) throw absent(level, column, row);
  return row * columns + column;
}

function absent(level: number, column: number, row: number): SlideError {
  return new SlideError("slide-tile-absent", "there is no such tile", { level, column, row });
}
