import { setImmediate as nextTurn } from "node:timers/promises";
import { annotationOf, recordPages } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addScreening } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { lockLayer, markReopened, markSubmitted } from "#db/rounds.ts";
import { slideById } from "#db/slides.ts";
import { addTaskEvent, changeTask, openTasks } from "#db/tasks.ts";
import type { Annotation } from "#domain/annotation.ts";
import { blockingFindingsOfEach, type FindingOf } from "#domain/findings.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { annotationId, type LayerId, type ProjectId, type SlideId } from "#domain/ids.ts";
import { classesAt, resolve } from "#domain/migration.ts";
import type { can, LayerSubject } from "#domain/permissions.ts";
import type { Seen } from "#domain/screening.ts";
import { micronPerPx } from "#domain/units.ts";
import { allow, requireLayer } from "#server/access.ts";
import type { Layer } from "#server/api/schemas/slides.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { findingView, placeOf } from "#server/queries/finding-view.ts";
import { historyInForce } from "#server/queries/in-force.ts";
import { screenedSlide, seenBy } from "#server/queries/screening.ts";
import { visibleLayers } from "#server/queries/slides.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import { closeFinishedBridge } from "./bridge.ts";
import { makeTasks } from "./make-tasks.ts";

/** Findings that a refusal names. */
const FINDINGS_SHOWN = 20;
/** So many outlines are looked at before others have their turn. */
const AT_ONCE = 250;

/**
 * A reader hands a read in, at the log position it has then; from now on the server refuses writes to it.
 * What the reader drew offline under an older guideline may have to be looked at again: that becomes a task at once.
 * An outline that breaks a rule which blocks stops it; one whose class is still to be chosen becomes a task instead.
 * @throws AppError not-found, not-allowed, read-not-open, findings-block with the findings
 */
export async function submitRead(world: World, caller: Caller, layerId: LayerId): Promise<Layer> {
  const { subject, member, slideId } = await requireLayer(world.db, caller, layerId);
  allow(member, "layer.submit", { ...subject, state: "open" });
  const looked = await seenBy(world.db, await screenedSlide(world, slideId), { layerId, ...caller }, 0);
  await world.db.transaction(async (tx) => {
    await submitLocked(tx, layerId, world.now());
    await refuseFindings(tx, subject, layerId, slideId);
    if (subject.kind === "read") await signRead(tx, world, caller, { subject, layerId, slideId, looked });
    await finishBridge(tx, world, caller, subject, layerId);
    await audited(tx, caller, subject.projectId, layerId, "read.submitted", world.now());
  });
  await told(world, subject, layerId);
  await makeTasks(world, subject.projectId);
  world.events.tell(subject.projectId, [caller.personId], { kind: "tasks", toast: null });
  return shown(world.db, { member, slideId, layerId });
}

/**
 * A lead gives a submitted read back to its reader; statistics made of it are out of date from now on.
 * @throws AppError not-found, not-allowed, read-not-submitted
 */
export async function reopenRead(world: World, caller: Caller, layerId: LayerId): Promise<Layer> {
  const { subject, member, slideId } = await requireLayer(world.db, caller, layerId);
  allow(member, "layer.reopen", subject);
  await world.db.transaction(async (tx) => {
    const layer = await lockLayer(tx, layerId);
    if (layer?.state !== "submitted") throw new AppError("read-not-submitted", { layerId });
    await markReopened(tx, layerId);
    await audited(tx, caller, subject.projectId, layerId, "read.reopened", world.now());
  });
  await told(world, subject, layerId);
  if (subject.readerId !== null) {
    const toast = "One of your reads was given back to you.";
    world.events.tell(subject.projectId, [subject.readerId], { kind: "rounds", toast });
  }
  return shown(world.db, { member, slideId, layerId });
}

/** Locks a read inside a transaction. @throws AppError read-not-open where it is locked already */
export async function submitLocked(tx: Db, layerId: LayerId, at: Date): Promise<void> {
  const layer = await lockLayer(tx, layerId);
  if (layer?.state !== "open") throw new AppError("read-not-open", { layerId });
  await markSubmitted(tx, layerId, at);
}

/**
 * A read that is handed in is its reader's word that they looked through the slide, for every class that there was: in a
 * blind round those of the round's version, since later ones take effect for it when it is unblinded.
 */
