import { annotationOf, annotationRow } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { draftOf, lockProject, versionsOf } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { addReference, changeReference, referenceById } from "#db/qualification.ts";
import { slideById } from "#db/slides.ts";
import type { Geometry } from "#domain/annotation.ts";
import { geometryBbox } from "#domain/geometry.ts";
import {
  type AnnotationId,
  type ClassId,
  layerId as layerIdSchema,
  type ProjectId,
  type ReferenceId,
  referenceId,
  type SlideId,
  slideId as slideIdSchema,
} from "#domain/ids.ts";
import { resolve } from "#domain/migration.ts";
import { refuseUndrawable } from "#domain/qualification.ts";
import { requireLayer, unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { meaningIn } from "#server/queries/draft-references.ts";
import type { Caller } from "#server/session.ts";
import { makeTasks } from "./make-tasks.ts";
import { isMadeAlready } from "./named-request.ts";

type Box = readonly [minX: number, minY: number, maxX: number, maxY: number];
/** A place of the slide, or an outline of a layer, which is copied. */
export type ReferencePlace =
  | { readonly kind: "box"; readonly slideId: string; readonly box: Box }
  | { readonly kind: "annotation"; readonly layerId: string; readonly annotationId: AnnotationId };
export type ReferenceRequest = {
  /** Names the reference; one that was added under it already is not added again. */
  readonly id?: ReferenceId | undefined;
  readonly place: ReferencePlace;
  /** What it is; of an outline the class that counts for it, unless said otherwise. */
  readonly classId?: ClassId | undefined;
  /** Whether that is so by the draft that is being written. */
  readonly byDraft: boolean;
};

/**
 * A lead says of a place what it is, so that readers can be asked about it. An outline of a read that is still blind is
 * refused, since whoever is asked would see it. The caller has been allowed "guideline.edit".
 * @throws AppError not-found, outline-off-slide, reference-hidden, unknown-class, class-retired, no-guideline, bad-request
 * for an id that another place has
 */
export async function addReferenceItem(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  { id: named, place, classId, byDraft }: ReferenceRequest,
): Promise<ReferenceId> {
  const { db, now } = world;
  const found =
    place.kind === "box" ? await boxPlace(db, projectId, place) : await outlinePlace(db, caller, projectId, place);
  const id = named ?? newId(referenceId);
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    if (await isAdded(tx, caller, projectId, { id, ...found })) return;
    const said = await sayable(tx, projectId, classId ?? found.classId, byDraft);
    const { slideId, outline, box } = found;
    const [minX, minY, maxX, maxY] = box;
    const corners = { minX, minY, maxX, maxY };
    const made = { createdBy: caller.personId, createdAt: now() };
    const of = said.draft === null ? said.published : { ...said.draft, classId: said.draft.draftClassId, under: null };
    await addReference(tx, { id, projectId, slideId, ...of, ...corners, outline, ...made });
    await audit(tx, caller, projectId, id, { action: "reference.added", detail: said.detail });
  });
  await changed(world, projectId);
  return id;
}

/** Whether this very place was added before: whoever asked for it did not hear so. @throws AppError bad-request for another's id */
async function isAdded(
  tx: Db,
  { personId }: Caller,
  projectId: ProjectId,
  { id, slideId, box }: Pick<Place, "slideId" | "box"> & { readonly id: ReferenceId },
): Promise<boolean> {
  const known = await referenceById(tx, id);
  const made = known && [
    ...[known.projectId, known.createdBy, known.slideId],
    ...[known.minX, known.minY, known.maxX, known.maxY],
  ];
  return isMadeAlready(made, [projectId, personId, slideId, ...box]);
}

/** A lead looked again: it is that class by the newest version too, or by the draft. Errors as above. */
export async function confirmReference(
  world: World,
  caller: Caller,
  { projectId, id }: { readonly projectId: ProjectId; readonly id: ReferenceId },
  { classId, byDraft }: { readonly classId: ClassId; readonly byDraft: boolean },
): Promise<void> {
  await world.db.transaction(async (tx) => {
    const { published, draft, detail } = await sayable(tx, projectId, classId, byDraft);
    if (!(await changeReference(tx, { id, projectId }, draft ?? published))) {
      throw new AppError("not-found", { referenceId: id });
    }
    await audit(tx, caller, projectId, id, { action: "reference.confirmed", detail });
  });
  await changed(world, projectId);
}

