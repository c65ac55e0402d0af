import { appendAudit } from "#db/audit.ts";
import { draftOf } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { slideById, slidesByIds } from "#db/slides.ts";
import { addTrial, countTrialOutlines, endTrial, putTrialOutline, removeTrialOutline } from "#db/trials.ts";
import type { Geometry } from "#domain/annotation.ts";
import { type AnnotationId, type ClassId, type SlideId, type TrialId, trialId as trialIdSchema } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import { checkTrialOutline } from "#domain/trial.ts";
import { allow, unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { SeenTrial } from "#server/queries/trials.ts";

type Work = Pick<World, "db" | "events" | "now">;

/** Outlines of one person in one trial. */
const MOST_OUTLINES = 5_000;

/** Tries the draft out, as it is now, on some slides. @throws AppError not-found where there is no draft or no such slide */
export async function startTrial(
  { db, events, now }: Work,
  { projectId, personId }: Member,
  asked: { readonly name: string; readonly slideIds: readonly SlideId[] },
): Promise<TrialId> {
  const draft = await draftOf(db, projectId);
  if (draft === null) throw new AppError("not-found", { projectId });
  const slideIds = [...new Set(asked.slideIds)];
  const known = (await slidesByIds(db, slideIds)).filter((slide) => slide.projectId === projectId);
  const missing = slideIds.filter((id) => !known.some((slide) => slide.id === id));
  if (missing.length > 0) throw new AppError("not-found", { slideIds: missing });
  const id = newId(trialIdSchema);
  await db.transaction(async (tx) => {
    const { content, parent } = draft;
    await addTrial(
      tx,
      { id, projectId, name: asked.name, content, parent, createdBy: personId, createdAt: now() },
      slideIds,
    );
    const detail = { slides: slideIds.length, parent };
    await appendAudit(tx, { personId, projectId, subject: id, detail, action: "trial.started" });
  });
  events.tell(projectId, "project", { kind: "trials", toast: "A guideline draft can be tried out." });
  return id;
}

/** Nothing is drawn in the trial any more; what was drawn stays to be looked at. @throws AppError trial-ended */
export async function finishTrial({ db, events, now }: Work, { trial, member }: SeenTrial): Promise<void> {
  const { projectId } = member;
  await db.transaction(async (tx) => {
    if (!(await endTrial(tx, trial.id, now()))) throw new AppError("trial-ended", { trialId: trial.id });
    const entry = { personId: member.personId, projectId, subject: trial.id, detail: {} };
    await appendAudit(tx, { ...entry, action: "trial.ended" });
  });
  events.tell(projectId, "project", { kind: "trials", toast: null });
}

/**
 * Draws in a trial, or changes what one has drawn. It is written into no layer and no log.
 * @throws AppError trial-ended, not-found, unknown-class, class-retired, outline-off-slide, body-too-large
 */
export async function drawInTrial(
  { db, now }: Work,
  { trial, member, slideIds }: SeenTrial,
  outline: {
    readonly id: AnnotationId;
    readonly slideId: SlideId;
    readonly classId: ClassId;
    readonly geometry: Geometry;
    readonly note: string;
  },
): Promise<void> {
  allow(member, "trial.draw", { projectId: trial.projectId });
  if (trial.endedAt !== null) throw new AppError("trial-ended", { trialId: trial.id });
  const slide = slideIds.includes(outline.slideId) ? await slideById(db, outline.slideId) : null;
  if (slide === null) throw new AppError("not-found", { slideId: outline.slideId });
  unwrap(checkTrialOutline(outline, trial.content.classes, slide.meta));
  const { personId } = member;
  if ((await countTrialOutlines(db, trial.id, personId)) >= MOST_OUTLINES) {
    throw new AppError("body-too-large", { most: MOST_OUTLINES });
  }
  const isOwn = await putTrialOutline(db, { trialId: trial.id, ...outline, personId, at: now() });
  if (!isOwn) throw new AppError("not-found", { annotationId: outline.id });
}

/** Takes back what one has drawn. @throws AppError trial-ended */
export async function eraseInTrial({ db }: Work, { trial, member }: SeenTrial, id: AnnotationId): Promise<void> {
  allow(member, "trial.draw", { projectId: trial.projectId });
  if (trial.endedAt !== null) throw new AppError("trial-ended", { trialId: trial.id });
  await removeTrialOutline(db, { trialId: trial.id, id, personId: member.personId });
}
