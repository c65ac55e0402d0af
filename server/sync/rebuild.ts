import * as Y from "yjs";
import { type AnnotationRow, annotationRows, deleteAnnotations, upsertAnnotations } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { clientOwners, type LayerPlace, lockLog } from "#db/layers.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { LogMoved } from "./commit.ts";
import { LayerState, replay } from "./layer-state.ts";
import { Projection } from "./projection.ts";

/** In what the stored rows of a layer differed from its log: all empty where the projection is right. */
export type Difference = {
  readonly missing: readonly AnnotationId[];
  readonly extra: readonly AnnotationId[];
  readonly different: readonly AnnotationId[];
};

/**
 * Computes a layer's rows from its whole log and puts them in the place of those that differ, in one transaction.
 * @param seq the position the caller knows the log to end at
 */
export async function rebuildRows(db: Db, place: LayerPlace, seq: number): Promise<Difference> {
  return db.transaction(async (tx) => {
    const lastSeq = await lockLog(tx, place.id);
    if (lastSeq !== seq) throw new LogMoved(`log at ${lastSeq}, state at ${seq}`);
    const computed = await computeRows(tx, place);
    const stored = await annotationRows(tx, { layerIds: [place.id] });
    const difference = compareRows(computed, stored);
    const wrong = new Set([...difference.missing, ...difference.different]);
    await deleteAnnotations(tx, place.id, [...difference.extra, ...difference.different]);
    await upsertAnnotations(
      tx,
      computed.filter((row) => wrong.has(row.id)),
    );
    return difference;
  });
}

async function computeRows(tx: Db, place: LayerPlace): Promise<AnnotationRow[]> {
  const state = new LayerState(place, await clientOwners(tx, place.id), new Y.Doc(), { seq: 0, snapshotSeq: 0 });
  const projection = new Projection(place, (id) => state.creatorOf(id));
  await replay(tx, place.id, 0, ({ bytes, authorId, at }) => {
    const applied = state.apply(bytes, [], authorId);
    if (applied) projection.add({ changes: applied.changes, authorId, at });
  });
  const rows = projection.rows();
  state.destroy();
  return rows;
}

function compareRows(computed: readonly AnnotationRow[], stored: readonly AnnotationRow[]): Difference {
  const before = new Map(stored.map((row) => [row.id, row]));
  const missing: AnnotationId[] = [];
  const different: AnnotationId[] = [];
  for (const row of computed) {
    const old = before.get(row.id);
    if (old === undefined) missing.push(row.id);
    else if (spelling(row) !== spelling(old)) different.push(row.id);
    before.delete(row.id);
  }
  return { missing, extra: [...before.keys()], different };
}

/** Every field of a row in one text, the same for the same row. */
function spelling(row: AnnotationRow): string {
  const attributes = Object.entries(row.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = { ...row, attributes, record: Buffer.from(row.record).toString("base64") };
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
