import { Memory, type Outline, type Read } from "./consensus.ts";
import { geometryBbox } from "./geometry.ts";
import type { AnnotationId } from "./ids.ts";
import { LiveIndex } from "./spatial-index.ts";
import { TILE_PX, type TileKey, type TileSettings, type TileTally, tileBox, tileTally } from "./tile-agreement.ts";

/** An outline of a read as it is now; null where it was removed. */
export type OutlineChange = {
  readonly readerKey: string;
  readonly annotationId: AnnotationId;
  readonly outline: Outline | null;
};

type Drawn = { readonly readerKey: string; readonly outline: Outline };

/**
 * Reads that are being drawn, for counting squares of them again and again: what a change did not meet is remembered. A
 * square is what `tileTally` says of the outlines as they are, byte for byte and whatever the order of changes.
 */
export class LiveSquares {
  readonly #readerKeys: readonly string[];
  readonly #settings: TileSettings;
  readonly #index = new LiveIndex();
  readonly #drawn = new Map<string, Drawn>();
  readonly #memories = new Map<TileKey, Memory>();

  constructor(readerKeys: readonly string[], settings: TileSettings) {
    this.#readerKeys = readerKeys;
    this.#settings = settings;
  }

  change(changes: readonly OutlineChange[]): void {
    const put = new Map<string, Drawn>();
    for (const { readerKey, annotationId, outline } of changes) {
      const id = `${readerKey} ${annotationId}`;
      if (outline === null) {
        put.delete(id);
        this.#drawn.delete(id);
        this.#index.remove(id);
      } else put.set(id, { readerKey, outline });
    }
    for (const [id, drawn] of put) this.#drawn.set(id, drawn);
    this.#index.load([...put].map(([id, { outline }]) => [id, geometryBbox(outline.geometry)]));
  }

  tally(key: TileKey): TileTally {
    const memory = this.#memories.get(key) ?? new Memory();
    this.#memories.set(key, memory);
    return tileTally(this.#readsAround(key), key, this.#settings, memory);
  }

  #readsAround(key: TileKey): Read[] {
    const { minX, minY, maxX, maxY } = tileBox(key);
    const outlines = new Map(this.#readerKeys.map((readerKey) => [readerKey, [] as Outline[]]));
    const around = { minX: minX - TILE_PX, minY: minY - TILE_PX, maxX: maxX + TILE_PX, maxY: maxY + TILE_PX };
    for (const id of this.#index.search(around)) {
      const drawn = this.#drawn.get(id);
      if (drawn !== undefined) outlines.get(drawn.readerKey)?.push(drawn.outline);
    }
    return [...outlines].map(([readerKey, own]) => ({ readerKey, outlines: own }));
  }
}
