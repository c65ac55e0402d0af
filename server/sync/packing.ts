import { deflateRawSync } from "node:zlib";
import { ANNOTATIONS_ROOT } from "#domain/layer-doc.ts";
import { type PointRun, packUpdate, unpackUpdate } from "#domain/packed-update.ts";
import { pointRuns } from "#domain/point-runs.ts";
import type { Logger } from "#server/log.ts";
import type { LayerState } from "./layer-state.ts";
import { mapUpdate, StructReader } from "./update-reader.ts";

/** A snapshot in the form in which it goes over the wire to who can unpack it. In the server it is made in a worker. */
export type Pack = (snapshot: Uint8Array) => Promise<Uint8Array>;

/** Below this a few round trips cost more than the bytes. */
const LEAST_BYTES = 64 * 1024;

export async function packHere(snapshot: Uint8Array): Promise<Uint8Array> {
  return packSnapshot(snapshot);
}

/** Linear in the snapshot: about a second for a million annotations. */
export function packSnapshot(snapshot: Uint8Array): Uint8Array {
  const packed = packUpdate(snapshot, runsIn(snapshot));
  // Everybody would get a wrong document, and nobody would notice.
  if (Buffer.compare(unpackUpdate(packed), snapshot) !== 0)
    throw new Error("a snapshot that does not unpack to itself");
  return deflateRawSync(packed);
}

/** Where the points of all outlines lie. A key without an origin is written out; what comes after it in a chain is not looked at. */
function runsIn(update: Uint8Array): PointRun[] {
  const runs: PointRun[] = [];
  for (const { at, clock, count } of mapUpdate(update).sections) {
    const reader = new StructReader(update, { at, clock });
    for (let struct = 0; struct < count; struct++) {
      reader.next();
      const { valueAt, valueLength, hasOrigin, root } = reader;
      if (valueAt >= 0 && (hasOrigin || root === ANNOTATIONS_ROOT))
        runs.push(...pointRuns(update, valueAt, valueLength));
    }
  }
  return runs;
}

/** Packs a layer's snapshot when the first one comes who can use that; who comes before it is ready gets it as it is. */
export class Packing {
  readonly #pack: Pack;
  readonly #log: Pick<Logger, "error">;
  readonly #state: LayerState;
  #busy = false;

  constructor({ pack, log }: { readonly pack: Pack; readonly log: Pick<Logger, "error"> }, state: LayerState) {
    this.#pack = pack;
    this.#log = log;
    this.#state = state;
  }

  request(): void {
    const snapshot = this.#state.snapshotToPack(LEAST_BYTES);
    if (snapshot === null || this.#busy) return;
    this.#busy = true;
    this.#pack(snapshot)
      .then((packed) => this.#state.keepPacked(snapshot, packed))
      .catch((error: unknown) => this.#log.error("snapshot.not-packed", error, { layerId: this.#state.place.id }))
      .finally(() => {
        this.#busy = false;
      });
  }
}
