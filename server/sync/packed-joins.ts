import type { Db } from "#db/client.ts";
import { readPacked } from "#db/layers.ts";
import type { Logger } from "#server/log.ts";
import type { SyncCounters } from "./counters.ts";
import type { LayerState } from "./layer-state.ts";
import { LEAST_PACKED_BYTES, type Pack, unsealed } from "./packing.ts";

type PackingWorld = {
  readonly db: Db;
  readonly pack: Pack;
  readonly counters: SyncCounters;
  readonly log: Pick<Logger, "error" | "warn">;
};

/** The packed form of what joiners get: read from beside the snapshot, or made where there is none. */
export class PackedJoins {
  readonly #world: PackingWorld;
  readonly #state: LayerState;
  /** For whose packed form the store was asked. They are not held: a layer that is asleep has let go of its snapshot. */
  readonly #looked = new WeakSet<Uint8Array>();
  #making = false;

  constructor(world: PackingWorld, state: LayerState) {
    this.#world = world;
    this.#state = state;
  }

  /** Reads it where it is stored. Where it is not, it is made for those who come later. Never throws: the plain one serves. */
  async prepare(): Promise<void> {
    const snapshot = this.#state.snapshotToPack(LEAST_PACKED_BYTES);
    if (snapshot === null) return;
    const stored = this.#looked.has(snapshot) ? null : await this.#stored();
    this.#looked.add(snapshot);
    if (stored !== null) this.#state.keepPacked(snapshot, stored);
    else if (!this.#making) void this.#make(snapshot);
  }

  async #stored(): Promise<Uint8Array | null> {
    const { place, snapshotSeq } = this.#state;
    try {
      const stored = await readPacked(this.#world.db, place.id, { epoch: place.epoch, seq: snapshotSeq });
      const packed = stored === null ? null : unsealed(stored);
      if (stored !== null && packed === null) this.#damaged();
      return packed;
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  async #make(snapshot: Uint8Array): Promise<void> {
    this.#making = true;
    try {
      this.#state.keepPacked(snapshot, await this.#world.pack(snapshot));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#making = false;
    }
  }

  #damaged(): void {
    this.#world.counters.add("snapshots_damaged");
    this.#world.log.warn("snapshot.damaged", { layerId: this.#state.place.id, reason: "packed form" });
  }

  #failed(error: unknown): void {
    this.#world.log.error("snapshot.not-packed", error, { layerId: this.#state.place.id });
  }
}