async function signRead(
  tx: Db,
  { now }: Pick<World, "now">,
  { personId }: Caller,
  read: { readonly subject: LayerSubject; readonly layerId: LayerId; readonly slideId: SlideId; readonly looked: Seen },
): Promise<void> {
  const { subject, layerId, slideId, looked } = read;
  const guideline = (await historyInForce(tx, subject.projectId, layerId)).at(-1);
  if (guideline === undefined) return;
  await addScreening(tx, {
    id: newId(annotationId),
    layerId,
    slideId,
    personId,
    classIds: classesAt(guideline.content).selectable.map(({ id }) => id),
    version: guideline.number,
    exhaustive: guideline.content.rules.exhaustive,
    seenShare: looked.share,
    seenAreaPx: looked.areaPx,
    at: now(),
  });
}

/** @throws AppError findings-block where an outline of the locked layer breaks a rule that blocks */
async function refuseFindings(tx: Db, subject: LayerSubject, layerId: LayerId, slideId: SlideId): Promise<void> {
  const history = await historyInForce(tx, subject.projectId, layerId);
  const content = history.at(-1)?.content;
  const slide = await slideById(tx, slideId);
  if (content === undefined || slide === null) return;
  const outlines = await standingOutlines(tx, layerId, history);
  const mpp = slide.mpp === null ? null : micronPerPx(slide.mpp);
  const found: FindingOf[] = [];
  let looked = 0;
  for (const findings of blockingFindingsOfEach(outlines, { content, mpp, slide: slide.meta })) {
    found.push(...findings);
    if (++looked % AT_ONCE === 0) await nextTurn();
  }
  if (found.length === 0) return;
  const base = `/projects/${subject.projectId}/slides/${slideId}`;
  const findings = found.slice(0, FINDINGS_SHOWN).map(({ annotationId: id, finding }) => ({
    ...findingView(id, finding),
    href: `${base}?layer=${layerId}&annotation=${id}${placeOf(finding.bbox)}`,
  }));
  throw new AppError("findings-block", { count: found.length, findings });
}

/** The outlines of a locked layer whose class is not still to be chosen, with the class that counts now. */
async function standingOutlines(tx: Db, layerId: LayerId, history: readonly GuidelineVersion[]): Promise<Annotation[]> {
  const outlines: Annotation[] = [];
  for await (const rows of recordPages(tx, layerId, AT_ONCE)) {
    for (const row of rows) {
      const annotation = annotationOf(row);
      const { state, classId, questions } = resolve(annotation.classId, annotation.under, history, row.shape);
      const isOpen = state === "archived" || questions.some(({ kind }) => kind === "choose" || kind === "redraw");
      if (!isOpen) outlines.push({ ...annotation, classId });
    }
  }
  return outlines;
}

/** With a bridge read its task is done, and with the last of them the round hides nothing any more. */
async function finishBridge(
  tx: Db,
  { now }: Pick<World, "now">,
  { personId }: Caller,
  { projectId }: LayerSubject,
  layerId: LayerId,
): Promise<void> {
  const { roundId, purpose } = (await lockLayer(tx, layerId)) ?? {};
  if (purpose !== "bridge" || roundId == null) return;
  for (const task of await openTasks(tx, projectId, "repeat-read")) {
    if (task.layerId !== layerId || task.kind !== "repeat-read") continue;
    await changeTask(tx, task.id, { state: "accepted" }, now());
    await addTaskEvent(tx, { taskId: task.id, personId, fromState: task.state, toState: "accepted" });
  }
  if (!(await closeFinishedBridge(tx, projectId, roundId, now()))) return;
  const entry = { personId: null, projectId, subject: roundId, detail: {}, at: now() };
  await appendAudit(tx, { ...entry, action: "round.unblinded" });
}

async function audited(
  tx: Db,
  { personId }: Caller,
  projectId: ProjectId,
  subject: LayerId,
  action: "read.submitted" | "read.reopened",
  at: Date,
): Promise<void> {
  await appendAudit(tx, { personId, projectId, action, subject, detail: {}, at });
}

/** Open sockets lose or gain the right to write; pages of those who may know of the read ask again. */
async function told({ db, rooms, events }: World, subject: LayerSubject, layerId: LayerId): Promise<void> {
  await rooms.recheck({ layerId });
  const audience = await watchers(db, subject.projectId, "layer.see", [subject]);
  events.tell(subject.projectId, audience, { kind: "rounds", toast: null });
  events.tell(subject.projectId, audience, { kind: "layers", toast: null });
}

async function shown(
  db: Db,
  { member, slideId, layerId }: { member: Parameters<typeof can>[0] & object; slideId: SlideId; layerId: LayerId },
): Promise<Layer> {
  const layer = (await visibleLayers(db, member, slideId)).find((each) => each.id === layerId);
  if (layer === undefined) throw new AppError("not-found", { layerId });
  return layer;
}
