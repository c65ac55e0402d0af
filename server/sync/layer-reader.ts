import type { Db } from "#db/client.ts";
import { epochStart } from "#db/epochs.ts";
import {
  clientClaims,
  type LoggedUpdate,
  layerPlace,
  lockLog,
  readSnapshot,
  type Snapshot,
  updatesAfter,
} from "#db/layers.ts";
import type { LayerId } from "#domain/ids.ts";
import { checksumOf } from "./compaction.ts";
import { ItemIndex } from "./item-index.ts";
import { LayerContent } from "./layer-content.ts";
import { LayerState, LogMoved, type StoredContent } from "./layer-state.ts";

/** So many updates of a log are read at once. */
const AT_ONCE = 500;

/** Is told of a snapshot that cannot be used. */
type Damaged = (reason: unknown) => void;
type Document = { readonly layerId: LayerId; readonly epoch: number };

/**
 * Reads a layer: the snapshot of its epoch and the log after it, or what the epoch began with and the whole log of it
 * where the snapshot is damaged.
 * @returns null where there is no such layer
 */
export async function loadLayerState(db: Db, layerId: LayerId, damaged: Damaged): Promise<LayerState | null> {
  return db.transaction(async (tx) => {
    // Waits for a commit that a killed process had sent off; what is read after this is the whole log.
    if ((await lockLog(tx, layerId)) === null) return null;
    const place = await layerPlace(tx, layerId);
    if (place === null) return null;
    const document = { layerId, epoch: place.epoch };
    const claims = await clientClaims(tx, layerId);
    const read = await readContent(tx, document, place.lastSeq, damaged);
    return new LayerState(place, claims, read, (seq) => readContent(db, document, seq, damaged));
  });
}

/** @throws LogMoved where what is stored is not the log up to this position */
async function readContent(db: Db, document: Document, seq: number, damaged: Damaged): Promise<StoredContent> {
  const { layerId, epoch } = document;
  const { content, snapshotSeq, ...rest } = await startOf(db, document, damaged);
  if (snapshotSeq > seq) {
    const beyond: LoggedUpdate[] = [];
    await replay(db, layerId, { from: seq, upTo: snapshotSeq }, (update) => beyond.push(update));
    return { content, snapshotSeq, ...rest, beyond };
  }
  const end = await replay(db, layerId, { from: snapshotSeq, upTo: seq }, (update) => {
    if (update.epoch === epoch) content.append(update.seq, update.bytes);
  });
  if (end !== seq) throw new LogMoved(`the log of layer ${layerId} ends at ${end}, not at ${seq}`);
  return { content, snapshotSeq, ...rest };
}

/** Goes through the log after a position, all epochs of it. @returns the position of its end. @throws where a number is missing */
export async function replay(
  db: Db,
  layerId: LayerId,
  { from, upTo = Number.MAX_SAFE_INTEGER }: { readonly from: number; readonly upTo?: number },
  each: (update: LoggedUpdate) => void,
): Promise<number> {
  let seq = from;
  for (;;) {
    const updates = await updatesAfter(db, layerId, seq, { upTo, limit: AT_ONCE });
    for (const update of updates) {
      if (update.seq !== seq + 1) throw new Error(`the log of layer ${layerId} misses ${seq + 1}`);
      each(update);
      seq = update.seq;
    }
    if (updates.length < AT_ONCE) return seq;
  }
}

/** Goes through the updates of one epoch in a part of the log. */
export async function eachUpdate(
  db: Db,
  { layerId, epoch }: Document,
  { from, upTo }: { readonly from: number; readonly upTo: number },
  each: (bytes: Uint8Array) => void,
): Promise<void> {
  for (let at = from; ; ) {
    const updates = await updatesAfter(db, layerId, at, { upTo, epoch });
    for (const { bytes } of updates) each(bytes);
    const last = updates.at(-1);
    if (last === undefined) return;
    at = last.seq;
  }
}

/** The document of an epoch that is over, with the late work for it up to a position of the log. */
export async function readEnded(db: Db, document: Document, upTo: number): Promise<ItemIndex> {
  const { content, snapshotSeq } = await startOf(db, document, () => undefined);
  const index = new ItemIndex();
  for (const update of content.updates()) index.load(update);
  await eachUpdate(db, document, { from: snapshotSeq, upTo }, (bytes) => index.load(bytes));
  return index;
}

/** The snapshot of an epoch where it is sound, else what the epoch began with. @throws where that is damaged too */
async function startOf(db: Db, { layerId, epoch }: Document, damaged: Damaged): Promise<StoredContent> {
  const stored = await readSnapshot(db, layerId, epoch);
  const snapshot = stored === null ? null : sound(stored, damaged);
  if (snapshot !== null) return { content: snapshot, snapshotSeq: stored?.seq ?? 0, damaged: false };
  const start = await epochStart(db, layerId, epoch);
  if (start === null) return { content: new LayerContent(null), snapshotSeq: 0, damaged: stored !== null };
  if (checksumOf(start.bytes) !== start.checksum) {
    throw new Error(`what epoch ${epoch} of layer ${layerId} began with does not have its checksum`);
  }
  const content = new LayerContent({ seq: start.afterSeq, bytes: start.bytes });
  return { content, snapshotSeq: start.afterSeq, damaged: stored !== null };
}

function sound(snapshot: Snapshot, damaged: Damaged): LayerContent | null {
  if (checksumOf(snapshot.bytes) !== snapshot.checksum) {
    damaged("checksum");
    return null;
  }
  try {
    return new LayerContent(snapshot);
  } catch (error) {
    damaged(error);
    return null;
  }
}
