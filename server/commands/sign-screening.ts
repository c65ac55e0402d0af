import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory, newestVersion } from "#db/guidelines.ts";
import { addScreening, screeningsIn } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { closeAfterScreening, lockLayer } from "#db/rounds.ts";
import { addTaskEvent, changeTask, lockTask, type TaskRow } from "#db/tasks.ts";
import { annotationId, type ClassId, type LayerId, type ProjectId, type TaskId } from "#domain/ids.ts";
import { type Seen, unsignedClasses } from "#domain/screening.ts";
import { isAnswerable, type TaskScope } from "#domain/task.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { screenedSlide, seenBy } from "#server/queries/screening.ts";
import { requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { tellTask } from "./resolve-task.ts";

export type ScreeningSign = {
  /** The one that the page saw. */
  readonly revision: number;
  /** Classes of the task that are signed for; all of them where there are none. */
  readonly classIds?: readonly string[] | undefined;
  /** Signs although less was seen than the study asks for. */
  readonly confirmed: boolean;
};

type Rescreen = Extract<TaskScope, { kind: "re-screen" }>;

/**
 * The assignee signs that they looked through the layer for some of the task's classes, with what the view log knows of it.
 * With the last class the task is handed in, and a read that was open for it is submitted again.
 * @throws AppError not-found, task-not-yours, not-allowed, task-not-open, unknown-class for one that the task does not ask
 * for, screening-incomplete where too little was seen and that is not confirmed, bad-request for a task of another kind
 */
export async function signScreening(world: World, caller: Caller, taskId: TaskId, sign: ScreeningSign): Promise<void> {
  const { db, rooms } = world;
  const seen = await requireTask(db, caller, taskId);
  if (seen.task.assigneeId !== caller.personId) throw new AppError("task-not-yours", { taskId });
  allow(seen.member, "task.answer", seen.subject);
  const { layerId, scope, slideId } = seen.task;
  if (scope.kind !== "re-screen" || layerId === null) throw new AppError("bad-request", { taskId, kind: scope.kind });
  const classIds = chosenOf(scope, sign.classIds);
  const looked = await seenBy(db, await screenedSlide(world, slideId), { layerId, ...caller }, scope.version);
  await db.transaction(async (tx) => {
    const layer = await lockLayer(tx, layerId);
    const task = await lockTask(tx, taskId);
    if (task === null || task.revision !== sign.revision || !isAnswerable(task.state)) {
      throw new AppError("task-not-open", { state: task?.state ?? null, revision: task?.revision ?? null });
    }
    const short = await shortfall(tx, task.projectId, looked);
    if (short !== null && !sign.confirmed) throw new AppError("screening-incomplete", short);
    const signed = { task, layerId, scope, classIds, looked, confirmed: short !== null };
    await keepSignature(tx, world, caller, signed);
    const left = unsignedClasses(scope, await screeningsIn(tx, { layerIds: [layerId] }));
    const state = left.length === 0 ? "submitted" : "in-progress";
    if (state === "submitted" && isOpenAgain(layer)) await closeAfterScreening(tx, layerId, world.now());
    await changeTask(tx, taskId, { state }, world.now());
    if (state === task.state) return;
    await addTaskEvent(tx, { taskId, personId: caller.personId, fromState: task.state, toState: state });
  });
  await rooms.recheck({ layerId });
  await tellTask(world, seen);
}

/** Whether it is a layer that had been handed in, as every read had that is looked through again. */
function isOpenAgain(layer: Awaited<ReturnType<typeof lockLayer>>): boolean {
  return layer?.state === "open" && (layer.kind === "read" || layer.submittedAt !== null);
}

/** What was seen and what the study asks for, where the first is less; null where it is enough. */
async function shortfall(
  tx: Db,
  projectId: ProjectId,
  looked: Seen,
): Promise<{ readonly seen: number; readonly wanted: number } | null> {
  const wanted = (await newestVersion(tx, projectId))?.content.rules.minScreeningShare ?? 0;
  return looked.share < wanted ? { seen: looked.share, wanted } : null;
}

function chosenOf({ classIds }: Rescreen, wanted: readonly string[] | undefined): readonly ClassId[] {
  if (wanted === undefined) return classIds;
  const foreign = wanted.find((id) => !classIds.some((known) => known === id));
  if (foreign !== undefined) throw new AppError("unknown-class", { classId: foreign });
  return classIds.filter((id) => wanted.includes(id));
}

async function keepSignature(
  tx: Db,
  { now }: Pick<World, "now">,
  { personId }: Caller,
  signed: {
    readonly task: TaskRow;
    readonly layerId: LayerId;
    readonly scope: Rescreen;
    readonly classIds: readonly ClassId[];
    readonly looked: Seen;
    readonly confirmed: boolean;
  },
): Promise<void> {
  const { task, layerId, scope, looked, confirmed } = signed;
  const { version } = scope;
  const classIds = [...signed.classIds];
  const rules = (await guidelineHistory(tx, task.projectId)).find(({ number }) => number === version)?.content.rules;
  await addScreening(tx, {
    id: newId(annotationId),
    layerId,
    slideId: task.slideId,
    personId,
    classIds,
    version,
    exhaustive: rules?.exhaustive ?? false,
    seenShare: looked.share,
    seenAreaPx: looked.areaPx,
    confirmed,
    at: now(),
  });
  const detail = { layer: layerId, version, classes: classIds, seenShare: looked.share, confirmed };
  const { id: subject, projectId } = task;
  await appendAudit(tx, { personId, projectId, action: "screening.signed", subject, detail });
}
