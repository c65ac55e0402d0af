import { createHash } from "node:crypto";
import type { Bbox } from "#domain/annotation.ts";
import type { SlideMeta } from "#domain/slide.ts";
import { byteCache } from "./byte-cache.ts";
import { openDecoder, type SlideFile } from "./decoder.ts";
import { openSources } from "./open-sources.ts";
import type { TileBytes } from "./slide-source.ts";
import { openSlide } from "./source.ts";

/** Encoded pixels with a strong validator (quotes included): equal bytes have equal tags, also after a restart. */
export type Tile = TileBytes & { readonly etag: string };

/** Encoded tiles of all registered slides. Whoever calls has already decided that the person may see the slide. */
export type Tiles = {
  /** @throws SlideError */
  tile(slideId: string, level: number, column: number, row: number, signal?: AbortSignal): Promise<Tile>;
  /** A JPEG of a box in level-0 px, at most `maxPx` on its longest side. @throws SlideError */
  region(slideId: string, box: Bbox, maxPx: number, signal?: AbortSignal): Promise<Tile>;
  /** A JPEG of the whole slide. @throws SlideError */
  thumbnail(slideId: string, maxPx: number, signal?: AbortSignal): Promise<Tile>;
  meta(slideId: string): Promise<SlideMeta>;
  /** Drops everything held of a slide, before its file is replaced or removed. */
  forget(slideId: string): void;
  close(): Promise<void>;
};

export type TilesOptions = {
  /** Where the file of a slide is. */
  readonly pathOf: (slideId: string) => string | Promise<string>;
  /** Folder in which composed tiles of a slide are kept; none are kept on disk without it. */
  readonly sidecarOf?: (slideId: string) => string | Promise<string>;
  readonly cacheBytes?: number;
  readonly maxOpen?: number;
};

const CACHE_BYTES = 256 * 1024 * 1024;
const MAX_OPEN = 64;

/** Stored JPEG tiles are read here; whatever must be decoded is asked of a process of its own. */
export function openTiles(options: TilesOptions): Tiles {
  const cache = byteCache<Tile>(options.cacheBytes ?? CACHE_BYTES);
  const decoder = openDecoder();
  const decodedFrom = new Map<string, string>();
  const fileOf = async (slideId: string): Promise<SlideFile> => {
    const path = await options.pathOf(slideId);
    decodedFrom.set(slideId, path);
    return { path, sidecar: (await options.sidecarOf?.(slideId)) ?? null };
  };
  const sources = openSources(async (slideId) => openSlide(await options.pathOf(slideId)), options.maxOpen ?? MAX_OPEN);

  const cached = async (key: string, signal: AbortSignal | undefined, make: () => Promise<TileBytes>) => {
    signal?.throwIfAborted();
    const tile = await cache.get(key, async () => tagged(await make()));
    signal?.throwIfAborted();
    return tile;
  };
  const readTile = (slideId: string, level: number, column: number, row: number): Promise<TileBytes> =>
    sources.use(slideId, async (source) =>
      source.isStored(level)
        ? source.readTile(level, column, row)
        : decoder.tile(await fileOf(slideId), level, column, row),
    );
  const region = (slideId: string, box: Bbox, maxPx: number, signal?: AbortSignal): Promise<Tile> =>
    cached(`${slideId}/region/${box.minX},${box.minY},${box.maxX},${box.maxY}/${maxPx}`, signal, async () =>
      decoder.region(await fileOf(slideId), box, maxPx),
    );
  const meta = (slideId: string): Promise<SlideMeta> => sources.use(slideId, async (source) => source.meta);
  return {
    tile: (slideId, level, column, row, signal) =>
      cached(`${slideId}/${level}/${column}_${row}`, signal, () => readTile(slideId, level, column, row)),
    region,
    async thumbnail(slideId, maxPx, signal) {
      const { width, height } = await meta(slideId);
      return region(slideId, { minX: 0, minY: 0, maxX: width, maxY: height }, maxPx, signal);
    },
    meta,
    forget(slideId) {
      cache.drop(`${slideId}/`);
      sources.forget(slideId);
      const path = decodedFrom.get(slideId);
      if (path !== undefined) decoder.forget(path);
      decodedFrom.delete(slideId);
    },
    async close() {
      await sources.close();
      await decoder.close();
    },
  };
}

function tagged(tile: TileBytes): Tile {
  return { ...tile, etag: `"${createHash("sha256").update(tile.bytes).digest("base64url").slice(0, 27)}"` };
}
