import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addNotifications } from "#db/notifications.ts";
import { type MemberCard, membersOf } from "#db/projects.ts";
import {
  addTaskEvent,
  addTaskEvents,
  changeTask,
  giveTasks,
  lockTask,
  lockTasks,
  orderTasks,
  type TaskRow,
} from "#db/tasks.ts";
import type { Assignment, AssignmentRule } from "#domain/assignment.ts";
import { type PersonId, personId, type TaskId, taskId as taskIdSchema } from "#domain/ids.ts";
import { can, type Member, rolesFor, type TaskSubject } from "#domain/permissions.ts";
import { isUnfinished } from "#domain/task.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { ableTo } from "#server/queries/assignees.ts";
import { assignableSubjects, assignmentPlan, type Plan } from "#server/queries/assignment.ts";
import { type OpenDispute, openDisputes } from "#server/queries/task-disputes.ts";
import { requireTask, type SeenTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import { tellTask } from "./resolve-task.ts";

export type TaskChange = {
  /** The one that the page saw. */
  readonly revision: number;
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
  const next = change.assigneeId === undefined ? null : await suitableFor(db, seen, change.assigneeId);
  await db.transaction(async (tx) => {
    const task = await lockTask(tx, taskId);
    if (task === null || task.revision !== change.revision || !isUnfinished(task.state)) {
      throw new AppError("task-not-open", { state: task?.state ?? null, revision: task?.revision ?? null });
    }
    await changeTask(tx, taskId, changed(change, next?.personId), now());
    if (next !== null && next.personId !== task.assigneeId) {
      const step = { taskId, personId: caller.personId, fromState: task.state, toState: task.state };
      await addTaskEvent(tx, { ...step, note: `Given to ${next.name}.` });
      await addNotifications(tx, [givenNotice(caller, task, next.personId)], now());
    }
    const { assigneeId, priority, dueAt } = change;
    const entry = { personId: caller.personId, projectId: task.projectId, subject: taskId };
    await appendAudit(tx, { ...entry, action: "task.planned", detail: { assigneeId, priority, dueAt } });
  });
  const moved = next !== null && next.personId !== seen.task.assigneeId;
  await tellTask(world, seen, moved ? { to: next.personId, text: `${caller.name} gave you a task.` } : null);
}

/**
 * Gives many tasks away by a rule, all in one transaction; what does not fit the rule stays where it is and is listed.
 * @param asked.expected what the preview said: where it would come out otherwise now, nothing is done
 * @throws AppError not-allowed for whoever may assign no task at all, assignment-changed
 */
export async function assignByRule(
  world: World,
  caller: Caller,
  member: Member,
  asked: {
    readonly taskIds: readonly string[];
    readonly rule: AssignmentRule;
    readonly expected?: readonly { readonly taskId: string; readonly to: string | null }[] | undefined;
  },
): Promise<{ moved: number; refused: { taskId: string; code: string }[] }> {
  requireAssigner(member);
  const { db, events, now } = world;
  const ids = asked.taskIds.flatMap((text) => taskIdSchema.safeParse(text).data ?? []);
  const { plan, moved } = await db.transaction(async (tx) => {
    await lockTasks(tx, member.projectId, ids);
    const found = await assignmentPlan(tx, member, asked);
    if (asked.expected !== undefined) checkExpected(found.assignments, asked.expected);
    const given = found.assignments.flatMap(({ taskId, from, to }) =>
      to === null || to === from ? [] : [{ taskId, from, to }],
    );
    await giveTasks(tx, given, now());
    await recordGiven(tx, { caller, plan: found, given, rule: asked.rule, at: now() });
    return { plan: found, moved: given };
  });
  const { projectId } = member;
  for (const [to, count] of counted(moved.map((each) => each.to))) {
    const toast = count === 1 ? `${caller.name} gave you a task.` : `${caller.name} gave you ${count} tasks.`;
    events.tell(projectId, [to], { kind: "tasks", toast: to === caller.personId ? null : toast });
    events.tell(projectId, [to], { kind: "notifications", toast: null });
  }
  const audience = await watchers(db, projectId, "task.see", movedSubjects(plan, moved));
  events.tell(projectId, [...new Set([...audience, ...moved.map(({ from }) => from)])], { kind: "tasks", toast: null });
  const unfit = plan.assignments.filter(({ to }) => to === null);
  return {
    moved: plan.assignments.length - unfit.length,
    refused: [...plan.refused, ...unfit.map(({ taskId }) => ({ taskId, code: "person-not-suitable" }))],
  };
}

/**
 * Puts tasks into the order in which they are to be done, all in one transaction.
 * @throws AppError not-allowed, not-found where one of them is none that the caller may assign
 */
export async function reorderTasks(
  world: World,
  caller: Caller,
  member: Member,
  wanted: readonly string[],
): Promise<void> {
  requireAssigner(member);
  const { db, events, now } = world;
  const { projectId } = member;
  const ids = [...new Set(wanted)].flatMap((text) => taskIdSchema.safeParse(text).data ?? []);
  const subjects = await db.transaction(async (tx) => {
    await lockTasks(tx, projectId, ids);
    const seen = await assignableSubjects(tx, member, ids);
    const missing = [...new Set(wanted)].filter((id) => !seen.has(id));
    if (missing.length > 0) throw new AppError("not-found", { taskIds: missing.slice(0, 100) });
    await orderTasks(tx, projectId, ids, now());
    const entry = { personId: caller.personId, projectId, subject: projectId, detail: { tasks: ids.length } };
    await appendAudit(tx, { ...entry, action: "tasks.ordered" });
    return [...seen.values()];
  });
  const audience = await watchers(db, projectId, "task.see", subjects);
  events.tell(projectId, audience, { kind: "tasks", toast: null });
}

/** @throws AppError not-allowed for whoever may assign no task at all */
export function requireAssigner({ role }: Member): void {
  if (!rolesFor("task.assign").includes(role)) throw new AppError("not-allowed", { action: "task.assign", role });
}

/** A member who could do a task that is there. @throws AppError as `suitable` */
async function suitableFor(db: Db, { task, subject }: SeenTask, assignee: string): Promise<MemberCard> {
  return suitable(db, subject, assignee, (await openDisputes(db, [task])).get(task.id));
}

/**
 * A member who could do the task.
 * @param disputes those that are still to be settled in it
 * @throws AppError person-not-suitable, with the disputes that they may not decide
 */
export async function suitable(
  db: Db,
  subject: TaskSubject,
  assignee: string,
  disputes: readonly OpenDispute[] = [],
): Promise<MemberCard> {
  const parsed = personId.safeParse(assignee);
  const members = parsed.success ? await membersOf(db, subject.projectId) : [];
  const member = members.find((each) => each.personId === parsed.data);
  if (member === undefined) throw new AppError("person-not-suitable", { assigneeId: assignee });
  if (ableTo(subject, [member]).length === 0) {
    throw new AppError("person-not-suitable", { assigneeId: assignee, role: member.role });
  }
  const barred = disputes.filter((each) => !can(member, "consensus.adjudicate", each.subject));
  if (barred.length > 0) {
    const named = barred.flatMap(({ key }) => key ?? []);
    throw new AppError("person-not-suitable", { assigneeId: assignee, disputes: named });
  }
  return member;
}

/** What the new assignee of a task finds among their notifications. */
export function givenNotice(caller: Caller, task: Pick<TaskRow, "projectId" | "slideId" | "id">, to: PersonId) {
  const about = { projectId: task.projectId, slideId: task.slideId, taskId: task.id };
  return { ...about, personId: to, kind: "tasks-given" as const, actorId: caller.personId };
}

function checkExpected(
  found: readonly Assignment[],
  expected: readonly { readonly taskId: string; readonly to: string | null }[],
): void {
  const wanted = new Map(expected.map(({ taskId, to }) => [taskId, to]));
  const other = found.filter(({ taskId, to }) => wanted.get(taskId) !== to);
  if (other.length > 0 || wanted.size !== found.length) {
    throw new AppError("assignment-changed", { taskIds: other.map(({ taskId }) => taskId).slice(0, 100) });
  }
}

/** What was moved, as it was and as it is: whoever may see either asks again. */
function movedSubjects({ subjects }: Plan, moved: readonly Given[]): TaskSubject[] {
  return moved.flatMap(({ taskId, to }) => {
    const subject = subjects.get(taskId);
    return subject === undefined ? [] : [{ ...subject, assigneeId: to }];
  });
}

type Given = { readonly taskId: TaskId; readonly from: PersonId; readonly to: PersonId };

async function recordGiven(
  tx: Db,
  facts: {
    readonly caller: Caller;
    readonly plan: Plan;
    readonly given: readonly Given[];
    readonly rule: AssignmentRule;
    readonly at: Date;
  },
): Promise<void> {
  const { caller, plan, given, rule, at } = facts;
  const [first] = given;
  const projectId = first === undefined ? undefined : plan.tasks.get(first.taskId)?.projectId;
  if (projectId === undefined) return;
  const names = new Map(plan.members.map(({ personId: id, name }) => [id, name]));
  const steps = given.flatMap(({ taskId, to }) => {
    const state = plan.tasks.get(taskId)?.state;
    if (state === undefined) return [];
    const note = `Given to ${names.get(to) ?? "somebody else"}.`;
    return [{ taskId, personId: caller.personId, fromState: state, toState: state, note }];
  });
  await addTaskEvents(tx, steps);
  const notices = [...counted(given.map(({ to }) => to))].map(([personId, count]) => {
    const only = count === 1 ? given.find(({ to }) => to === personId) : undefined;
    const task = only === undefined ? undefined : plan.tasks.get(only.taskId);
    const about = task === undefined ? {} : { taskId: task.id, slideId: task.slideId };
    return { projectId, personId, kind: "tasks-given" as const, actorId: caller.personId, count, ...about };
  });
  await addNotifications(tx, notices, at);
  const detail = { rule: rule.kind, tasks: given.length, people: notices.length };
  await appendAudit(tx, { personId: caller.personId, projectId, subject: projectId, action: "tasks.assigned", detail });
}

function counted(people: readonly PersonId[]): Map<PersonId, number> {
  const counts = new Map<PersonId, number>();
  for (const each of people) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
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
