import { type AnnotationRow, annotationOf, annotationRow, annotationRows } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addDissolution, type DissolutionRow, dissolutionById, markDissolutionUndone } from "#db/dissolutions.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type Annotation, type Geometry, MAX_NOTE_LENGTH } from "#domain/annotation.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import { type AnnotationId, annotationId, type ClassId, classId, type LayerId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { restamped } from "#domain/migration/said.ts";
import type { History } from "#domain/migration.ts";
import type { LayerSubject } from "#domain/permissions.ts";
import { allow, requireLayer } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { groupKey, touching } from "#server/queries/dissolve.ts";
import type { Caller } from "#server/session.ts";
import { contentHash } from "#server/sync/projection.ts";
import { watchers } from "#server/watchers.ts";

type Item = { readonly annotationId: AnnotationId; readonly contentHash: string };
export type DissolveRequest = {
  /** Names the decision; one that was taken under it already is not taken again. */
  readonly id: AnnotationId;
  readonly decision: "dissolved" | "left";
  /** The outlines, with the contents that the person looked at. */
  readonly items: readonly Item[];
};

/**
 * Makes one outline of those that a merge made alike and that touch, as one edit in the caller's name, or leaves them as
 * they are. The largest goes on as the whole, with the notes of all; the others end.
 * @throws AppError not-found, not-allowed, content-changed, not-touching, bad-request for a name that is taken
 */
export async function dissolve(
  world: World,
  caller: Caller,
  layerId: LayerId,
  request: DissolveRequest,
): Promise<void> {
  const { db, rooms, now } = world;
  const { member, subject, slideId } = await requireLayer(db, caller, layerId);
  allow(member, "layer.dissolve", subject);
  const known = await dissolutionById(db, layerId, request.id);
  if (known !== null && known.personId !== caller.personId)
    throw new AppError("bad-request", { in: "json", path: "id" });
  if (known !== null) return;
  const history = await guidelineHistory(db, subject.projectId);
  const rows = await unchangedRows(db, layerId, request.items);
  const [group, ...others] = await touching(world, { slideId, rows, history });
  if (group === undefined || others.length > 0 || group.items.length < rows.length) {
    throw new AppError("not-touching", { annotationIds: rows.map(({ id }) => id) });
  }
  const version = history.at(-1)?.number ?? 1;
  const whole = wholeOf(rows, { geometry: group.geometry, classId: classId.parse(group.classId), version, history });
  const isLeft = request.decision === "left";
  const decided = {
    ...{ id: request.id, layerId, personId: caller.personId, decision: request.decision, version, at: now() },
    groupKey: groupKey(rows),
    resultId: isLeft ? null : whole.id,
    formers: isLeft ? [] : rows.map(({ id, record }) => ({ id, record: Buffer.from(record).toString("base64") })),
  };
  const store = async (tx: Db, afterHash: string | null) => {
    await addDissolution(tx, { ...decided, afterHash });
    await audited(tx, caller, subject, { layerId, action: `outlines.${request.decision}`, count: rows.length });
  };
  if (isLeft) {
    await db.transaction(async (tx) => {
      await unchangedRows(tx, layerId, request.items);
      await store(tx, null);
    });
  } else {
    await rooms.edit(layerId, caller.personId, (doc) => joined(doc, rows, whole), {
      before: async (tx) => void (await unchangedRows(tx, layerId, request.items)),
      alongside: store,
    });
  }
  await tell(world, subject);
}

/**
 * Takes a decision of the caller's own back: the outlines are there again as they were, unless somebody has changed the
 * whole since.
 * @throws AppError not-found, not-allowed, content-changed
 */
export async function undoDissolve(world: World, caller: Caller, layerId: LayerId, id: string): Promise<void> {
  const { db, rooms, now } = world;
  const { member, subject } = await requireLayer(db, caller, layerId);
  allow(member, "layer.dissolve", subject);
  const decided = await dissolutionById(db, layerId, id);
  if (decided === null || decided.undoneAt !== null || decided.personId !== caller.personId) {
    throw new AppError("not-found", { id });
  }
  const take = async (tx: Db) => {
    await checkWhole(tx, decided);
    if (!(await markDissolutionUndone(tx, id, now()))) throw new AppError("not-found", { id });
    const count = decided.formers.length;
    await audited(tx, caller, subject, { layerId, action: "outlines.undissolved", count });
  };
  if (decided.resultId === null) await db.transaction(take);
  else await rooms.edit(layerId, caller.personId, (doc) => putBack(doc, decided), { before: take });
  await tell(world, subject);
}

/** @throws AppError content-changed for one that is gone or another by now */
async function unchangedRows(db: Db, layerId: LayerId, items: readonly Item[]): Promise<AnnotationRow[]> {
  const wanted = new Map(items.map((item) => [item.annotationId, item.contentHash]));
  const rows = await annotationRows(db, { layerIds: [layerId], ids: [...wanted.keys()] });
  const changed = rows.find(({ id, contentHash: hash }) => wanted.get(id) !== hash);
  if (changed !== undefined || rows.length < wanted.size) {
    throw new AppError("content-changed", { annotationId: changed?.id ?? null });
  }
  return rows;
}

/** The largest with the geometry of all; what was said and noted about the others is kept with it. */
function wholeOf(
  rows: readonly AnnotationRow[],
  made: {
    readonly geometry: Geometry;
    readonly classId: ClassId;
    readonly version: number;
    readonly history: History;
  },
): Annotation {
  const [largest, ...others] = rows.toSorted((a, b) => b.areaPx - a.areaPx || (a.id < b.id ? -1 : 1)).map(annotationOf);
  if (largest === undefined) throw new Error("a group without outlines");
  const { geometry, classId: into, version: under, history } = made;
  const all = [largest, ...others];
  const note = [...new Set(all.map((each) => each.note).filter((each) => each !== ""))].join("\n");
  const attributes = Object.assign({}, ...all.toReversed().map((each) => restamped(each, under, history)));
  return { ...largest, geometry, classId: into, under, attributes, note: note.slice(0, MAX_NOTE_LENGTH) };
}

/** @returns the hash of the whole */
function joined(doc: LayerDoc, rows: readonly AnnotationRow[], whole: Annotation): string {
  doc.put(whole, { origin: "command" });
  for (const { id } of rows) if (id !== whole.id) doc.remove(id, { origin: "command" });
  const after = doc.get(whole.id);
  if (after === null) throw new Error("a whole that was not drawn");
  return contentHash(after);
}

function putBack(doc: LayerDoc, { formers }: DissolutionRow): void {
  for (const { id, record } of formers) {
    doc.put({ id: annotationId.parse(id), ...decodeRecord(Buffer.from(record, "base64")) }, { origin: "command" });
  }
}

async function checkWhole(tx: Db, { layerId, resultId, afterHash }: DissolutionRow): Promise<void> {
  if (resultId === null) return;
  const row = await annotationRow(tx, layerId, resultId);
  if (row?.contentHash !== afterHash) throw new AppError("content-changed", { annotationId: resultId });
}

async function audited(
  tx: Db,
  { personId }: Caller,
  { projectId }: LayerSubject,
  { layerId, action, count }: { readonly layerId: LayerId; readonly action: string; readonly count: number },
): Promise<void> {
  await appendAudit(tx, { personId, projectId, subject: layerId, action, detail: { annotations: count } });
}

/** Whoever may decide about the layer counts again. */
async function tell({ db, events }: World, subject: LayerSubject): Promise<void> {
  const able = await watchers(db, subject.projectId, "layer.dissolve", [subject]);
  events.tell(subject.projectId, able, { kind: "tasks", toast: null });
}
