import { describe, expect, test } from "vitest";
import type { GuidelineChange } from "#domain/guideline.ts";
import { isIgnored } from "#domain/migration/ignored.ts";
import type { History } from "#domain/migration.ts";
import { aClassId, declare } from "#tests/support/builders.ts";

const at = (number: number, ...changes: GuidelineChange[]) => ({ number, changes });
const outline = (name: string, under = 1) => ({ classId: aClassId(name), under, shape: "polygon" }) as const;
const ignored = (name: string): GuidelineChange => ({ ...declare.retire(name), ignore: true });

describe("regions to ignore", () => {
  test("[MIG74] are the outlines that a retirement left without a class and said so about, also after a merge", () => {
    const history: History = [at(2, declare.merge(["b"], "a")), at(3, ignored("a"), declare.retire("c"))];
    for (const name of ["a", "b"]) expect(isIgnored(outline(name), history), name).toBe(true);
    for (const name of ["c", "d"]) expect(isIgnored(outline(name), history), name).toBe(false);
  });

  test("[MIG74] end where the class comes back, and are none where it had a successor or somebody has to choose", () => {
    const back: History = [at(2, ignored("a")), at(3, { kind: "restore", classId: aClassId("a") })];
    expect(isIgnored(outline("a"), back)).toBe(false);
    expect(isIgnored(outline("a"), [at(2, declare.retire("a", "b"))])).toBe(false);
    const open: History = [at(2, declare.split("a", ["b", "c"])), at(3, ignored("b"))];
    expect(isIgnored(outline("a"), open)).toBe(false);
    expect(isIgnored(outline("a"), [...open, at(4, declare.retire("c"))])).toBe(false);
    expect(isIgnored(outline("a"), [...open, at(4, ignored("c"))])).toBe(true);
  });
});
