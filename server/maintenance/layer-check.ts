import { createHash } from "node:crypto";
import * as Y from "yjs";
import type { Db } from "#db/client.ts";
import { type LayerPlace, readSnapshot, type Snapshot, updatesAfter, writeSnapshot } from "#db/layers.ts";
import { dropSnapshot } from "#db/recovery.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { type Difference, rebuildRows } from "#server/sync/rebuild.ts";

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

/** What is wrong with a layer's snapshot, or null. The log must be whole. */
export async function snapshotFault(db: Db, place: LayerPlace, snapshot: Snapshot): Promise<string | null> {
  if (checksumOf(snapshot.bytes) !== snapshot.checksum) return "its bytes do not have its checksum";
  if (snapshot.seq > place.lastSeq) return `it is of ${snapshot.seq}, and the log ends at ${place.lastSeq}`;
  const doc = new Y.Doc();
  const logged = await documentAt(db, place, snapshot.seq);
  try {
    Y.applyUpdate(doc, snapshot.bytes);
    return isSame(doc, logged) ? null : `it is not what the log gives at ${snapshot.seq}`;
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    doc.destroy();
    logged.destroy();
  }
}

/** What a rebuild mended. */
export type Mended = { readonly rows: Difference; readonly snapshot: string | null };

/** Makes rows and snapshot of a layer from its log, which must be whole. Belongs into a transaction. */
export async function rebuildLayer(tx: Db, place: LayerPlace): Promise<Mended> {
  const rows = await rebuildRows(tx, place, place.lastSeq);
  const stored = await readSnapshot(tx, place.id);
  const snapshot = stored === null ? null : await snapshotFault(tx, place, stored);
  await dropSnapshot(tx, place.id);
  if (place.lastSeq > 0) {
    const doc = await documentAt(tx, place, place.lastSeq);
    const bytes = Y.encodeStateAsUpdate(doc);
    doc.destroy();
    await writeSnapshot(tx, place.id, { seq: place.lastSeq, bytes, checksum: checksumOf(bytes) });
  }
  return { rows, snapshot };
}

export function isEmpty({ missing, extra, different }: Difference): boolean {
  return missing.length + extra.length + different.length === 0;
}

/** The document that the log gives at a position. */
async function documentAt(db: Db, place: LayerPlace, seq: number): Promise<Y.Doc> {
  const doc = new Y.Doc();
  for (let at = 0; at < seq; ) {
    const updates = await updatesAfter(db, place.id, at, { upTo: seq });
    if (updates.length === 0) throw new Error(`the log of layer ${place.id} ends at ${at}, before ${seq}`);
    for (const update of updates) Y.applyUpdate(doc, update.bytes);
    at = updates.at(-1)?.seq ?? seq;
  }
  return doc;
}

/** The same history, and the same annotations. */
function isSame(a: Y.Doc, b: Y.Doc): boolean {
  return Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b)) && contentHash(a) === contentHash(b);
}

function contentHash(doc: Y.Doc): string {
  const hash = createHash("sha256");
  const lines = [...new LayerDoc(doc).all()].map((each) => ({ id: each.id, text: JSON.stringify(each) }));
  for (const { text } of lines.sort((a, b) => (a.id < b.id ? -1 : 1))) hash.update(text).update("\n");
  return hash.digest("hex");
}

function checksumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
