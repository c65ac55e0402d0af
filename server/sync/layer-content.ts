import * as Y from "yjs";
import type { Pieces } from "./compaction.ts";
import { packedFrame, step2Frame, updateFrame } from "./protocol.ts";
import { mapUpdate, type UpdateMap } from "./update-reader.ts";

type Stored = { readonly seq: number; readonly bytes: Uint8Array };
type TailEntry = Stored & { readonly frame: Uint8Array };

/** Says nothing, and with it that everything has been said. */
const EMPTY_STEP_2 = step2Frame(Uint8Array.of(0, 0));

/**
 * A layer as it is stored: a snapshot and the updates after it, each in the frame in which it goes out. Whoever joins
 * gets these as they are; no document is built for it.
 */
export class LayerContent {
  #snapshot: Stored | null;
  #map: UpdateMap;
  #tail: TailEntry[] = [];
  #tailBytes = 0;
  #served: Served | null = null;
  /** The whole snapshot in packed form, in its frame. */
  #packed: Uint8Array | null = null;

  /** @throws RangeError for a snapshot that holds what a layer may not */
  constructor(snapshot: Stored | null) {
    this.#snapshot = snapshot;
    this.#map = mapOf(snapshot);
  }

  get tailBytes(): number {
    return this.#tailBytes;
  }

  /** Bytes of snapshot and tail. */
  get storedBytes(): number {
    return (this.#snapshot?.bytes.length ?? 0) + this.#tailBytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return (this.#served?.bytes ?? this.#snapshot?.bytes.length ?? 0) + (this.#packed?.length ?? 0) + this.#tailBytes;
  }

  snapshotToPack(leastBytes: number): Uint8Array | null {
    if (this.#packed !== null || this.#snapshot === null || this.#snapshot.bytes.length < leastBytes) return null;
    return this.#snapshot.bytes;
  }

  keepPacked(snapshot: Uint8Array, packed: Uint8Array): void {
    if (this.#snapshot?.bytes === snapshot) this.#packed = packedFrame(packed);
  }

  /** Adds the next update of the log. @returns its frame */
  append(seq: number, bytes: Uint8Array): Uint8Array {
    const frame = updateFrame(bytes);
    this.#tail.push({ seq, bytes: endOf(frame, bytes.length), frame });
    this.#tailBytes += bytes.length;
    return frame;
  }

  /** Puts a snapshot in the place of what it covers. */
  replace(snapshot: Stored): void {
    this.#snapshot = snapshot;
    this.#map = mapOf(snapshot);
    this.#served = null;
    this.#packed = null;
    this.#tail = this.#tail.filter((entry) => entry.seq > snapshot.seq);
    this.#tailBytes = this.#tail.reduce((sum, entry) => sum + entry.bytes.length, 0);
  }

  /** Next clock of every Yjs client id. */
  clocks(): Map<number, number> {
    const tail = this.#tail.flatMap(({ bytes }) => mapUpdate(bytes).sections);
    return new Map([...this.#map.sections, ...tail].map(({ client, end }) => [client, end]));
  }

  /** Everything, piece by piece. */
  pieces(seq: number): Pieces {
    return { seq, snapshot: this.#snapshot?.bytes ?? null, updates: this.#tail.map((entry) => entry.bytes) };
  }

  /** Every update after a position, the snapshot first where it reaches beyond it. */
  *updates(after = 0): Generator<Uint8Array> {
    if (this.#snapshot && this.#snapshot.seq > after) yield this.#snapshot.bytes;
    for (const { seq, bytes } of this.#tail) if (seq > after) yield bytes;
  }

  /**
   * What somebody lacks who has a state, in frames, the last of which says that it was all. The whole snapshot, or where
   * they have every struct of it only what was deleted in it; then the tail.
   * @param vector Yjs state vector. @throws where it cannot be read
   * @param unpacks whether the whole snapshot may go out in packed form
   */
  framesFor(vector: Uint8Array, unpacks = false): { readonly frames: readonly Uint8Array[]; readonly whole: boolean } {
    const theirs = Y.decodeStateVector(vector);
    const tail = this.#tail.map((entry) => entry.frame);
    if (this.#snapshot === null) return { frames: [...tail, EMPTY_STEP_2], whole: true };
    const { whole, deletes } = this.#serve(this.#snapshot);
    const covers = this.#map.sections.every(({ client, end }) => (theirs.get(client) ?? 0) >= end);
    const everything = unpacks && this.#packed !== null ? this.#packed : whole;
    return { frames: [covers ? deletes : everything, ...tail, EMPTY_STEP_2], whole: !covers };
  }

  #serve({ seq, bytes }: Stored): Served {
    if (this.#served) return this.#served;
    this.#served = serve(bytes, this.#map.deletesAt);
    // Held once: the snapshot is the end of its own frame.
    this.#snapshot = { seq, bytes: endOf(this.#served.whole, bytes.length) };
    return this.#served;
  }
}

/** A snapshot in the two forms in which it goes out. */
type Served = {
  readonly whole: Uint8Array;
  readonly deletes: Uint8Array;
  readonly bytes: number;
};

function serve(snapshot: Uint8Array, deletesAt: number): Served {
  const deletions = new Uint8Array(1 + snapshot.length - deletesAt);
  deletions.set(snapshot.subarray(deletesAt), 1);
  const [whole, deletes] = [updateFrame(snapshot), updateFrame(deletions)];
  return { whole, deletes, bytes: whole.length + deletes.length };
}

function mapOf(snapshot: Stored | null): UpdateMap {
  return snapshot === null ? { sections: [], deletesAt: 0 } : mapUpdate(snapshot.bytes);
}

function endOf(frame: Uint8Array, length: number): Uint8Array {
  return frame.subarray(frame.length - length);
}
