import type * as Y from "yjs";
import { type AnnotationRow, annotationRows, deleteAnnotations, upsertAnnotations } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { clientClaims, type LayerPlace, lockLog } from "#db/layers.ts";
import { retally, type Tally, talliesOf } from "#db/tallies.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { ANNOTATIONS_ROOT } from "#domain/layer-doc.ts";
import { LogMoved } from "./layer-state.ts";
import { walkLog } from "./log-walk.ts";
import { Projection } from "./projection.ts";

/** In what the stored rows of a layer differed from its log: all empty where the projection is right. */
export type Difference = {
  readonly missing: readonly AnnotationId[];
  readonly extra: readonly AnnotationId[];
  readonly different: readonly AnnotationId[];
  /** Tallies that did not say what the log does, each by what its annotations share. */
  readonly miscounted: readonly string[];
};

/**
 * Computes a layer's rows from its whole log and puts them in the place of those that differ, in one transaction.
 * @param seq a position the caller knows the log to have reached
 */
export async function rebuildRows(db: Db, place: LayerPlace, seq: number): Promise<Difference> {
  return db.transaction(async (tx) => {
    const log = await lockLog(tx, place.id);
    if (log === null || log.lastSeq < seq) throw LogMoved.from(log, { seq, place });
    const computed = await computeRows(tx, place);
    const stored = await annotationRows(tx, { layerIds: [place.id] });
    const tallies = await talliesOf(tx, place.id);
    const difference = compareRows(computed, stored);
    const wrong = new Set([...difference.missing, ...difference.different]);
    await deleteAnnotations(tx, place.id, [...difference.extra, ...difference.different]);
    await upsertAnnotations(
      tx,
      computed.filter((row) => wrong.has(row.id)),
    );
    const misread = (await retally(tx, [place.id])).filter((id) => !wrong.has(id));
    const different = [...difference.different, ...misread];
    return { ...difference, different, miscounted: miscounted(tallies, await talliesOf(tx, place.id)) };
  });
}

function miscounted(stored: readonly Tally[], counted: readonly Tally[]): string[] {
  const wrong = new Map(stored.map((tally) => [spelling(tally), tally]));
  for (const tally of counted) if (!wrong.delete(spelling(tally))) wrong.set(spelling(tally), tally);
  const names = [...wrong.values()].map(({ classId, under, createdBy }) => `${classId} under ${under} by ${createdBy}`);
  return [...new Set(names)].sort();
}

/** By Yjs documents of its own, so that a rebuild also judges the way in which rooms resolve updates without one. */
async function computeRows(tx: Db, place: LayerPlace): Promise<AnnotationRow[]> {
  const owners = new Map((await clientClaims(tx, place.id)).map(({ clientId, personId }) => [clientId, personId]));
  let present: Y.Doc | null = null;
  const projection = new Projection(place, (id) => owners.get((present && creatorClient(present, id)) ?? -1));
  present = await walkLog(tx, place.id, {
    update: ({ authorId, at }, changes) => projection.add({ changes, authorId, at }),
  });
  const rows = projection.rows();
  present.destroy();
  return rows;
}

/** The client id under which an annotation was drawn, whoever changed it afterwards. */
function creatorClient(doc: Y.Doc, id: AnnotationId): number | undefined {
  let item = doc.getMap(ANNOTATIONS_ROOT)._map.get(id);
  while (item?.left) item = item.left;
  return item?.id.client;
}

function compareRows(
  computed: readonly AnnotationRow[],
  stored: readonly AnnotationRow[],
): Omit<Difference, "miscounted"> {
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
function spelling(row: AnnotationRow | Tally): string {
  const attributes = Object.entries(row.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = { ...row, attributes, ...("record" in row && { record: Buffer.from(row.record).toString("base64") }) };
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
