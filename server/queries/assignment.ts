import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type MemberCard, membersOf } from "#db/projects.ts";
import { openTasks, type TaskRow, tasksByIds } from "#db/tasks.ts";
import { type Assignable, type Assignment, type AssignmentRule, planAssignment } from "#domain/assignment.ts";
import type { PersonId, ProjectId, TaskId } from "#domain/ids.ts";
import { can, type Member, type TaskSubject } from "#domain/permissions.ts";
import { isAnswerable } from "#domain/task.ts";
import type { AssignmentPreview } from "#server/api/schemas/tasks.ts";
import { ableTo } from "./assignees.ts";
import { countsOf, type TaskCount } from "./task-counts.ts";
import { hoursOf, paceFor } from "./task-hours.ts";
import { taskSubject } from "./task-subject.ts";

/** Who would get what, why others stay, and what each person would then have to do. */
export type Plan = {
  readonly assignments: readonly Assignment[];
  /** Tasks that cannot be given to anybody at all: absent, not the caller's to see, or closed. */
  readonly refused: readonly { readonly taskId: string; readonly code: "not-found" | "task-not-open" }[];
  /** Hours of unfinished work by person, as far as the member may know of it. */
  readonly load: ReadonlyMap<PersonId, number>;
  readonly tasks: ReadonlyMap<TaskId, TaskRow>;
  readonly subjects: ReadonlyMap<TaskId, TaskSubject>;
  readonly members: readonly MemberCard[];
};

/** Plans an assignment as it would be done now. Reads everything it needs in a handful of queries, whatever the number of tasks. */
export async function assignmentPlan(
  db: Db,
  member: Member,
  { taskIds, rule }: { readonly taskIds: readonly string[]; readonly rule: AssignmentRule },
): Promise<Plan> {
  const { projectId } = member;
  const all = await openTasks(db, projectId, taskIds);
  const open = all.filter(({ state }) => isAnswerable(state));
  const subjects = await subjectsOf(db, projectId);
  const counts = await countsOf(db, open, await guidelineHistory(db, projectId));
  const pace = await paceFor(db, member);
  const members = await membersOf(db, projectId);
  const asked = new Set(taskIds);
  const load = new Map<PersonId, number>();
  const rest = new Map<PersonId, number>();
  const chosen: Assignable[] = [];
  const about = new Map<TaskId, TaskSubject>();
  for (const task of open) {
    const subject = taskSubject(task, task.layerId === null ? null : (subjects.get(task.layerId) ?? null));
    // What is kept from a lead who reads blind does not weigh in what they are shown.
    if (!can(member, "task.see", subject)) continue;
    const hours = hoursOf(task.kind, leftIn(counts, task.id), pace);
    add(load, task.assigneeId, hours);
    if (!asked.has(task.id) || !can(member, "task.assign", subject)) {
      add(rest, task.assigneeId, hours);
      continue;
    }
    about.set(task.id, subject);
    const able = ableTo(subject, members).map(({ personId }) => personId);
    chosen.push({ taskId: task.id, assigneeId: task.assigneeId, authorIds: subject.authorIds, able, hours });
  }
  const known = new Set<string>(chosen.map(({ taskId }) => taskId));
  const closed = new Set<string>(all.filter(isClosedTo(member, subjects)).map(({ id }) => id));
  const missing = [...asked].filter((id) => !known.has(id));
  return {
    assignments: planAssignment(chosen, rule, rest),
    refused: missing.map((taskId) => ({ taskId, code: closed.has(taskId) ? "task-not-open" : "not-found" })),
    load,
    tasks: new Map(open.map((task) => [task.id, task])),
    subjects: about,
    members,
  };
}

/** What these tasks are about, of those that the member may assign. */
export async function assignableSubjects(
  db: Db,
  member: Member,
  ids: readonly TaskId[],
): Promise<Map<string, TaskSubject>> {
  const subjects = await subjectsOf(db, member.projectId);
  const found = new Map<string, TaskSubject>();
  for (const task of await tasksByIds(db, member.projectId, ids)) {
    const subject = taskSubject(task, task.layerId === null ? null : (subjects.get(task.layerId) ?? null));
    if (can(member, "task.assign", subject)) found.set(task.id, subject);
  }
  return found;
}

/** A plan as a lead looks at it before it is done. */
export function shownPlan({ assignments, refused, load, members }: Plan): AssignmentPreview {
  const after = new Map(load);
  const gets = new Map<PersonId, number>();
  for (const { from, to, hours } of assignments) {
    if (to === null || to === from) continue;
    add(after, from, -hours);
    add(after, to, hours);
    add(gets, to, 1);
  }
  const people = members.filter(({ personId }) => load.has(personId) || after.has(personId));
  const person = ({ personId: id, name, colour }: MemberCard) => ({ id, name, colour });
  const byId = new Map(members.map((each) => [each.personId, person(each)]));
  return {
    assignments: assignments.map(({ taskId, from, to, hours }) => ({
      taskId,
      from: byId.get(from) ?? null,
      to: to === null ? null : (byId.get(to) ?? null),
      hours,
    })),
    refused: [
      ...refused,
      ...assignments.flatMap(({ taskId, to }) => (to === null ? [{ taskId, code: "person-not-suitable" }] : [])),
    ],
    people: people.map((each) => ({
      person: person(each),
      gets: gets.get(each.personId) ?? 0,
      hoursBefore: load.get(each.personId) ?? 0,
      hoursAfter: Math.max(0, after.get(each.personId) ?? 0),
    })),
  };
}

async function subjectsOf(db: Db, projectId: ProjectId) {
  const facts = await layerFacts(db, { projectId });
  return new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
}

/** True for tasks that the member may see and that have ended. */
function isClosedTo(member: Member, subjects: Awaited<ReturnType<typeof subjectsOf>>): (task: TaskRow) => boolean {
  return (task) => {
    const layer = task.layerId === null ? null : (subjects.get(task.layerId) ?? null);
    return !isAnswerable(task.state) && can(member, "task.assign", taskSubject(task, layer));
  };
}

function leftIn(counts: ReadonlyMap<TaskId, TaskCount>, id: TaskId): number {
  return counts.get(id)?.left ?? 0;
}

function add(to: Map<PersonId, number>, person: PersonId, hours: number): void {
  to.set(person, (to.get(person) ?? 0) + hours);
}
