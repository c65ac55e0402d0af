import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { allCards, answersByHour, type TaskCard } from "#db/tasks.ts";
import { burnDown, foreseen, LEAST_DONE, type Step } from "#domain/burn-down.ts";
import { changeKey } from "#domain/guideline/outcomes.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId, TaskId } from "#domain/ids.ts";
import { classesAt } from "#domain/migration.ts";
import { can, type Member } from "#domain/permissions.ts";
import { isUnfinished } from "#domain/task.ts";
import type { Board } from "#server/api/schemas/tasks.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { NOBODY } from "./slides.ts";
import { countsOf, type TaskCount } from "./task-counts.ts";
import { hoursOf, paceFor } from "./task-hours.ts";
import { taskSubject } from "./task-subject.ts";
import { changeTitle } from "./task-title.ts";

/** Moments of the burn-down. */
const POINTS = 61;

type Grouping = "change" | "class" | "person" | "slide";
type Counted = {
  readonly card: TaskCard;
  readonly count: TaskCount;
  readonly hoursLeft: number;
  /** The assignee as the member may know them. */
  readonly person: { readonly id: string; readonly name: string; readonly colour: string };
};

/** How far the tasks are that a member may see, by change, class, person or slide, and how much was left over time. */
export async function boardFor(db: Db, member: Member, grouping: Grouping, now: Date): Promise<Board> {
  const { projectId } = member;
  const history = await guidelineHistory(db, projectId);
  const tasks = await countedTasks(db, member, history);
  const appeared = tasks.map(({ card, count }): Step => ({ at: card.createdAt.getTime(), count: count.total }));
  const done = doneSteps(tasks, await answersByHour(db, projectId), now);
  const left = tasks.reduce((sum, { count }) => sum + count.left, 0);
  const { doneBy, lately } = foreseen(left, done, now.getTime());
  return {
    groups: groupsOf(tasks, grouping, history),
    burnDown: burnDown(appeared, done, { now: now.getTime(), points: POINTS }).map((each) => ({
      at: new Date(each.at).toISOString(),
      left: each.left,
    })),
    left,
    hoursLeft: tasks.reduce((sum, { hoursLeft }) => sum + hoursLeft, 0),
    undecided: tasks.reduce((sum, { count }) => sum + count.undecided, 0),
    doneBy: doneBy === null ? null : new Date(doneBy).toISOString(),
    pace: { lately, least: LEAST_DONE },
  };
}

