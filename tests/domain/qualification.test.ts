import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GuidelineChange } from "#domain/guideline.ts";
import {
  hasReadBefore,
  inTestOrder,
  type ReferenceItem,
  referenceState,
  requalifications,
  scoreOf,
  testOf,
  type Versions,
} from "#domain/qualification.ts";
import { aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";

const FIRST = withClass(aGuideline(["a", "b", "c"]), "a", { lookAlikes: [aClassId("b")] });
const [a, b, c] = [aClassId("a"), aClassId("b"), aClassId("c")];
const line = (...steps: readonly (readonly GuidelineChange[])[]): Versions => [
  { number: 1, content: FIRST, changes: [] },
  ...steps.map((changes, index) => ({ number: index + 2, content: FIRST, changes })),
];
const item = (id: string, classId = a, under = 2): ReferenceItem => ({
  ...{ id, classId, under, draftClassId: null, draftMeaning: null },
});

describe("who shows again that they can tell a class", () => {
  it("[RQL1] is asked by a redefinition, by the last one of a class, and not where a lead left it out", () => {
    expect(requalifications(line([declare.redefine("a")]))).toEqual([{ classId: a, version: 2 }]);
    expect(requalifications(line([declare.redefine("a")], [declare.redefine("a")]))).toEqual([
      { classId: a, version: 3 },
    ]);
    expect(requalifications(line([declare.narrow("a"), declare.boundary("b")]))).toEqual([]);
    const weakened = { drop: ["requalify" as const], reason: "two readers, both wrote it" };
    expect(requalifications(line([{ ...declare.redefine("a"), weakened }]))).toEqual([]);
    const retired = withClass(FIRST, "a", { retired: true });
    const gone = [
      ...line([declare.redefine("a")]),
      { number: 3, content: retired, changes: [declare.retire("a", "b")] },
    ];
    expect(requalifications(gone)).toEqual([]);
  });

  it("[RQL2] is whoever was given a read before, or joined before and draws with the team", () => {
    const [before, at, after] = [new Date(999), new Date(1_000), new Date(1_001)];
    expect(hasReadBefore({ given: before, joined: null }, at)).toBe(true);
    expect(hasReadBefore({ given: null, joined: before }, at)).toBe(true);
    expect(hasReadBefore({ given: after, joined: after }, at)).toBe(false);
    expect(hasReadBefore({ given: null, joined: null }, at)).toBe(false);
  });
});

describe("what is asked", () => {
  const versions = line([declare.redefine("a")]);

  it("[RQL3] is every reference of the class and of what it is taken for, as far as it holds under the newest version", () => {
    const items = [item("1"), item("2", b, 1), item("3", c, 1), item("4", a, 1)];
    expect(testOf(a, items, versions).map(({ itemId }) => itemId)).toEqual(["1", "2"]);
    expect(testOf(b, items, versions).map(({ itemId }) => itemId)).toEqual(["2", "1"]);
    expect(testOf(a, [item("2", b, 1)], versions)).toEqual([]);
    expect(referenceState(item("4", a, 1), versions)).toEqual({ classId: a, state: "unsure" });
    const merged = line([declare.merge(["c"], "b")]);
    expect(referenceState(item("3", c, 1), merged)).toEqual({ classId: b, state: "usable" });
    expect(referenceState(item("3", c, 1), line([declare.retire("c")]))).toEqual({ classId: null, state: "ended" });
  });

  it("[RQL4] comes in another order for each attempt, and passes from the share of the project on", () => {
    const items = Array.from({ length: 10 }, (_, at) => ({ itemId: `i${at}`, classId: at < 5 ? a : b }));
    expect(inTestOrder(items, "one")).toEqual(inTestOrder(items.toReversed(), "one"));
    expect(inTestOrder(items, "one")).not.toEqual(inTestOrder(items, "two"));
    const said = (right: number) => new Map(items.map(({ itemId, classId }, at) => [itemId, at < right ? classId : c]));
    expect(scoreOf(items, said(7), 0.7)).toEqual({ right: 7, total: 10, passed: true });
    expect(scoreOf(items, said(6), 0.7).passed).toBe(false);
    expect(scoreOf([], new Map(), 0)).toEqual({ right: 0, total: 0, passed: false });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 }), (right, of) => {
        expect(scoreOf(items, said(right), of / 10).passed).toBe(right >= of);
      }),
    );
  });
});
