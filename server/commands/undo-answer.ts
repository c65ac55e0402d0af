import { annotationRow } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { withdrawJudgement } from "#db/judgements.ts";
import { type AnswerRow, answerById, lockTask, markUndone } from "#db/tasks.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { LayerId, TaskId } from "#domain/ids.ts";
import { isAnswerable } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { leftOf, requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { requireOwn } from "./answer-plan.ts";
import { tellTask } from "./resolve-task.ts";

/**
 * Takes back an answer of the caller's own, also after a restart: a judgement is withdrawn, an edit is undone by putting
 * the former annotation back, unless somebody has changed it since.
 * @throws AppError not-found, task-not-yours, task-not-open, content-changed
 */
export async function undoAnswer(
  world: World,
  caller: Caller,
  taskId: TaskId,
  undo: string,
): Promise<{ readonly left: number }> {
  const { db, rooms } = world;
  const seen = await requireTask(db, caller, taskId);
  const layerId = requireOwn(seen, caller);
  const answer = await answerById(db, undo);
  if (answer === null || answer.taskId !== taskId) throw new AppError("not-found", { undo });
  if (answer.personId !== caller.personId) throw new AppError("task-not-yours", { taskId });
  const { formerRecord, annotationId: id } = answer;
  const take = (tx: Db) => takeBack(tx, world, answer, layerId);
  if (formerRecord === null) await db.transaction(take);
  else {
    const former = { id, ...decodeRecord(formerRecord) };
    await rooms.edit(layerId, caller.personId, (doc) => doc.put(former, { origin: "command" }), { before: take });
  }
  await tellTask(world, seen);
  return { left: await leftOf(db, seen.task) };
}

async function takeBack(tx: Db, { now }: World, answer: AnswerRow, layerId: LayerId): Promise<void> {
  const task = await lockTask(tx, answer.taskId);
  if (task === null || !isAnswerable(task.state)) throw new AppError("task-not-open", { state: task?.state ?? null });
  if (answer.formerRecord !== null) {
    const present = (await annotationRow(tx, layerId, answer.annotationId))?.contentHash ?? null;
    if (present !== answer.afterHash) throw new AppError("content-changed", { annotationId: answer.annotationId });
  }
  if (!(await markUndone(tx, answer.id, now()))) throw new AppError("task-not-open", { undo: answer.id });
  if (answer.judgementId !== null) await withdrawJudgement(tx, answer.judgementId, now());
  const detail = { annotation: answer.annotationId, verdict: answer.verdict };
  const entry = { personId: answer.personId, projectId: task.projectId, subject: task.id, detail };
  await appendAudit(tx, { ...entry, action: "answer.undone" });
}
