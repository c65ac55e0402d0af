import { annotationRows } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { withdrawJudgements } from "#db/judgements.ts";
import { lockLog } from "#db/layers.ts";
import { restate } from "#db/said.ts";
import { type AnswerRow, answersToUndo, lockTask, markUndone } from "#db/tasks.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { LayerId, TaskId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { isAnswerable } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { leftOf, requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { requireOwn } from "./answer-plan.ts";
import { tellTask } from "./resolve-task.ts";

/**
 * Takes back an answer of the caller's own, or all that were given together, also after a restart: a judgement is
 * withdrawn, an edit is undone by putting the former annotation back, unless somebody has changed it since.
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
  const answers = await answersToUndo(db, undo);
  if (answers.length === 0 || answers.some((each) => each.taskId !== taskId)) throw new AppError("not-found", { undo });
  if (answers.some(({ personId }) => personId !== caller.personId)) throw new AppError("task-not-yours", { taskId });
  const take = (tx: Db) => takeBack(tx, world, answers, layerId);
  if (answers.every(({ formerRecord }) => formerRecord === null)) {
    await db.transaction(async (tx) => {
      await lockLog(tx, layerId);
      await take(tx);
    });
  } else await rooms.edit(layerId, caller.personId, (doc) => putBack(doc, answers), { before: take });
  await tellTask(world, seen);
  return { left: await leftOf(db, seen.task) };
}

function putBack(doc: LayerDoc, answers: readonly AnswerRow[]): void {
  for (const { annotationId: id, formerRecord } of answers) {
    if (formerRecord !== null) doc.put({ id, ...decodeRecord(formerRecord) }, { origin: "command" });
  }
}

async function takeBack(tx: Db, { now }: World, answers: readonly AnswerRow[], layerId: LayerId): Promise<void> {
  const [first] = answers;
  const task = first === undefined ? null : await lockTask(tx, first.taskId);
  if (first === undefined || task === null || !isAnswerable(task.state)) {
    throw new AppError("task-not-open", { state: task?.state ?? null });
  }
  await checkUnchanged(tx, answers, layerId);
  const ids = answers.map(({ id }) => id);
  if ((await markUndone(tx, ids, now())) < ids.length) throw new AppError("task-not-open", { undo: first.id });
  await withdrawJudgements(
    tx,
    answers.flatMap(({ judgementId }) => judgementId ?? []),
    now(),
  );
  await restate(
    tx,
    layerId,
    answers.map((answer) => answer.annotationId),
  );
  const { personId, verdict, annotationId } = first;
  const about = answers.length === 1 ? { annotation: annotationId } : { annotations: answers.length };
  const entry = { personId, projectId: task.projectId, subject: task.id, detail: { ...about, verdict } };
  await appendAudit(tx, { ...entry, action: "answer.undone" });
}

/** What somebody has changed since is not put back over. @throws AppError content-changed */
async function checkUnchanged(tx: Db, answers: readonly AnswerRow[], layerId: LayerId): Promise<void> {
  const edits = answers.filter(({ formerRecord }) => formerRecord !== null);
  if (edits.length === 0) return;
  const ids = edits.map(({ annotationId }) => annotationId);
  const rows = await annotationRows(tx, { layerIds: [layerId], ids });
  const hashes = new Map(rows.map(({ id, contentHash }) => [id, contentHash]));
  const changed = edits.find(({ annotationId, afterHash }) => (hashes.get(annotationId) ?? null) !== afterHash);
  if (changed !== undefined) throw new AppError("content-changed", { annotationId: changed.annotationId });
}
