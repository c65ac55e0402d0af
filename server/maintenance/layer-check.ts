import { createHash } from "node:crypto";
import * as Y from "yjs";
import type { Db } from "#db/client.ts";
import { epochStarts } from "#db/epochs.ts";
import { type LayerPlace, readSnapshot, type Snapshot, writeSnapshot } from "#db/layers.ts";
import { dropSnapshots } from "#db/recovery.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { checksumOf } from "#server/sync/compaction.ts";
import { documentAt, walkLog } from "#server/sync/log-walk.ts";
import { type Difference, rebuildRows } from "#server/sync/rebuild.ts";
import { mendFields } from "./field-check.ts";
import { mendPairs } from "./pair-check.ts";

/** Thrown to undo what a comparison wrote. */
const TAKE_BACK = new Error("a comparison is never kept");

/** In what a layer's rows differ from its log. Changes nothing; holds the layer while it compares. */
export async function rowDifference(db: Db, place: LayerPlace): Promise<Difference> {
  const found: Difference[] = [];
  try {
    await db.transaction(async (tx) => {
      found.push(await rebuildRows(tx, place, place.lastSeq));
      throw TAKE_BACK;
    });
  } catch (error) {
    if (error !== TAKE_BACK) throw error;
  }
  const [difference] = found;
  if (difference === undefined) throw new Error(`the rows of layer ${place.id} were not compared`);
  return difference;
}

/** What is wrong with the snapshots of a layer's epochs, each in a clause. The log must be whole. */
export async function snapshotFaults(db: Db, place: LayerPlace): Promise<{ seen: number; faults: string[] }> {
  const faults: string[] = [];
  let seen = 0;
  for (const document of await epochEnds(db, place)) {
    const stored = await readSnapshot(db, place.id, document.epoch);
    if (stored === null) continue;
    seen++;
    const fault = await snapshotFault(db, place, document, stored);
    if (fault !== null) faults.push(place.epoch === 1 ? fault : `epoch ${document.epoch}: ${fault}`);
  }
  return { seen, faults };
}

async function snapshotFault(
  db: Db,
  place: LayerPlace,
  { epoch, seq }: EpochEnd,
  snapshot: Snapshot,
): Promise<string | null> {
  if (checksumOf(snapshot.bytes) !== snapshot.checksum) return "its bytes do not have its checksum";
  if (snapshot.seq > seq) return `it is of ${snapshot.seq}, and the log ends at ${seq}`;
  const doc = new Y.Doc();
  const logged = await documentAt(db, place.id, { epoch, seq: snapshot.seq });
  try {
    Y.applyUpdate(doc, snapshot.bytes);
    return isSame(doc, logged) ? null : `it is not what the log gives at ${snapshot.seq}`;
  } catch (error) {
    return `it cannot be read: ${sentenceOf(error)}`;
  } finally {
    doc.destroy();
    logged.destroy();
  }
}

/** What is wrong with the documents that a layer began anew with, each in a clause. The log must be whole. */
export async function epochFaults(db: Db, place: LayerPlace): Promise<string[]> {
  const starts = await epochStarts(db, place.id);
  const numbered = starts.every(({ epoch }, index) => epoch === index + 2) && place.epoch === starts.length + 1;
  if (!numbered) return [`it is at epoch ${place.epoch}, and has begun ${starts.map(({ epoch }) => epoch).join(", ")}`];
  if (starts.length === 0) return [];
  const faults: string[] = [];
  try {
    const doc = await walkLog(db, place.id, {
      epoch: ({ epoch, bytes, checksum }, ended, next) => {
        const fits = contentHash(ended) === contentHash(next);
        if (checksumOf(bytes) !== checksum) faults.push(`epoch ${epoch}: its bytes do not have its checksum`);
        else if (!fits) faults.push(`epoch ${epoch}: it does not begin with what the one before it ended with`);
      },
    });
    doc.destroy();
  } catch (error) {
    faults.push(`an epoch cannot be read: ${sentenceOf(error)}`);
  }
  return faults;
}

/** Where the document of an epoch ends; the present one with the log. */
type EpochEnd = { readonly epoch: number; readonly seq: number };

async function epochEnds(db: Db, place: LayerPlace): Promise<EpochEnd[]> {
  const starts = await epochStarts(db, place.id);
  return [
    ...starts.map(({ epoch, afterSeq }) => ({ epoch: epoch - 1, seq: afterSeq })),
    { epoch: place.epoch, seq: place.lastSeq },
  ];
}

/** What a rebuild mended. */
export type Mended = {
  readonly rows: Difference;
  readonly snapshots: readonly string[];
  /** Pairs of outlines that were said to share something else than they do. */
  readonly pairs: number;
  /** Outlines that were said to have room for another number of fields of view than they have. */
  readonly fields: number;
};

/** Makes rows, measures and snapshots of a layer from its log, which must be whole. Belongs into a transaction. */
export async function rebuildLayer(tx: Db, place: LayerPlace): Promise<Mended> {
  const rows = await rebuildRows(tx, place, place.lastSeq);
  const pairs = await mendPairs(tx, place.id);
  const fields = await mendFields(tx, place.id);
  const { faults } = await snapshotFaults(tx, place);
  await dropSnapshots(tx, place.id);
  for (const { epoch, seq } of await epochEnds(tx, place)) {
    if (seq === 0) continue;
    const doc = await documentAt(tx, place.id, { epoch, seq });
    const bytes = Y.encodeStateAsUpdate(doc);
    doc.destroy();
    await writeSnapshot(tx, place.id, epoch, { seq, bytes, checksum: checksumOf(bytes) });
  }
  return { rows, snapshots: faults, pairs, fields };
}

export function isEmpty({ missing, extra, different, miscounted }: Difference): boolean {
  return missing.length + extra.length + different.length + miscounted.length === 0;
}

/** The same history, and the same annotations. */
function isSame(a: Y.Doc, b: Y.Doc): boolean {
  return (
    Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b)) && contentHash(new LayerDoc(a)) === contentHash(new LayerDoc(b))
  );
}

function contentHash(layerDoc: LayerDoc): string {
  const hash = createHash("sha256");
  const lines = [...layerDoc.all()].map((each) => ({ id: each.id, text: JSON.stringify(each) }));
  for (const { text } of lines.sort((a, b) => (a.id < b.id ? -1 : 1))) hash.update(text).update("\n");
  return hash.digest("hex");
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
