import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { burnDown, foreseen, LEAST_DONE } from "#domain/burn-down.ts";
import { inOrderOfWork, type Urgency } from "#domain/task.ts";

const DAY = 86_400_000;

describe("burn-down", () => {
  it("[BRD1] says what was left at each moment and ends with what is left now", () => {
    const appeared = [
      { at: 0, count: 10 },
      { at: 50, count: 4 },
    ];
    const done = [
      { at: 25, count: 3 },
      { at: 100, count: 2 },
    ];
    expect(burnDown(appeared, done, { now: 100, points: 5 })).toEqual([
      { at: 0, left: 10 },
      { at: 25, left: 7 },
      { at: 50, left: 11 },
      { at: 75, left: 11 },
      { at: 100, left: 9 },
    ]);
    expect(burnDown([], [], { now: 7, points: 3 })).toEqual([]);
  });

  it("[BRD2] is at each of its moments what a plain count says, whatever the order of the steps", () => {
    const steps = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 1_000 }), count: fc.integer({ min: 0, max: 9 }) }),
    );
    fc.assert(
      fc.property(steps, steps, (appeared, done) => {
        for (const { at, left } of burnDown(appeared, done, { now: 1_000, points: 11 })) {
          const sum = (all: typeof done) => all.filter((each) => each.at <= at).reduce((n, { count }) => n + count, 0);
          expect(left).toBe(Math.max(0, sum(appeared) - sum(done)));
        }
      }),
    );
  });

  it("[BRD3] foresees the end at the pace of the last week, and nothing where there is no pace", () => {
    const done = [
      { at: 8 * DAY, count: 15 },
      { at: 10 * DAY, count: 15 },
    ];
    expect(foreseen(30, done, 10 * DAY)).toEqual({ doneBy: 12 * DAY, lately: 30 });
    expect(foreseen(30, done, 30 * DAY)).toEqual({ doneBy: null, lately: 0 });
    expect(foreseen(0, done, 10 * DAY)).toEqual({ doneBy: null, lately: 30 });
  });

  it("[BRD21] foresees no end from fewer than twenty things done in a week, and says how many there are", () => {
    const done = (count: number) => [{ at: 9 * DAY, count }];
    expect(LEAST_DONE).toBe(20);
    expect(foreseen(40, done(1), 10 * DAY)).toEqual({ doneBy: null, lately: 1 });
    expect(foreseen(40, done(19), 10 * DAY)).toEqual({ doneBy: null, lately: 19 });
    expect(foreseen(40, done(20), 10 * DAY)).toEqual({ doneBy: 12 * DAY, lately: 20 });
    const takenBack = [...done(20), { at: 10 * DAY, count: -1 }];
    expect(foreseen(40, takenBack, 10 * DAY)).toEqual({ doneBy: null, lately: 19 });
    expect(foreseen(40, [...done(25), { at: DAY, count: 900 }], 10 * DAY).lately).toBe(25);
  });
});

describe("the order of a person's tasks", () => {
  it("[TSK47] puts first what came back, then by priority, by the lead's order, by due date and by age", () => {
    const plain: Urgency = { state: "open", priority: 1, position: 0, dueAt: null, createdAt: "2026-01-02" };
    const wanted: Urgency[] = [
      { ...plain, state: "returned", priority: 0 },
      { ...plain, priority: 3 },
      { ...plain, position: 1 },
      { ...plain, position: 2, dueAt: "2026-01-01" },
      { ...plain, dueAt: "2026-02-01" },
      { ...plain, dueAt: "2026-03-01" },
      { ...plain, createdAt: "2026-01-01" },
      plain,
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(wanted, { minLength: wanted.length }), (shuffled) => {
        expect(shuffled.toSorted(inOrderOfWork)).toEqual(wanted);
      }),
    );
  });
});
