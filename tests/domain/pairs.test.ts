import { describe, expect, it } from "vitest";
import type { ClassRules, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { type PairMember, PairRules, type Versions } from "#domain/migration/pairs.ts";
import { standingOf } from "#domain/migration.ts";
import { aClass, aClassId, aGuideline, anAnnotationId, withClass } from "#tests/support/builders.ts";

const [x, y] = [anAnnotationId("x"), anAnnotationId("y")];
const FREE: Partial<ClassRules> = { maxSharedShare: null };
const rules = (change: Partial<ClassRules>) => ({ rules: { ...aClass("a").rules, ...change } });
const FIRST = aGuideline([aClass("a", rules(FREE)), aClass("b", rules(FREE)), "c"]);

/** Versions from texts, with the changes that are read off them. */
function line(...contents: readonly GuidelineContent[]): Versions {
  return contents.map((content, index) => {
    const before = contents[index - 1];
    const diff = before === undefined ? null : diffGuidelines(before, content, []);
    if (diff !== null && !diff.ok) throw new Error(diff.reason);
    return { number: index + 1, content, changes: diff?.value ?? [] };
  });
}
const strict = (content: GuidelineContent, name: string, change: Partial<ClassRules> = { maxSharedShare: 0.1 }) =>
  withClass(content, name, rules(change));
const member = (id: AnnotationId, name: string, under = 1): PairMember => ({
  ...{ id, classId: aClassId(name), under, shape: "polygon" },
});

/** What is asked about two outlines of which a half and a tenth are shared, or nested as told. */
function asked(
  versions: Versions,
  {
    members = [member(x, "a"), member(y, "b")],
    shares = [0.5, 0.1],
    keeps = {},
  }: {
    members?: readonly PairMember[];
    shares?: readonly [number, number];
    keeps?: Readonly<Record<string, readonly number[]>>;
  } = {},
): string[] {
  const pairs = new PairRules(versions);
  const byId = new Map(members.map((each) => [each.id, each]));
  const measures = [{ a: x, b: y, aShare: shares[0], bShare: shares[1] }];
  const found = pairs.violations(byId, measures, byId.keys());
  return members.flatMap(({ id, classId, under, shape }) => {
    const facts = { classId, under, shape, attributes: null, violations: found.get(id) ?? [] };
    const { questions } = standingOf(facts, { keeps: keeps[id] ?? [], handedOn: 0 }, versions);
    return questions.map(({ kind, version, limit }) => `${id[0]} ${kind} ${limit?.rule} v${version}`);
  });
}

describe("two outlines that do not go together", () => {
  it("[PAI1] are asked about once, of the one of which more is shared, whichever of the two rules became stricter", () => {
    expect(asked(line(FIRST, strict(FIRST, "a")))).toEqual(["x limit maxSharedShare v2"]);
    expect(asked(line(FIRST, strict(strict(FIRST, "a"), "b")))).toEqual(["x limit maxSharedShare v2"]);
    const ofOther = line(FIRST, strict(FIRST, "b", { maxSharedShare: 0.05 }));
    expect(asked(ofOther)).toEqual(["x limit maxSharedShare v2"]);
    expect(asked(ofOther, { shares: [0.1, 0.5] })).toEqual(["y limit maxSharedShare v2"]);
    expect(asked(line(FIRST, strict(FIRST, "a")), { shares: [0.1, 0.05] })).toEqual([]);
  });

  it("[PAI2] are settled by a keep of that one, or by drawing either of them, until a rule becomes stricter again", () => {
    const both = line(FIRST, strict(strict(FIRST, "a"), "b"));
    expect(asked(both, { keeps: { [x]: [2] } })).toEqual([]);
    expect(asked(both, { keeps: { [y]: [2] } })).toEqual(["x limit maxSharedShare v2"]);
    for (const members of [
      [member(x, "a", 2), member(y, "b")],
      [member(x, "a"), member(y, "b", 2)],
    ]) {
      expect(asked(both, { members })).toEqual([]);
    }
    const later = line(FIRST, strict(FIRST, "a"), strict(strict(FIRST, "a"), "b", { maxSharedShare: 0.05 }));
    expect(asked(later, { keeps: { [x]: [2] } })).toEqual(["x limit maxSharedShare v3"]);
    expect(asked(later, { keeps: { [x]: [3] } })).toEqual([]);
  });

  it("[PAI3] are two that may not overlap, neither by their own classes' word nor by the other's", () => {
    const tolerant = strict(strict(FIRST, "a", { maxSharedShare: 0.1, overlaps: [aClassId("b")] }), "b", FREE);
    expect(asked(line(FIRST, tolerant))).toEqual([]);
    expect(asked(line(tolerant, strict(FIRST, "a")))).toEqual(["x limit overlaps v2"]);
    const within = strict(FIRST, "a", { maxSharedShare: 0.1, nestedIn: [aClassId("b")] });
    expect(asked(line(FIRST, within), { shares: [1, 0.2] })).toEqual([]);
    const same = [member(x, "a"), member(y, "a")];
    expect(asked(line(FIRST, strict(FIRST, "a")), { members: same })).toEqual([]);
  });

  it("[PAI4] take part only with a class that is certain", () => {
    const first = line(FIRST, strict(FIRST, "a"));
    const retired = withClass(strict(FIRST, "a"), "b", { retired: true });
    const gone: Versions = [
      ...first,
      { number: 3, content: retired, changes: [{ kind: "retire", classId: aClassId("b"), successors: [] }] },
    ];
    expect(asked(gone)).toEqual([]);
    const chosen: Versions = [
      ...first,
      {
        number: 3,
        content: retired,
        changes: [{ kind: "retire", classId: aClassId("b"), successors: [aClassId("a"), aClassId("c")] }],
      },
    ];
    expect(asked(chosen)).toEqual(["y choose undefined v3"]);
    const merged: Versions = [
      ...first,
      { number: 3, content: retired, changes: [{ kind: "merge", from: [aClassId("b")], into: aClassId("a") }] },
    ];
    expect(asked(merged)).toEqual([]);
  });
});

describe("two outlines of which one was carried into another class", () => {
  /** A line in which the second version ends "c" in "a"; `keeps` and stamps are of the outline of "c". */
  const merged = (content: GuidelineContent, ...before: readonly GuidelineContent[]): Versions => {
    const versions = line(...before, content);
    const change = { kind: "merge" as const, from: [aClassId("c")], into: aClassId("a") };
    return [
      ...versions,
      { number: versions.length + 1, content: withClass(content, "c", { retired: true }), changes: [change] },
    ];
  };
  const both = [member(x, "c"), member(y, "b")];
  const free = withClass(FIRST, "c", rules(FREE));

  it("[PAI26] are asked about once where the new class allows less than the one before, however old its rule is", () => {
    const old = merged(strict(free, "a"));
    expect(asked(old, { members: both })).toEqual(["x limit maxSharedShare v2"]);
    expect(asked(old, { members: both, shares: [0.1, 0.05] })).toEqual([]);
    expect(asked(old, { members: both, keeps: { [x]: [2] } })).toEqual([]);
    expect(asked(old, { members: [member(x, "c", 2), member(y, "b")] })).toEqual([]);
    expect(asked(old, { members: [member(x, "c"), member(y, "b", 2)] })).toEqual([]);
    const lists = strict(free, "c", { maxSharedShare: 0.1, overlaps: [aClassId("b")] });
    expect(asked(merged(strict(lists, "a")), { members: both })).toEqual(["x limit overlaps v2"]);
    const listed = strict(strict(free, "a"), "b", { maxSharedShare: 0.02, overlaps: [aClassId("c")] });
    expect(asked(merged(listed), { members: both, shares: [0.05, 0.09] })).toEqual(["y limit overlaps v2"]);
  });

  it("[PAI26] are not asked about where it allows as much, nor where a lead left the check out", () => {
    const alike = merged(strict(strict(free, "a"), "c"));
    expect(asked(alike, { members: both })).toEqual([]);
    expect(new PairRules(alike).isAsking).toBe(false);
    const old = merged(strict(free, "a"));
    const weakened = { drop: ["re-check" as const], reason: "they were one class in practice" };
    const left = old.map((each) => ({ ...each, changes: each.changes.map((change) => ({ ...change, weakened })) }));
    expect(asked(left, { members: both })).toEqual([]);
    expect(new PairRules(left).isAsking).toBe(false);
  });

  it("[PAI27] are judged anew by what became stricter for the new class, whoever drew or kept them under the old one", () => {
    const later = merged(strict(free, "a"), free);
    expect(asked(later, { members: both })).toEqual(["x limit maxSharedShare v3"]);
    expect(asked(later, { members: both.map((each) => ({ ...each, under: 2 })) })).toEqual([
      "x limit maxSharedShare v3",
    ]);
    expect(asked(later, { members: both, keeps: { [x]: [3] } })).toEqual([]);
    // What became stricter for the class before stays asked, unless it was answered then.
    const own = merged(strict(strict(free, "c"), "a"), strict(free, "a"));
    expect(asked(own, { members: both })).toEqual(["x limit maxSharedShare v2"]);
    expect(asked(own, { members: both, keeps: { [x]: [2] } })).toEqual([]);
  });

  it("[PAI26] has to lie inside another where only its new class asks for that", () => {
    const within = merged(strict(free, "a", { maxSharedShare: null, nestedIn: [aClassId("b")] }));
    expect(asked(within, { members: both, shares: [0.5, 0.1] })).toEqual(["x limit nestedIn v2"]);
    expect(asked(within, { members: both, shares: [1, 0.1] })).toEqual([]);
    expect(asked(within, { members: both, keeps: { [x]: [2] } })).toEqual([]);
  });
});

describe("an outline that has to lie inside another", () => {
  const within = (...names: string[]) => strict(FIRST, "a", { maxSharedShare: null, nestedIn: names.map(aClassId) });

  it("[PAI5] is asked about where outlines of none of the classes cover it", () => {
    expect(asked(line(FIRST, within("b")), { shares: [1, 0.2] })).toEqual([]);
    expect(asked(line(FIRST, within("b")), { shares: [0.9, 0.2] })).toEqual(["x limit nestedIn v2"]);
    expect(asked(line(FIRST, within("c")), { shares: [1, 0.2] })).toEqual(["x limit nestedIn v2"]);
    expect(asked(line(FIRST, within("b", "c")), { shares: [1, 0.2] })).toEqual([]);
    expect(asked(line(FIRST, within("c")), { members: [member(x, "a", 2), member(y, "b")] })).toEqual([]);
  });

  it("[PAI6] says nothing where no rule about two became stricter, and nothing is measured then", () => {
    const easier = line(strict(FIRST, "a"), FIRST);
    expect(new PairRules(easier).isAsking).toBe(false);
    expect(asked(easier)).toEqual([]);
    const asking = new PairRules(line(FIRST, strict(FIRST, "a")));
    expect(asking.matters(member(x, "a"), member(y, "b"))).toBe(true);
    expect(asking.matters(member(x, "a", 2), member(y, "b"))).toBe(false);
    expect(asking.matters(member(x, "a"), member(y, "a"))).toBe(false);
    expect(asking.matters(member(x, "b"), member(y, "c"))).toBe(false);
  });
});
