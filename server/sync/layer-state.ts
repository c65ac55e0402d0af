import { createHash } from "node:crypto";
import * as Y from "yjs";
import type { Db } from "#db/client.ts";
import {
  clientOwners,
  type LayerPlace,
  layerPlace,
  lockLog,
  readSnapshot,
  type Snapshot,
  updatesAfter,
} from "#db/layers.ts";
import type { AnnotationId, LayerId, PersonId } from "#domain/ids.ts";
import { type AnnotationChange, LayerDoc } from "#domain/layer-doc.ts";
import { creatorClient } from "./update-check.ts";

/** What an update did: its bytes as they go to the log and to the others, and what they changed. */
export type Applied = { readonly bytes: Uint8Array; readonly changes: readonly AnnotationChange[] };

export type Edited<T> = {
  readonly value: T;
  readonly applied: Applied | null;
  readonly newClients: readonly number[];
};

/** A layer as its log says, at position `seq`. Whoever changes it either commits the change or throws the state away. */
export class LayerState {
  readonly place: LayerPlace;
  readonly layerDoc: LayerDoc;
  /** The person each Yjs client id belongs to. */
  readonly owners: Map<number, PersonId>;
  seq: number;
  /** Position of the newest stored snapshot. */
  snapshotSeq: number;
  /** Client ids of this process, one for each person whom it edits for. */
  readonly #ownClients = new Map<PersonId, number>();
  #bytes: Uint8Array | null = null;
  #changes: readonly AnnotationChange[] = [];

  constructor(
    place: LayerPlace,
    owners: Map<number, PersonId>,
    doc: Y.Doc,
    position: { seq: number; snapshotSeq: number },
  ) {
    this.place = place;
    this.owners = owners;
    this.layerDoc = new LayerDoc(doc);
    this.seq = position.seq;
    this.snapshotSeq = position.snapshotSeq;
    this.layerDoc.observe((changes) => {
      this.#changes = changes;
    });
    doc.on("update", (bytes: Uint8Array) => {
      this.#bytes = bytes;
    });
  }

  get doc(): Y.Doc {
    return this.layerDoc.doc;
  }

  /**
   * Applies an update that was checked.
   * @returns null where it changed nothing
   */
  apply(update: Uint8Array, newClients: readonly number[], author: PersonId): Applied | null {
    for (const client of newClients) this.owners.set(client, author);
    return this.#captured(() => Y.applyUpdate(this.doc, update, "log"));
  }

  /**
   * Runs a change in the name of a person.
   * @returns what it returned, what it did, and this process's client id for the person where that is new in the log
   */
  editAs<T>(author: PersonId, change: (layerDoc: LayerDoc) => T): Edited<T> {
    const client = this.#ownClients.get(author) ?? this.#freshClient();
    this.#ownClients.set(author, client);
    this.doc.clientID = client;
    const values: T[] = [];
    const applied = this.#captured(() => values.push(this.layerDoc.transact(() => change(this.layerDoc), "command")));
    const isNew = applied !== null && !this.owners.has(client);
    if (isNew) this.owners.set(client, author);
    return { value: values[0] as T, applied, newClients: isNew ? [client] : [] };
  }

  /** Whether the latest `apply` or `editAs` changed the document, also where it failed. */
  get touched(): boolean {
    return this.#bytes !== null;
  }

  creatorOf(id: AnnotationId): PersonId | undefined {
    const client = creatorClient(this.doc, id);
    return client === undefined ? undefined : this.owners.get(client);
  }

  snapshot(): Snapshot {
    const bytes = Y.encodeStateAsUpdate(this.doc);
    return { seq: this.seq, bytes, checksum: checksumOf(bytes) };
  }

  destroy(): void {
    this.doc.destroy();
  }

  #captured(change: () => unknown): Applied | null {
    this.#bytes = null;
    this.#changes = [];
    change();
    const { pendingStructs, pendingDs } = this.doc.store;
    if (pendingStructs !== null || pendingDs !== null) throw new Error("a checked update left a gap");
    return this.#bytes === null ? null : { bytes: this.#bytes, changes: this.#changes };
  }

  #freshClient(): number {
    for (;;) {
      const client = new Y.Doc().clientID;
      if (!this.owners.has(client)) return client;
    }
  }
}

/**
 * Reads a layer: its snapshot and the log after it, or the whole log where the snapshot is damaged.
 * @param damaged is told of a snapshot that cannot be used
 * @returns null where there is no such layer
 */
export async function loadLayerState(
  db: Db,
  layerId: LayerId,
  damaged: (reason: unknown) => void,
): Promise<LayerState | null> {
  return db.transaction(async (tx) => {
    // Waits for a commit that a killed process had sent off; what is read after this is the whole log.
    if ((await lockLog(tx, layerId)) === null) return null;
    const place = await layerPlace(tx, layerId);
    if (place === null) return null;
    const owners = await clientOwners(tx, layerId);
    const stored = await readSnapshot(tx, layerId);
    const started = stored === null ? null : startFrom(stored, damaged);
    const doc = started ?? new Y.Doc();
    const snapshotSeq = started === null ? 0 : (stored?.seq ?? 0);
    const seq = await replay(tx, layerId, snapshotSeq, (update) => Y.applyUpdate(doc, update.bytes, "log"));
    if (seq !== place.lastSeq) throw new Error(`the log of layer ${layerId} ends at ${seq}, not at ${place.lastSeq}`);
    return new LayerState(place, owners, doc, { seq, snapshotSeq });
  });
}

type Logged = Awaited<ReturnType<typeof updatesAfter>>[number];

/** Goes through the log after a position. @returns the position of its end. @throws where a number is missing */
export async function replay(db: Db, layerId: LayerId, from: number, each: (update: Logged) => void): Promise<number> {
  let seq = from;
  for (;;) {
    const updates = await updatesAfter(db, layerId, seq);
    if (updates.length === 0) return seq;
    for (const update of updates) {
      if (update.seq !== seq + 1) throw new Error(`the log of layer ${layerId} misses ${seq + 1}`);
      each(update);
      seq = update.seq;
    }
  }
}

function startFrom(snapshot: Snapshot, damaged: (reason: unknown) => void): Y.Doc | null {
  if (checksumOf(snapshot.bytes) !== snapshot.checksum) {
    damaged("checksum");
    return null;
  }
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, snapshot.bytes, "log");
    return doc;
  } catch (error) {
    doc.destroy();
    damaged(error);
    return null;
  }
}

function checksumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
