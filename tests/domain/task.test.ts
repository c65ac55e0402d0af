import { describe, expect, test } from "vitest";
import { answerSchema, isAnswerable, isUnfinished, mayMove, taskScopeSchema, taskStateSchema } from "#domain/task.ts";
import { aClassId } from "#tests/support/builders.ts";

const states = taskStateSchema.options;
const ends = ["accepted", "cancelled", "superseded"] as const;

describe("task states", () => {
  test("[TSK1] exactly these steps exist", () => {
    const steps = states.flatMap((from) => states.filter((to) => mayMove(from, to)).map((to) => `${from} > ${to}`));
    expect(steps).toEqual([
      "open > in-progress",
      "open > submitted",
      "open > cancelled",
      "open > superseded",
      "in-progress > submitted",
      "in-progress > cancelled",
      "in-progress > superseded",
      "submitted > accepted",
      "submitted > returned",
      "submitted > cancelled",
      "submitted > superseded",
      "returned > in-progress",
      "returned > submitted",
      "returned > cancelled",
      "returned > superseded",
    ]);
  });

  test("[TSK2] accepted, cancelled and superseded are ends, and every other state can reach each of them", () => {
    const reach = (from: (typeof states)[number]) => {
      const seen = new Set([from]);
      for (const state of seen) for (const to of states) if (mayMove(state, to)) seen.add(to);
      return seen;
    };
    for (const state of states) {
      const isEnd = ends.some((end) => end === state);
      expect(reach(state).size === 1).toBe(isEnd);
      if (!isEnd) for (const end of ends) expect(reach(state).has(end)).toBe(true);
    }
  });

  test("[TSK3] unfinished is what blocks a release, answerable what its assignee can still work on", () => {
    expect(states.filter(isUnfinished)).toEqual(["open", "in-progress", "submitted", "returned"]);
    expect(states.filter(isAnswerable)).toEqual(["open", "in-progress", "returned"]);
  });

  test("[TSK4] a scope names what it is about, and an answer says what it decides", () => {
    expect(taskScopeSchema.safeParse({ kind: "migration", version: 2, authorIds: ["reader01"] }).success).toBe(true);
    expect(taskScopeSchema.safeParse({ kind: "migration", version: 0, authorIds: ["reader01"] }).success).toBe(false);
    expect(taskScopeSchema.safeParse({ kind: "rework", annotationIds: [] }).success).toBe(false);
    expect(taskScopeSchema.safeParse({ kind: "re-screen", version: 2, classIds: [aClassId("a")] }).success).toBe(true);
    expect(answerSchema.safeParse({ verdict: "choose" }).success).toBe(false);
    expect(answerSchema.safeParse({ verdict: "choose", classId: aClassId("a") }).success).toBe(true);
    expect(answerSchema.safeParse({ verdict: "cannot-tell" }).success).toBe(false);
    expect(answerSchema.safeParse({ verdict: "shrug" }).success).toBe(false);
  });
});