/** Tasks that the member may see, without those that were called off before anything was done in them. */
async function countedTasks(db: Db, member: Member, history: readonly GuidelineVersion[]): Promise<Counted[]> {
  const facts = await layerFacts(db, { projectId: member.projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const seen = (await allCards(db, member.projectId)).flatMap((card) => {
    const subject = taskSubject(card, card.layerId === null ? null : (layers.get(card.layerId) ?? null));
    return can(member, "task.see", subject) ? [{ card, hidden: hiddenFrom(member, subject) }] : [];
  });
  const counts = await countsOf(
    db,
    seen.map(({ card }) => card),
    history,
  );
  const pace = await paceFor(db, member);
  return seen.flatMap(({ card, hidden }) => {
    const count = counts.get(card.id);
    const isCalledOff = card.state === "cancelled" || card.state === "superseded";
    if (count === undefined || (isCalledOff && (count.total === 0 || card.kind !== "migration"))) return [];
    const person = hidden.has(card.assigneeId) ? NOBODY : card.assignee;
    return [{ card, count, person, hoursLeft: hoursOf(card.kind, count.left, pace) }];
  });
}

/**
 * What was done and when: answers by the hour; what has no answers of its own when its task last moved. The steps of a
 * task add up to what is done of it now, so that the curve ends at what is left.
 */
function doneSteps(tasks: readonly Counted[], answers: Awaited<ReturnType<typeof answersByHour>>, now: Date): Step[] {
  const byTask = new Map<TaskId, Step[]>();
  for (const { taskId, at, count } of answers) {
    byTask.set(taskId, [...(byTask.get(taskId) ?? []), { at: Math.min(at, now.getTime()), count }]);
  }
  return tasks.flatMap(({ card, count }) => {
    const steps = byTask.get(card.id) ?? [];
    const rest = count.total - count.left - steps.reduce((sum, step) => sum + step.count, 0);
    return rest === 0 ? steps : [...steps, { at: card.updatedAt.getTime(), count: rest }];
  });
}

type Group = Board["groups"][number];

function groupsOf(
  tasks: readonly Counted[],
  grouping: Grouping,
  history: readonly GuidelineVersion[],
): Board["groups"] {
  const newest = history.at(-1);
  const classes = newest === undefined ? null : classesAt(newest.content);
  const groups = new Map<string, Group>();
  for (const task of tasks) {
    for (const { key, label, colour, left, total } of partsOf(task, grouping, (id) => classes?.byId.get(id))) {
      const before = groups.get(key) ?? emptyGroup(key, label, colour);
      const changes = grouping === "change" ? withChanges(before.changes, task, history) : before.changes;
      const share = task.count.left === 0 ? 0 : left / task.count.left;
      groups.set(key, {
        ...before,
        tasks: before.tasks + 1,
        unfinished: before.unfinished + Number(isUnfinished(task.card.state)),
        left: before.left + left,
        total: before.total + total,
        hoursLeft: before.hoursLeft + task.hoursLeft * share,
        changes,
      });
    }
  }
  return [...groups.values()].sort((a, b) => b.left - a.left || a.label.localeCompare(b.label, "en"));
}

/** What waits because of each change, over the tasks of a group. */
function withChanges(
  known: Group["changes"],
  { count }: Counted,
  history: readonly GuidelineVersion[],
): Group["changes"] {
  const found = new Map(known.map((each) => [each.key, each]));
  for (const [change, left] of count.leftByChange) {
    const version = history.find(({ changes }) => changes.includes(change));
    if (version === undefined) continue;
    const key = `${version.number} ${changeKey(change)}`;
    const before = found.get(key)?.left ?? 0;
    const label = changeTitle(change, version.content) ?? change.kind;
    found.set(key, { key, version: version.number, label, left: before + left });
  }
  return [...found.values()].sort((a, b) => b.left - a.left || a.label.localeCompare(b.label, "en"));
}

type Part = { key: string; label: string; colour: string | null; left: number; total: number };

/** The groups that a task counts in: one, or by class as many as wait in it. */
function partsOf(
  { card, count, person }: Counted,
  grouping: Grouping,
  classOf: (id: ClassId) => { readonly name: string; readonly colour: string } | undefined,
): Part[] {
  const whole = { left: count.left, total: count.total };
  switch (grouping) {
    case "person":
      return [{ key: person.id, label: person.name, colour: person.colour, ...whole }];
    case "slide":
      return [{ key: card.slideId, label: card.slideName, colour: null, ...whole }];
    case "change": {
      const { scope } = card;
      const number = "version" in scope ? scope.version : null;
      if (number === null) return [{ key: card.kind, label: OTHERS[card.kind] ?? card.kind, colour: null, ...whole }];
      return [{ key: String(number), label: `Version ${number}`, colour: null, ...whole }];
    }
    case "class":
      return [...count.leftByClass].map(([id, left]) => {
        const named = classOf(id);
        return { key: id, label: named?.name ?? id, colour: named?.colour ?? null, left, total: left };
      });
    default:
      return grouping satisfies never;
  }
}

/** What tasks are called that no guideline change made. */
const OTHERS: Readonly<Partial<Record<TaskCard["kind"], string>>> = {
  rework: "Rework",
  adjudication: "Adjudication",
};

function emptyGroup(key: string, label: string, colour: string | null): Group {
  return { key, label, colour, tasks: 0, unfinished: 0, left: 0, total: 0, hoursLeft: 0, changes: [] };
}
