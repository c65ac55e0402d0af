import type { Db } from "#db/client.ts";
import { readSnapshot, snapshotPosition, writeSnapshot } from "#db/layers.ts";
import type { Logger } from "#server/log.ts";
import { type Compact, checksumOf } from "./compaction.ts";
import type { SyncCounters } from "./counters.ts";
import { follow } from "./follow.ts";
import { type LayerState, LogMoved } from "./layer-state.ts";
import type { Rewriting } from "./rewriting.ts";

/** A pause after which a tail of this size is worth a snapshot. */
const PAUSE_MS = 3_000;
const LARGE_TAIL_BYTES = 32 * 1024;
/** A tail that every joiner would have to read; a snapshot does not wait for a pause then. */
const LARGEST_TAIL_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 30_000;
/** Another node is at it: what it wrote is looked for so long afterwards. */
const ELSEWHERE_MS = 2_000;

type SnapshotWorld = {
  readonly db: Db;
  readonly log: Pick<Logger, "info" | "error">;
  readonly snapshotEvery: number;
  readonly compact: Compact;
  readonly rewriting: Rewriting;
  readonly counters: SyncCounters;
};

/**
 * Puts snapshot and tail of a layer together from time to time, in a worker, while the room goes on. It takes the pieces
 * in a turn, works without holding anything, writes one row that replaces an older one only, and brings the result in
 * with another turn. Whenever the process ends meanwhile, the older snapshot and the whole log are there. Of several
 * nodes one does it, and the others go on with what it wrote.
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

  /**
   * Writes a snapshot if the log has gone on since the last one. Never throws: the log has everything.
   * @param weigh also where nothing is new and it is not known how much of the document is dead
   */
  write({ weigh = false } = {}): Promise<void> {
    this.#writing ??= this.#write(weigh).finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #write(weigh: boolean): Promise<void> {
    if (!this.#wanted(weigh)) return;
    const { id: layerId } = this.#state.place;
    const started = performance.now();
    try {
      if (!(await this.#world.rewriting(layerId, () => this.#rewrite(weigh))))
        this.#notBefore = performance.now() + ELSEWHERE_MS;
    } catch (error) {
      this.#notBefore = performance.now() + RETRY_MS;
      // The document is over: nobody needs its snapshot.
      if (error instanceof LogMoved && error.epochOver) return;
      this.#world.counters.add("compactions_failed");
      this.#world.log.error("snapshot.failed", error, { layerId });
    } finally {
      this.#world.counters.add("compaction_ms", performance.now() - started);
    }
  }

  #wanted(weigh: boolean): boolean {
    const { seq, snapshotSeq, damaged, weight } = this.#state;
    return seq !== snapshotSeq || damaged || (weigh && weight === null);
  }

  async #rewrite(weigh: boolean): Promise<void> {
    const { id: layerId, epoch } = this.#state.place;
    const taken = await this.#takeTheirs();
    const unweighed = weigh && this.#state.weight === null;
    if (taken && !unweighed && !this.due && this.#state.tailBytes <= LARGE_TAIL_BYTES) return;
    const pieces = await this.#inTurn(async () => (await this.#state.content()).pieces(this.#state.seq));
    const { bytes, checksum, structs, living, packed } = await this.#world.compact(pieces);
    const snapshot = { seq: pieces.seq, bytes, checksum };
    await writeSnapshot(this.#world.db, layerId, epoch, { ...snapshot, packed });
    this.#world.counters.add("compactions");
    this.#world.log.info("snapshot.written", { layerId, seq: pieces.seq, bytes: bytes.length, structs, living });
    await this.#inTurn(async () => this.#state.replaceSnapshot(snapshot, { structs, living }));
  }

  /** Goes on with a snapshot that another node has written meanwhile. @returns whether there was one. @throws LogMoved */
  async #takeTheirs(): Promise<boolean> {
    const { db } = this.#world;
    const { id, epoch } = this.#state.place;
    if (this.#state.damaged || (await snapshotPosition(db, id, epoch)) <= this.#state.snapshotSeq) return false;
    const theirs = await readSnapshot(db, id, epoch);
    if (theirs === null || checksumOf(theirs.bytes) !== theirs.checksum) return false;
    await this.#inTurn(async () => {
      await follow(db, this.#state);
      this.#state.replaceSnapshot(theirs, null);
    });
    this.#world.counters.add("compactions_elsewhere");
    return true;
  }
}
