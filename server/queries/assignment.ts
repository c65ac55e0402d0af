import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type MemberCard, membersOf } from "#db/projects.ts";
import { type TaskRow, tasksByIds } from "#db/tasks.ts";
import { type Assignable, type Assignment, type AssignmentRule, planAssignment } from "#domain/assignment.ts";
import type { PersonId, ProjectId, TaskId } from "#domain/ids.ts";
import { can, type Member, type TaskSubject } from "#domain/permissions.ts";
import { isAnswerable } from "#domain/task.ts";
import type { AssignmentPreview } from "#server/api/schemas/tasks.ts";
import { ableTo } from "./assignees.ts";
import { openCounts } from "./staleness.ts";
import { countsOf } from "./task-counts.ts";
import { openDisputes } from "./task-disputes.ts";
import { hoursOf, paceFor } from "./task-hours.ts";
import { openHours } from "./task-loads.ts";
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

/**
 * Plans an assignment as it would be done now: of the tasks that are asked for one by one, of all others by what the
 * database adds up for each person, however many are open. What is kept from a lead who reads blind does not weigh in what
 * they are shown.
 */
export async function assignmentPlan(
  db: Db,
  member: Member,
  { taskIds, rule }: { readonly taskIds: readonly string[]; readonly rule: AssignmentRule },
): Promise<Plan> {
  const { projectId } = member;
  const subjects = await subjectsOf(db, projectId);
  const visible = (await tasksByIds(db, projectId, taskIds)).flatMap((task) => {
    const subject = taskSubject(task, task.layerId === null ? null : (subjects.get(task.layerId) ?? null));
    return can(member, "task.assign", subject) ? [{ task, subject }] : [];
  });
  const given = visible.filter(({ task }) => isAnswerable(task.state));
  const tasks = given.map(({ task }) => task);
  const history = await guidelineHistory(db, projectId);
  const pace = await paceFor(db, member);
  const { open } = await openCounts(db, { projectId }, history);
  const counts = await countsOf(db, tasks, history, open);
  const hidden = [...subjects].filter(([, layer]) => !can(member, "layer.see", layer)).map(([layerId]) => layerId);
  const others = { history, pace, open, without: tasks.map(({ id }) => id), hidden };
  const rest = await openHours(db, projectId, others);
  const members = await membersOf(db, projectId);
  const disputes = await openDisputes(db, tasks);
  const load = new Map(rest);
  const chosen = given.map(({ task: { id: taskId, kind, assigneeId }, subject }): Assignable => {
    const hours = hoursOf(kind, counts.get(taskId)?.left ?? 0, pace);
    add(load, assigneeId, hours);
    const own = disputes.get(taskId)?.map((each) => each.subject);
    const about = own === undefined ? subject : { ...subject, disputes: own };
    const able = ableTo(about, members).map(({ personId }) => personId);
    return { taskId, assigneeId, authorIds: subject.authorIds, able, hours };
  });
  const known = new Set<string>(tasks.map(({ id }) => id));
  const closed = new Set<string>(visible.map(({ task }) => task.id).filter((id) => !known.has(id)));
  const missing = [...new Set(taskIds)].filter((id) => !known.has(id));
  return {
    assignments: planAssignment(chosen, rule, rest),
    refused: missing.map((taskId) => ({ taskId, code: closed.has(taskId) ? "task-not-open" : "not-found" })),
    load,
    tasks: new Map(tasks.map((task) => [task.id, task])),
    subjects: new Map(given.map(({ task, subject }) => [task.id, subject])),
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

function add(to: Map<PersonId, number>, person: PersonId, hours: number): void {
  to.set(person, (to.get(person) ?? 0) + hours);
}
