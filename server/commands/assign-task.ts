import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { membersOf } from "#db/projects.ts";
import { addTaskEvent, changeTask, lockTask, type TaskRow } from "#db/tasks.ts";
import { type PersonId, personId, type TaskId, taskId as taskIdSchema } from "#domain/ids.ts";
import { can, type Member, rolesFor, type TaskSubject } from "#domain/permissions.ts";
import { isUnfinished } from "#domain/task.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { tellTask } from "./resolve-task.ts";

export type TaskChange = {
  /** The one that the page saw; null where nobody looked, as in a bulk change. */
  readonly revision: number | null;
  readonly assigneeId?: string | undefined;
  readonly priority?: number | undefined;
  readonly dueAt?: string | null | undefined;
};

/**
 * Changes who does a task, how urgent it is, and by when.
 * @throws AppError not-found, not-allowed, task-not-open, person-not-suitable
 */
export async function changeTaskPlan(world: World, caller: Caller, taskId: TaskId, change: TaskChange): Promise<void> {
  const { db, now } = world;
  const seen = await requireTask(db, caller, taskId);
  allow(seen.member, "task.assign", seen.subject);
  const next = change.assigneeId === undefined ? null : await suitable(db, seen.subject, change.assigneeId);
  await db.transaction(async (tx) => {
    const task = await lockTask(tx, taskId);
    const seenRevision = change.revision ?? task?.revision;
    if (task === null || task.revision !== seenRevision || !isUnfinished(task.state)) {
      throw new AppError("task-not-open", { state: task?.state ?? null, revision: task?.revision ?? null });
    }
    await changeTask(tx, taskId, changed(change, next?.personId), now());
    if (next !== null && next.personId !== task.assigneeId) {
      const step = { taskId, personId: caller.personId, fromState: task.state, toState: task.state };
      await addTaskEvent(tx, { ...step, note: `Given to ${next.name}.` });
    }
    const { assigneeId, priority, dueAt } = change;
    const entry = { personId: caller.personId, projectId: task.projectId, subject: taskId };
    await appendAudit(tx, { ...entry, action: "task.planned", detail: { assigneeId, priority, dueAt } });
  });
  const moved = next !== null && next.personId !== seen.task.assigneeId;
  await tellTask(world, seen, moved ? { to: next.personId, text: `${caller.name} gave you a task.` } : null);
}

/**
 * Gives many tasks to one person, each by itself.
 * @returns how many went, and why others did not
 * @throws AppError not-allowed for whoever may assign no task at all
 */
export async function reassignTasks(
  world: World,
  caller: Caller,
  { projectId, role }: Member,
  { taskIds, assigneeId }: { readonly taskIds: readonly string[]; readonly assigneeId: string },
): Promise<{ moved: number; refused: { taskId: string; code: string }[] }> {
  if (!rolesFor("task.assign").includes(role)) throw new AppError("not-allowed", { action: "task.assign", role });
  const refused: { taskId: string; code: string }[] = [];
  const asked = [...new Set(taskIds)];
  for (const text of asked) {
    try {
      const taskId = taskIdSchema.safeParse(text);
      if (!taskId.success) throw new AppError("not-found", { taskId: text });
      const { task } = await requireTask(world.db, caller, taskId.data);
      if (task.projectId !== projectId) throw new AppError("not-found", { taskId: text });
      await changeTaskPlan(world, caller, taskId.data, { revision: null, assigneeId });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ taskId: text, code: error.code });
    }
  }
  return { moved: asked.length - refused.length, refused };
}

/** A member who could do the task. @throws AppError person-not-suitable */
export async function suitable(
  db: Db,
  subject: TaskSubject,
  assignee: string,
): Promise<{ readonly personId: PersonId; readonly name: string }> {
  const parsed = personId.safeParse(assignee);
  const members = parsed.success ? await membersOf(db, subject.projectId) : [];
  const member = members.find((each) => each.personId === parsed.data);
  if (member === undefined) throw new AppError("person-not-suitable", { assigneeId: assignee });
  const able = can(member, "task.answer", { ...subject, assigneeId: member.personId });
  const mayWrite = subject.layer?.kind !== "ground-truth" || rolesFor("consensus.adjudicate").includes(member.role);
  if (!able || !mayWrite) throw new AppError("person-not-suitable", { assigneeId: assignee, role: member.role });
  return member;
}

function changed(
  { priority, dueAt }: TaskChange,
  assigneeId: PersonId | undefined,
): Partial<Pick<TaskRow, "assigneeId" | "priority" | "dueAt">> {
  return {
    ...(assigneeId === undefined ? {} : { assigneeId }),
    ...(priority === undefined ? {} : { priority }),
    ...(dueAt === undefined ? {} : { dueAt: dueAt === null ? null : new Date(dueAt) }),
  };
}
