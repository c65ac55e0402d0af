import type { Db } from "#db/client.ts";
import { writeSnapshot } from "#db/layers.ts";
import type { Logger } from "#server/log.ts";
import type { Compact } from "./compaction.ts";
import type { SyncCounters } from "./counters.ts";
import type { LayerState } from "./layer-state.ts";

/** A pause after which a tail of this size is worth a snapshot. */
const PAUSE_MS = 3_000;
const LARGE_TAIL_BYTES = 32 * 1024;
/** A tail that every joiner would have to read; a snapshot does not wait for a pause then. */
const LARGEST_TAIL_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 30_000;

type SnapshotWorld = {
  readonly db: Db;
  readonly log: Pick<Logger, "info" | "error">;
  readonly snapshotEvery: number;
  readonly compact: Compact;
  readonly counters: SyncCounters;
};

/**
 * Puts snapshot and tail of a layer together from time to time, in a worker, while the room goes on. It takes the pieces
 * in a turn, works without holding anything, writes one row that replaces an older one only, and brings the result in
 * with another turn. Whenever the process ends meanwhile, the older snapshot and the whole log are there.
 */
export class Snapshots {
  readonly #world: SnapshotWorld;
  readonly #state: LayerState;
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  #writing: Promise<void> | null = null;
  /** After a failure there is a pause, so that a broken one is not tried at every turn. */
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @param inTurn runs what reads or changes the state, between the room's own turns */
  constructor(world: SnapshotWorld, state: LayerState, inTurn: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#world = world;
    this.#state = state;
    this.#inTurn = inTurn;
  }

  get writing(): boolean {
    return this.#writing !== null;
  }

  /** Whether a snapshot is due at once. */
  get due(): boolean {
    if (performance.now() < this.#notBefore) return false;
    const { seq, snapshotSeq, damaged, tailBytes } = this.#state;
    return damaged || seq - snapshotSeq >= this.#world.snapshotEvery || tailBytes > LARGEST_TAIL_BYTES;
  }

  /** Whether one is due in a layer that has not been used for so long. */
  dueAfter(quietMs: number): boolean {
    return (
      this.due ||
      (performance.now() >= this.#notBefore && quietMs >= PAUSE_MS && this.#state.tailBytes > LARGE_TAIL_BYTES)
    );
  }

  /** Writes a snapshot if the log has gone on since the last one. Never throws: the log has everything. */
  write(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { seq, snapshotSeq, damaged, place } = this.#state;
    if (seq === snapshotSeq && !damaged) return;
    const started = performance.now();
    try {
      const pieces = await this.#inTurn(async () => (await this.#state.content()).pieces(this.#state.seq));
      const { bytes, checksum, structs, living, packed } = await this.#world.compact(pieces);
      const snapshot = { seq: pieces.seq, bytes, checksum };
      await writeSnapshot(this.#world.db, place.id, place.epoch, { ...snapshot, packed });
      this.#world.counters.add("compactions");
      this.#world.log.info("snapshot.written", {
        layerId: place.id,
        seq: pieces.seq,
        bytes: bytes.length,
        structs,
        living,
      });
      await this.#inTurn(async () => this.#state.replaceSnapshot(snapshot, { structs, living }));
    } catch (error) {
      this.#notBefore = performance.now() + RETRY_MS;
      this.#world.counters.add("compactions_failed");
      this.#world.log.error("snapshot.failed", error, { layerId: place.id });
    } finally {
      this.#world.counters.add("compaction_ms", performance.now() - started);
    }
  }
}
