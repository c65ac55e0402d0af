import { type SlideLevel, tileGrid } from "#domain/slide.ts";
import type { TileAddress } from "./tile-plan.ts";

export type Tile =
  | { readonly state: "ready"; readonly image: ImageBitmap }
  | { readonly state: "loading" }
  /** The server says that this part of the file cannot be read. */
  | { readonly state: "damaged" };

const PARALLEL = 10;
const MAX_BYTES = 192 * 1024 * 1024;
const ATTEMPTS = 4;
const RETRY_MS = 800;

type Entry = { tile: Tile; used: number; bytes: number; readonly abort: AbortController };

/**
 * Decoded tiles of one slide, fetched a few at a time, newest wish first; what is no longer wished is cancelled, and the
 * longest unseen are let go once the store is full.
 */
export class TileStore {
  readonly levels: readonly SlideLevel[];
  readonly #url: string;
  readonly #arrived: () => void;
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<string>();
  #wishes: readonly TileAddress[] = [];
  #wished = new Set<string>();
  #clock = 0;
  #bytes = 0;
  #closed = false;

  /** @param url with {level}, {column} and {row} to fill in  @param arrived called after each tile that came in */
  constructor(levels: readonly SlideLevel[], url: string, arrived: () => void) {
    this.levels = levels;
    this.#url = url;
    this.#arrived = arrived;
  }

  /** How many wished tiles are still to come. */
  get waiting(): number {
    return this.#wishes.filter((wish) => this.peek(wish)?.state !== "ready").length;
  }

  /** A tile that is here, marked as seen now. */
  peek(address: TileAddress): Tile | undefined {
    const entry = this.#entries.get(keyOf(address));
    if (entry !== undefined) entry.used = ++this.#clock;
    return entry?.tile;
  }

  /** Says which tiles are wanted now, the most wanted first. Loads that nobody wishes any more are cancelled. */
  wish(addresses: readonly TileAddress[]): void {
    this.#wishes = addresses;
    this.#wished = new Set(addresses.map(keyOf));
    for (const key of [...this.#running]) {
      if (this.#wished.has(key)) continue;
      this.#entries.get(key)?.abort.abort();
      this.#entries.delete(key);
      this.#running.delete(key);
    }
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) {
      entry.abort.abort();
      if (entry.tile.state === "ready") entry.tile.image.close();
    }
    this.#entries.clear();
  }

  #pump(): void {
    for (const address of this.#wishes) {
      if (this.#closed || this.#running.size >= PARALLEL) return;
      const key = keyOf(address);
      if (this.#entries.has(key) || !this.#exists(address)) continue;
      const entry: Entry = { tile: { state: "loading" }, used: ++this.#clock, bytes: 0, abort: new AbortController() };
      this.#entries.set(key, entry);
      this.#running.add(key);
      void this.#load(address, key, entry);
    }
  }

  async #load(address: TileAddress, key: string, entry: Entry): Promise<void> {
    const tile = await this.#fetched(address, entry.abort.signal);
    if (this.#entries.get(key) !== entry) {
      if (tile?.state === "ready") tile.image.close();
      return;
    }
    this.#running.delete(key);
    if (tile === null) this.#entries.delete(key);
    else {
      entry.tile = tile;
      entry.bytes = tile.state === "ready" ? tile.image.width * tile.image.height * 4 : 0;
      this.#bytes += entry.bytes;
      this.#trim();
    }
    this.#pump();
    this.#arrived();
  }

  /** The tile, or null where it could not be had now: offline, cancelled. It is asked for again with the next wish. */
  async #fetched({ level, column, row }: TileAddress, signal: AbortSignal): Promise<Tile | null> {
    const url = this.#url
      .replace("{level}", String(level))
      .replace("{column}", String(column))
      .replace("{row}", String(row));
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const response = await fetch(url, { signal });
        if (response.ok) return { state: "ready", image: await createImageBitmap(await response.blob()) };
        if (response.status < 500) return { state: "damaged" };
      } catch (error) {
        if (signal.aborted) return null;
        if (!(error instanceof TypeError)) return { state: "damaged" };
      }
      await pause(RETRY_MS * attempt, signal);
      if (signal.aborted) return null;
    }
    return { state: "damaged" };
  }

  #trim(): void {
    if (this.#bytes <= MAX_BYTES) return;
    const oldest = [...this.#entries]
      .filter(([key, entry]) => entry.bytes > 0 && !this.#wished.has(key))
      .sort(([, a], [, b]) => a.used - b.used);
    for (const [key, entry] of oldest) {
      if (this.#bytes <= MAX_BYTES * 0.8) return;
      if (entry.tile.state === "ready") entry.tile.image.close();
      this.#bytes -= entry.bytes;
      this.#entries.delete(key);
    }
  }

  #exists({ level, column, row }: TileAddress): boolean {
    const of = this.levels[level];
    if (of === undefined) return false;
    const { columns, rows } = tileGrid(of);
    return column >= 0 && row >= 0 && column < columns && row < rows;
  }
}

function keyOf({ level, column, row }: TileAddress): string {
  return `${level}/${column}_${row}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
