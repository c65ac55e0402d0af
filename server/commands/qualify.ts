import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { newestVersion, versionsOf } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { type AttemptRow, addAttempt, attemptsAt, finishAttempt, saidIn, say } from "#db/qualification.ts";
import { addTaskEvent, changeTask, lockTask, markStarted, type TaskRow } from "#db/tasks.ts";
import { attemptId as attemptIdSchema, type ClassId, referenceId, type TaskId } from "#domain/ids.ts";
import { inTestOrder, refuseUndrawable, scoreOf } from "#domain/qualification.ts";
import { isAnswerable } from "#domain/task.ts";
import { allow, unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { qualificationNeeds } from "#server/queries/qualification-needs.ts";
import { requireTask, type SeenTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { tellTask } from "./resolve-task.ts";

/**
 * Begins a go at the test of a requalify task, with the references that hold now in an order of its own. One that is not
 * finished is gone on with.
 * @throws AppError not-found, task-not-yours, task-not-open, no-reference-items, bad-request for a task of another kind
 */
export async function beginAttempt(world: World, caller: Caller, taskId: TaskId): Promise<void> {
  const { db, now } = world;
  const seen = await requireOwnTest(db, caller, taskId);
  await db.transaction(async (tx) => {
    const task = await openTest(tx, taskId, caller);
    if (openOf(await attemptsAt(tx, taskId)) !== null) return;
    const { projectId } = task;
    const versions = await versionsOf(tx, projectId);
    const newest = versions.at(-1);
    const needs = await qualificationNeeds(tx, projectId, versions);
    const need = needs.find(({ classId, personId }) => classId === task.scope.classId && personId === caller.personId);
    if (newest === undefined || need === undefined) throw new AppError("task-not-open", { taskId });
    if (need.items.length === 0) throw new AppError("no-reference-items", { classId: task.scope.classId });
    const id = newId(attemptIdSchema);
    await addAttempt(tx, {
      ...{ id, projectId, taskId, personId: caller.personId, classId: task.scope.classId, version: newest.number },
      ...{ items: inTestOrder(need.items, id), least: newest.content.rules.qualifyShare, startedAt: now() },
    });
    await markStarted(tx, task, caller.personId, now());
  });
  await tellTask(world, seen);
}

export type TestAnswer = { readonly attemptId: string; readonly itemId: string; readonly classId: ClassId };

/**
 * Says what an item is. Until the last item has an answer an answer may be changed; with the last one the attempt is
 * scored, and a passed one ends the task.
 * @throws AppError not-found, task-not-yours, task-not-open, attempt-not-open, unknown-class, class-retired
 */
export async function answerTest(world: World, caller: Caller, taskId: TaskId, answer: TestAnswer): Promise<void> {
  const { db, now } = world;
  const seen = await requireOwnTest(db, caller, taskId);
  const finished = await db.transaction(async (tx) => {
    const task = await openTest(tx, taskId, caller);
    const attempt = openOf(await attemptsAt(tx, taskId));
    if (attempt === null || attempt.id !== answer.attemptId) throw new AppError("attempt-not-open", { taskId });
    const item = attempt.items.find(({ itemId }) => itemId === answer.itemId);
    if (item === undefined) throw new AppError("not-found", { itemId: answer.itemId });
    await requireDrawable(tx, task, answer.classId);
    const itemId = referenceId.parse(item.itemId);
    await say(tx, { attemptId: attempt.id, itemId, classId: answer.classId, at: now() });
    return score(tx, caller, task, { attempt, at: now() });
  });
  if (!finished) return;
  await tellTask(world, seen);
  world.events.tell(seen.task.projectId, [caller.personId], { kind: "tasks", toast: null });
}

type Test = TaskRow & { readonly scope: Extract<TaskRow["scope"], { kind: "requalify" }> };

/**
 * A requalify task of the caller's own.
 * @throws AppError not-found, task-not-yours, not-allowed, bad-request for a task of another kind
 */
export async function requireOwnTest(db: Db, caller: Caller, taskId: TaskId): Promise<SeenTask> {
  const seen = await requireTask(db, caller, taskId);
  if (seen.task.assigneeId !== caller.personId) throw new AppError("task-not-yours", { taskId });
  allow(seen.member, "task.answer", seen.subject);
  if (!isTest(seen.task)) throw new AppError("bad-request", { taskId, kind: seen.task.kind });
  return seen;
}

/** The task, held until the transaction ends. */
async function openTest(tx: Db, taskId: TaskId, { personId }: Caller): Promise<Test> {
  const task = await lockTask(tx, taskId);
  if (task === null || !isTest(task) || !isAnswerable(task.state)) {
    throw new AppError("task-not-open", { state: task?.state ?? null });
  }
  if (task.assigneeId !== personId) throw new AppError("task-not-yours", { taskId });
  return task;
}

function isTest(task: TaskRow): task is Test {
  return task.scope.kind === "requalify";
}

function openOf(attempts: readonly AttemptRow[]): AttemptRow | null {
  return attempts.find(({ finishedAt }) => finishedAt === null) ?? null;
}

async function requireDrawable(tx: Db, { projectId }: TaskRow, classId: ClassId): Promise<void> {
  const newest = await newestVersion(tx, projectId);
  if (newest === null) throw new AppError("no-guideline", { projectId });
  unwrap(refuseUndrawable(classId, newest.content));
}

/** @returns whether that was the last answer */
async function score(
  tx: Db,
  { personId }: Caller,
  task: Test,
  { attempt, at }: { readonly attempt: AttemptRow; readonly at: Date },
): Promise<boolean> {
  const said = await saidIn(tx, attempt.id);
  if (attempt.items.some(({ itemId }) => !said.has(itemId))) return false;
  const { right, total, passed } = scoreOf(attempt.items, said, attempt.least);
  await finishAttempt(tx, attempt.id, { right, passed }, at);
  const note = `${right} of ${total} right.`;
  const state = passed ? "accepted" : task.state;
  if (passed) await changeTask(tx, task.id, { state }, at);
  await addTaskEvent(tx, { taskId: task.id, personId, fromState: task.state, toState: state, note });
  const { id, classId, version, least } = attempt;
  const detail = { attempt: id, classId, version, right, total, least, passed };
  const entry = { personId, projectId: task.projectId, subject: task.id, detail };
  await appendAudit(tx, { ...entry, action: "reader.tested" });
  return true;
}
