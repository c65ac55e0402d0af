import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addNotifications, type NewNotification } from "#db/notifications.ts";
import { membersOf } from "#db/projects.ts";
import { closeAfterScreening, lockLayer, openForScreening } from "#db/rounds.ts";
import { addTaskEvent, changeTask, lockTask, type TaskRow } from "#db/tasks.ts";
import type { TaskId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { mayMove, type TaskState } from "#domain/task.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { leftOf, requireTask, type SeenTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { tellTask } from "./resolve-task.ts";

export type Move = {
  /** The one that the page saw. */
  readonly revision: number;
  readonly to: Extract<TaskState, "in-progress" | "submitted" | "accepted" | "returned" | "cancelled">;
  readonly note: string;
};

/**
 * Takes a task one step further. Its assignee starts and hands in; a lead who is neither assignee nor author accepts or
 * returns, the latter with a note; where nobody else could, a lead may accept their own work. Starting to look through a
 * submitted read again opens it for its reader until they sign off.
 * @throws AppError not-found, task-not-yours, not-allowed, task-not-open, task-unfinished, note-missing
 */
export async function moveTask(world: World, caller: Caller, taskId: TaskId, move: Move): Promise<void> {
  const { db, rooms, now, events } = world;
  const seen = await requireTask(db, caller, taskId);
  await allowMove(db, seen, caller, move);
  await db.transaction(async (tx) => {
    const reopened = await turnRead(tx, seen.task, move, now());
    const task = await lockTask(tx, taskId);
    if (task === null || task.revision !== move.revision || !mayMove(task.state, move.to)) {
      throw new AppError("task-not-open", {
        state: task?.state ?? null,
        revision: task?.revision ?? null,
        to: move.to,
      });
    }
    await checkComplete(tx, task, move);
    await changeTask(tx, taskId, { state: move.to }, now());
    const step = { taskId, personId: caller.personId, fromState: task.state, toState: move.to };
    await addTaskEvent(tx, { ...step, note: move.note.trim() });
    await addNotifications(tx, noticeOf(task, move, caller), now());
    const detail = { from: task.state, to: move.to, ...(reopened ? { reopened: task.layerId } : {}) };
    const entry = { personId: caller.personId, projectId: task.projectId, subject: taskId, detail };
    await appendAudit(tx, { ...entry, action: "task.moved" });
  });
  if (drawsAnew(seen.task) && seen.task.layerId !== null) {
    await rooms.recheck({ layerId: seen.task.layerId });
  }
  await tellTask(world, seen, toastOf(seen.task, move, caller));
  for (const { personId } of noticeOf(seen.task, move, caller)) {
    events.tell(seen.task.projectId, [personId], { kind: "notifications", toast: null });
  }
}

async function allowMove(db: Db, { task, member, subject }: SeenTask, caller: Caller, move: Move): Promise<void> {
  if (move.to === "cancelled") return allow(member, "task.assign", subject);
  if (move.to === "in-progress" || move.to === "submitted") {
    if (task.assigneeId !== caller.personId) throw new AppError("task-not-yours", { taskId: task.id });
    return allow(member, "task.answer", subject);
  }
  if (can(member, "task.review", subject)) return;
  const members = await membersOf(db, task.projectId);
  const somebodyElse = members.some((other) => can(other, "task.review", subject));
  if (somebodyElse) throw new AppError("not-allowed", { action: "task.review", role: member.role });
  allow(member, "task.assign", subject);
}

async function checkComplete(tx: Db, task: TaskRow, { to, note }: Move): Promise<void> {
  if (to === "returned" && note.trim() === "") throw new AppError("note-missing", { to });
  if (to !== "submitted" && to !== "accepted") return;
  const left = await leftOf(tx, task);
  if (left > 0) throw new AppError("task-unfinished", { left });
}

/** True for tasks in which new outlines may be drawn: a slide to look through again, a region to go over. */
function drawsAnew({ kind, scope }: TaskRow): boolean {
  return kind === "re-screen" || (scope.kind === "rework" && (scope.region ?? null) !== null);
}

/**
 * Opens the read of a task in which is drawn anew when it starts, and locks it again where the task is cancelled or, with
 * a region, handed in. The layer is held before the task, in the order in which an edit holds the two.
 * @returns true where the read was opened
 */
async function turnRead(tx: Db, task: TaskRow, { to }: Move, at: Date): Promise<boolean> {
  const { kind, layerId } = task;
  if (!drawsAnew(task) || layerId === null) return false;
  const layer = await lockLayer(tx, layerId);
  if (layer === null || layer.submittedAt === null) return false;
  const ends = to === "cancelled" || (kind === "rework" && to === "submitted");
  if (ends && layer.state === "open") await closeAfterScreening(tx, layerId, at);
  if (to !== "in-progress" || layer.state !== "submitted") return false;
  await openForScreening(tx, layerId);
  return true;
}

/** What is kept for the other side: the maker hears of work handed in, the assignee of what became of it. */
function noticeOf(task: TaskRow, { to, note }: Move, caller: Caller): NewNotification[] {
  const { projectId, slideId, assigneeId, createdBy } = task;
  const about = { projectId, slideId, taskId: task.id, actorId: caller.personId, note: note.trim().slice(0, 200) };
  if (to === "submitted") return createdBy === null ? [] : [{ ...about, personId: createdBy, kind: "task-submitted" }];
  if (to === "in-progress") return [];
  return [{ ...about, personId: assigneeId, kind: `task-${to}` }];
}

function toastOf(task: TaskRow, { to }: Move, caller: Caller): { to: TaskRow["assigneeId"]; text: string } | null {
  if (to === "submitted") {
    return task.createdBy === null ? null : { to: task.createdBy, text: `${caller.name} handed a task in.` };
  }
  if (to === "accepted") return { to: task.assigneeId, text: "A task of yours was accepted." };
  if (to === "returned") return { to: task.assigneeId, text: "A task of yours was returned with a note." };
  return to === "cancelled" ? { to: task.assigneeId, text: "A task of yours was cancelled." } : null;
}
