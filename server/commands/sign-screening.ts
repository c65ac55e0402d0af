import { appendAudit } from "#db/audit.ts";
import { addScreening } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { closeAfterScreening, lockLayer } from "#db/rounds.ts";
import { addTaskEvent, changeTask, lockTask } from "#db/tasks.ts";
import { annotationId, type TaskId } from "#domain/ids.ts";
import { isAnswerable } from "#domain/task.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { tellTask } from "./resolve-task.ts";

/**
 * The assignee signs that they looked through the layer for the task's classes: the task is handed in, and a read that
 * was open for it is submitted again.
 * @param revision the one that the page saw
 * @throws AppError not-found, task-not-yours, not-allowed, task-not-open, bad-request for a task of another kind
 */
export async function signScreening(world: World, caller: Caller, taskId: TaskId, revision: number): Promise<void> {
  const { db, rooms, now } = world;
  const seen = await requireTask(db, caller, taskId);
  if (seen.task.assigneeId !== caller.personId) throw new AppError("task-not-yours", { taskId });
  allow(seen.member, "task.answer", seen.subject);
  const { layerId, scope, projectId, slideId } = seen.task;
  if (scope.kind !== "re-screen" || layerId === null) throw new AppError("bad-request", { taskId, kind: scope.kind });
  const { personId } = caller;
  await db.transaction(async (tx) => {
    const layer = await lockLayer(tx, layerId);
    const task = await lockTask(tx, taskId);
    if (task === null || task.revision !== revision || !isAnswerable(task.state)) {
      throw new AppError("task-not-open", { state: task?.state ?? null, revision: task?.revision ?? null });
    }
    const { version, classIds } = scope;
    await addScreening(tx, { id: newId(annotationId), layerId, slideId, personId, classIds, version, at: now() });
    if (layer?.kind === "read" && layer.state === "open") await closeAfterScreening(tx, layerId, now());
    await changeTask(tx, taskId, { state: "submitted" }, now());
    await addTaskEvent(tx, { taskId, personId, fromState: task.state, toState: "submitted" });
    const detail = { layer: layerId, version, classes: classIds };
    await appendAudit(tx, { personId, projectId, action: "screening.signed", subject: taskId, detail });
  });
  await rooms.recheck({ layerId });
  await tellTask(world, seen);
}
