import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Assignable, type AssignmentRule, heirOf, planAssignment } from "#domain/assignment.ts";
import { type TaskId, taskId } from "#domain/ids.ts";
import { aPersonId } from "#tests/support/builders.ts";

const [ada, bea, cem] = [aPersonId("ada"), aPersonId("bea"), aPersonId("cem")];
const PEOPLE = [ada, bea, cem];
const aTaskId = (number: number): TaskId => taskId.parse(`task${String(number).padStart(8, "0")}`);
const aTask = (number: number, given: Partial<Assignable> = {}): Assignable => ({
  taskId: aTaskId(number),
  assigneeId: ada,
  authorIds: [ada],
  able: PEOPLE,
  hours: 1,
  ...given,
});
const NOTHING = new Map();

describe("assigning tasks by a rule", () => {
  it("[TSK40] gives each task to its author, to a named person, or to anybody but the author; what fits nobody stays", () => {
    const tasks = [aTask(1, { authorIds: [bea] }), aTask(2, { authorIds: [bea], able: [ada, cem] }), aTask(3)];
    const to = (rule: AssignmentRule) => planAssignment(tasks, rule, NOTHING).map((each) => each.to);
    expect(to({ kind: "author" })).toEqual([bea, null, ada]);
    expect(to({ kind: "person", personId: bea })).toEqual([bea, null, bea]);
    const others = planAssignment(tasks, { kind: "not-author", personIds: [] }, NOTHING);
    expect(others.every((each, index) => each.to !== null && !tasks[index]?.authorIds.includes(each.to))).toBe(true);
    expect(to({ kind: "not-author", personIds: [ada] })).toEqual([ada, ada, null]);
  });

  it("[TSK41] deals out by estimated hours, the longest first, beside what people have already", () => {
    const hours = [5, 1, 1, 1, 1, 1];
    const tasks = hours.map((each, index) => aTask(index, { hours: each }));
    const load = new Map([[cem, 4]]);
    const planned = planAssignment(tasks, { kind: "balanced", personIds: [] }, load);
    const sum = (person: string) =>
      planned.reduce((total, { to, hours: each }) => total + (to === person ? each : 0), 0);
    expect([sum(ada), sum(bea), sum(cem) + 4].sort()).toEqual([4, 5, 5]);
  });

  it("[TSK42] a balanced plan is complete, does not depend on the order of the tasks, and has no queue longer than 4/3 of the best", () => {
    const anyTasks = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(anyTasks, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (hours, dice) => {
        const tasks = hours.map((each, index) => aTask(index, { hours: each }));
        const rule = { kind: "balanced" as const, personIds: [] };
        const planned = planAssignment(tasks, rule, NOTHING);
        const shuffled = tasks.map((task) => ({ task, at: dice.next().value })).sort((a, b) => a.at - b.at);
        const again = planAssignment(
          shuffled.map(({ task }) => task),
          rule,
          NOTHING,
        );
        expect(new Map(again.map((each) => [each.taskId, each.to]))).toEqual(
          new Map(planned.map((each) => [each.taskId, each.to])),
        );
        const longest = Math.max(...PEOPLE.map((person) => sumOf(planned.filter(({ to }) => to === person))));
        expect(longest).toBeLessThanOrEqual((4 / 3) * shortestLongest(hours) + 1e-9);
      }),
    );
  });
});

function sumOf(items: readonly { readonly hours: number }[]): number {
  return items.reduce((total, { hours }) => total + hours, 0);
}

/** The best there is, by trying every way to deal the tasks out to three people. */
function shortestLongest(hours: readonly number[], queues = [0, 0, 0]): number {
  const [next, ...rest] = hours;
  if (next === undefined) return Math.max(...queues);
  return Math.min(
    ...queues.map((_, chosen) =>
      shortestLongest(
        rest,
        queues.map((each, index) => (index === chosen ? each + next : each)),
      ),
    ),
  );
}

describe("who takes over", () => {
  it("[GED27] the first lead, one person, or whoever of those who remain has least to do; a lead where nobody fits", () => {
    const all = { leads: [ada], able: PEOPLE };
    expect(heirOf({ kind: "lead" }, all, NOTHING)).toBe(ada);
    expect(heirOf({ kind: "person", personId: cem }, all, NOTHING)).toBe(cem);
    expect(heirOf({ kind: "person", personId: cem }, { ...all, able: [ada, bea] }, NOTHING)).toBe(ada);
    const load = new Map([
      [bea, 3],
      [cem, 1],
    ]);
    expect(heirOf({ kind: "balanced" }, all, load)).toBe(cem);
    expect(heirOf({ kind: "balanced" }, { ...all, able: [ada] }, load)).toBe(ada);
  });
});