/** Takes a reference out of later tests. @throws AppError not-found */
export async function removeReference(
  world: World,
  caller: Caller,
  { projectId, id }: { readonly projectId: ProjectId; readonly id: ReferenceId },
): Promise<void> {
  await world.db.transaction(async (tx) => {
    if (!(await changeReference(tx, { id, projectId }, { removedAt: world.now() }))) {
      throw new AppError("not-found", { referenceId: id });
    }
    await audit(tx, caller, projectId, id, { action: "reference.removed", detail: {} });
  });
  await changed(world, projectId);
}

type Place = {
  readonly slideId: SlideId;
  readonly box: Box;
  readonly outline: Geometry | null;
  readonly classId: ClassId | null;
};

async function boxPlace(
  db: Db,
  projectId: ProjectId,
  { slideId, box }: Extract<ReferencePlace, { kind: "box" }>,
): Promise<Place> {
  const parsed = slideIdSchema.safeParse(slideId);
  const slide = parsed.success ? await slideById(db, parsed.data) : null;
  if (slide === null || slide.projectId !== projectId) throw new AppError("not-found", { slideId });
  const [minX, minY, maxX, maxY] = box;
  const { width, height } = slide.meta;
  if (!(minX >= 0 && minY >= 0 && maxX <= width && maxY <= height && maxX - minX >= 1 && maxY - minY >= 1)) {
    throw new AppError("outline-off-slide", { box, width, height });
  }
  return { slideId: slide.id, box, outline: null, classId: null };
}

async function outlinePlace(
  db: Db,
  caller: Caller,
  projectId: ProjectId,
  { layerId, annotationId }: Extract<ReferencePlace, { kind: "annotation" }>,
): Promise<Place> {
  const parsed = layerIdSchema.safeParse(layerId);
  if (!parsed.success) throw new AppError("not-found", { layerId });
  const { subject, slideId } = await requireLayer(db, caller, parsed.data);
  if (subject.projectId !== projectId) throw new AppError("not-found", { layerId });
  if (!subject.unblinded) throw new AppError("reference-hidden", { layerId });
  const row = await annotationRow(db, parsed.data, annotationId);
  if (row === null) throw new AppError("not-found", { annotationId });
  const { geometry, classId, under } = annotationOf(row);
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const standing = resolve(classId, under, await versionsOf(db, projectId), row.shape);
  return { slideId, box: [minX, minY, maxX, maxY], outline: geometry, classId: standing.classId };
}

/**
 * What is stored of a place that is of a class: by the newest version, or by the draft with what the class means in it. The
 * project is held, so that a draft is neither published nor thrown away meanwhile.
 */
async function sayable(tx: Db, projectId: ProjectId, classId: ClassId | null, byDraft: boolean) {
  await lockProject(tx, projectId);
  const versions = await versionsOf(tx, projectId);
  const newest = versions.at(-1);
  const draft = byDraft ? await draftOf(tx, projectId) : null;
  const content = draft?.content ?? newest?.content;
  if (content === undefined) throw new AppError("no-guideline", { projectId });
  if (classId === null)
    throw new AppError("bad-request", { in: "json", path: "classId", message: "a box needs a class" });
  unwrap(refuseUndrawable(classId, content));
  const under = newest?.number ?? 0;
  return {
    published: { classId, under },
    draft: draft === null ? null : { draftClassId: classId, draftMeaning: meaningIn(content)(classId) },
    detail: { classId, under: draft === null ? under : null, byDraft: draft !== null },
  };
}

async function audit(
  tx: Db,
  { personId }: Caller,
  projectId: ProjectId,
  subject: ReferenceId,
  entry: { readonly action: string; readonly detail: Readonly<Record<string, unknown>> },
): Promise<void> {
  await appendAudit(tx, { personId, projectId, subject, ...entry });
}

/** With the first reference of a class its readers can be asked: their tasks are made at once. */
async function changed(world: World, projectId: ProjectId): Promise<void> {
  await makeTasks(world, projectId);
}
