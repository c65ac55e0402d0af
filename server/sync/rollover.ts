import type { Db } from "#db/client.ts";
import { beginEpoch, claimClients } from "#db/epochs.ts";
import { lockLog, writeSnapshot } from "#db/layers.ts";
import { sweepTallies } from "#db/tallies.ts";
import { AppError } from "#server/errors.ts";
import type { Logger } from "#server/log.ts";
import type { Pieces } from "./compaction.ts";
import type { SyncCounters } from "./counters.ts";
import { follow } from "./follow.ts";
import { type LayerState, LogMoved } from "./layer-state.ts";
import type { Renew, Renewed } from "./renewal.ts";
import type { Rewriting } from "./rewriting.ts";

/**
 * A document is begun anew when so many entries are dead and they outweigh the living ones. Each costs a browser 219 bytes
 * and 1.4 µs of every load: 20,000 are 4 MB and 30 ms, about what a fresh start costs everybody once.
 * Source: bench `growth`.
 */
const LEAST_DEAD = 20_000;
/** A layer that people go on drawing in is not waited for any longer when it is so many times as heavy. */
const OVERDUE = 4;
/** A pause in which nobody is in the middle of a stroke. */
const PAUSE_MS = 3_000;
const RETRY_MS = 60_000;

/** What makes a new epoch worth everybody's fresh start: so many dead entries, and so many for each living one. */
export type Worth = { readonly leastDead?: number; readonly leastShare?: number };
/** A release is a good moment: what is frozen is looked at again rather than drawn in. */
export const AT_A_FREEZE: Worth = { leastDead: 1_000, leastShare: 0.25 };

type RolloverWorld = {
  readonly db: Db;
  readonly log: Pick<Logger, "info" | "error">;
  readonly renew: Renew;
  readonly rewriting: Rewriting;
  readonly counters: SyncCounters;
  readonly leastDead: number | undefined;
};

/**
 * Begins a layer's next epoch: a document of what is there, without what had been overwritten and deleted. The old one is
 * taken in a turn and rebuilt in a worker while the room goes on; then one transaction, which finds the log where it was,
 * writes the old document's end, the fresh one and its client ids. Whoever is here comes back to the fresh one.
 * A crash leaves either epoch whole.
 */
export class Rollover {
  readonly #world: RolloverWorld;
  readonly #state: LayerState;
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #over: () => void;
  #rolling: Promise<boolean> | null = null;
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @param over is called in the turn in which the epoch has ended, when that is durable */
  constructor(
    world: RolloverWorld,
    state: LayerState,
    inTurn: <T>(work: () => Promise<T>) => Promise<T>,
    over: () => void,
  ) {
    this.#world = world;
    this.#state = state;
    this.#inTurn = inTurn;
    this.#over = over;
  }

  get rolling(): boolean {
    return this.#rolling !== null;
  }

  /** Whether it is due in a layer that has not been used for so long. */
  dueAfter(quietMs: number): boolean {
    const { weight } = this.#state;
    if (weight === null || performance.now() < this.#notBefore) return false;
    const most = Math.max(this.#world.leastDead ?? LEAST_DEAD, weight.living);
    const dead = weight.structs - weight.living;
    return dead > OVERDUE * most || (dead > most && quietMs >= PAUSE_MS);
  }

  /** Whether it is worth it in a layer that is full. */
  get dueWhenFull(): boolean {
    const { weight } = this.#state;
    return weight !== null && weight.structs > weight.living && performance.now() >= this.#notBefore;
  }

  /**
   * Begins the next epoch where that is worth it.
   * @returns whether it was begun. Never throws: the present one goes on
   */
  roll({ leastDead = 1, leastShare = 0 }: Worth = {}): Promise<boolean> {
    this.#rolling ??= this.#roll({ leastDead, leastShare }).finally(() => {
      this.#rolling = null;
    });
    return this.#rolling;
  }

  async #roll(worth: Required<Worth>): Promise<boolean> {
    const { place } = this.#state;
    const started = performance.now();
    let begun = false;
    try {
      await this.#world.rewriting(place.id, async () => {
        begun = await this.#rewrite(worth);
      });
      return begun;
    } catch (error) {
      // The room has ended meanwhile: no fault.
      if (error instanceof AppError) return false;
      // Another node was faster.
      if (error instanceof LogMoved && error.epochOver) this.#over();
      this.#world.counters.add("rollovers_failed");
      this.#world.log.error("epoch.failed", error, { layerId: place.id, epoch: place.epoch });
      return false;
    } finally {
      this.#notBefore = performance.now() + RETRY_MS;
      this.#world.counters.add("rollover_ms", performance.now() - started);
    }
  }

  async #rewrite({ leastDead, leastShare }: Required<Worth>): Promise<boolean> {
    const pieces = await this.#inTurn(() => this.#pieces());
    const renewed = await this.#renew(pieces);
    const { structs, living } = renewed.ended;
    if (structs - living < Math.max(leastDead, leastShare * living)) return false;
    if (await this.#inTurn(() => this.#begin(pieces, renewed))) return true;
    // Somebody drew meanwhile: once more, and they wait.
    return this.#inTurn(async () => {
      const now = await this.#pieces();
      return this.#begin(now, await this.#renew(now));
    });
  }

  async #pieces(): Promise<Pieces> {
    await follow(this.#world.db, this.#state);
    return (await this.#state.content()).pieces(this.#state.seq);
  }

  #renew(pieces: Pieces): Promise<Renewed> {
    const { owners, retired } = this.#state;
    return this.#world.renew({ pieces, owners: [...owners], retired: [...retired.keys()] });
  }

  /** @returns false where the log has gone on since */
  async #begin({ seq }: Pieces, { bytes, checksum, clients, ended }: Renewed): Promise<boolean> {
    const { id, epoch } = this.#state.place;
    const next = epoch + 1;
    const begun = await this.#world.db.transaction(async (tx) => {
      const log = await lockLog(tx, id);
      if (log?.lastSeq !== seq || log.epoch !== epoch) return false;
      await writeSnapshot(tx, id, epoch, { seq, bytes: ended.bytes, checksum: ended.checksum });
      await claimClients(
        tx,
        id,
        clients.map((client) => ({ ...client, epoch: next })),
      );
      await beginEpoch(tx, id, { epoch: next, afterSeq: seq, bytes, checksum });
      await sweepTallies(tx, id);
      return true;
    });
    if (!begun) return false;
    this.#world.counters.add("rollovers");
    const { structs, living } = ended;
    this.#world.log.info("epoch.begun", { layerId: id, epoch: next, seq, structs, living, bytes: bytes.length });
    this.#over();
    return true;
  }
}
