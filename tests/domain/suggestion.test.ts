import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { Declaration, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { attributeId, type ClassId, valueId } from "#domain/ids.ts";
import { suggestionFor } from "#domain/migration/suggestion.ts";
import { resolve } from "#domain/migration.ts";
import { aClass, aClassId, aGuideline, declare } from "#tests/support/builders.ts";
import { followed, lineOf } from "#tests/support/histories.ts";

const GRADE = attributeId.parse("attrgrade");
const [LOW, HIGH] = [valueId.parse("valuelow"), valueId.parse("valuehigh")];
const grade = attributeSchema.parse({
  id: GRADE,
  name: "Grade",
  kind: "choice",
  values: [
    { id: LOW, name: "low" },
    { id: HIGH, name: "high" },
  ],
});

type Version = { readonly content: GuidelineContent; readonly changes: readonly GuidelineChange[] };
const history = (...versions: readonly Version[]) => versions.map((each, index) => ({ number: index + 1, ...each }));

/** What is suggested for an annotation as it is stored, where its class is open. */
function suggested(
  versions: ReturnType<typeof history>,
  name: string,
  { under = 1, attributes = {} }: { readonly under?: number; readonly attributes?: Record<string, string> } = {},
) {
  const stored = { classId: aClassId(name), under, attributes };
  const [question] = resolve(stored.classId, under, versions).questions;
  return question === undefined ? "nothing is asked" : suggestionFor(question, stored, versions);
}

const last = (...names: readonly (string | ReturnType<typeof aClass>)[]) => aGuideline(names);
const first = { content: last("a"), changes: [] };

describe("what an open choice is filled in with", () => {
  test("[WLK30] what the lead said about an attribute, and the value that speaks for it", () => {
    const hints = [
      { from: "attribute" as const, attributeId: GRADE, value: "3", classId: aClassId("c") },
      { from: "attribute" as const, attributeId: GRADE, value: LOW, classId: aClassId("b") },
    ];
    const split = { ...declare.split("a", ["b", "c"]), hints };
    const versions = history(first, { content: last(aClass("a", { retired: true }), "b", "c"), changes: [split] });
    const because = { kind: "attribute", attributeId: GRADE };
    expect(suggested(versions, "a", { attributes: { [GRADE]: "3" } })).toEqual({
      classId: aClassId("c"),
      because: { ...because, value: "3" },
    });
    expect(suggested(versions, "a", { attributes: { [GRADE]: LOW } })).toMatchObject({ classId: aClassId("b") });
    expect(suggested(versions, "a", { attributes: { [GRADE]: "2" } })).toBeNull();
    expect(suggested(versions, "a")).toBeNull();
  });

  test("[WLK30] the class before an earlier merge, by what the lead said or by its name, with the version of the merge", () => {
    const merged = { content: last("a", "b", "m"), changes: [declare.merge(["a", "b"], "m")] };
    const said = { from: "former" as const, formerId: aClassId("a"), classId: aClassId("x") };
    const named = aClass("y", { name: "Class B " });
    const content = last("a", "b", "m", "x", named);
    const split = { ...declare.split("m", ["x", "y"]), hints: [said] };
    const versions = history(first, merged, { content, changes: [split] });
    expect(suggested(versions, "a")).toEqual({
      classId: aClassId("x"),
      because: { kind: "former", classId: aClassId("a"), version: 2 },
    });
    expect(suggested(versions, "b")).toEqual({
      classId: aClassId("y"),
      because: { kind: "former", classId: aClassId("b"), version: 2 },
    });
    expect(suggested(versions, "m", { under: 2 })).toBeNull();
  });

  test("[WLK30] a value or a class that has the name of a choice speaks for it where nobody said anything", () => {
    const graded = aClass("a", { attributes: [grade], retired: true });
    const content = last(graded, aClass("b", { name: "Low" }), aClass("c", { name: "high" }));
    const versions = history(first, { content, changes: [declare.split("a", ["b", "c"])] });
    expect(suggested(versions, "a", { attributes: { [GRADE]: LOW } })).toEqual({
      classId: aClassId("b"),
      because: { kind: "attribute", attributeId: GRADE, value: LOW },
    });
    expect(suggested(versions, "a", { attributes: { [GRADE]: HIGH } })).toMatchObject({ classId: aClassId("c") });
  });

  test("[WLK30] a hint is followed to what its class has become, and says nothing about what can no longer be chosen", () => {
    const hint = (name: string) => ({
      from: "attribute" as const,
      attributeId: GRADE,
      value: name,
      classId: aClassId(name),
    });
    const split = { ...declare.split("a", ["b", "c", "d"]), hints: ["b", "c", "d"].map(hint) };
    const names = last("a", "b", "c", "d", "e", "f");
    const versions = history(
      first,
      { content: names, changes: [split] },
      { content: names, changes: [declare.merge(["b"], "e"), declare.retire("d")] },
    );
    expect(suggested(versions, "a", { attributes: { [GRADE]: "b" } })).toMatchObject({ classId: aClassId("e") });
    expect(suggested(versions, "a", { attributes: { [GRADE]: "c" } })).toMatchObject({ classId: aClassId("c") });
    expect(suggested(versions, "a", { attributes: { [GRADE]: "d" } })).toBeNull();
  });

  test("[WLK30] for any line of versions it is one of the choices, and the class before is one that it had", () => {
    const merged = lineOf([{ kind: "merge", subject: 0, other: 0 }], [{ kind: "split", subject: 0 }]);
    let found = 0;
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const versions = line.versions.map((each) => ({
          ...each,
          changes: each.changes.map((to) => hinted(to, classId)),
        }));
        for (const question of resolve(classId, stamp, versions).questions) {
          const suggestion = suggestionFor(question, { classId, under: stamp, attributes: {} }, versions);
          if (suggestion === null) continue;
          found++;
          expect(question.options).toContain(suggestion.classId);
          const { because } = suggestion;
          if (because.kind !== "former") throw new Error("nothing was said about attributes");
          const before = versions.filter(({ number }) => number < because.version);
          expect(resolve(classId, stamp, before).classId).toBe(because.classId);
        }
      }),
      { numRuns: 300, examples: [[{ line: merged, stamp: 1, classId: aClassId("a") }]] },
    );
    expect(found).toBeGreaterThan(0);
  });

  test("[WLK30] a hint that the draft does not bear out is refused", () => {
    const from = last(aClass("a", { attributes: [grade] }));
    const to = last(aClass("a", { attributes: [grade], retired: true }), "b", "c");
    const split = (hint: Extract<Declaration, { kind: "split" }>["hints"]): Declaration => ({
      ...declare.split("a", ["b", "c"]),
      hints: hint,
    });
    const reason = (declaration: Declaration) => {
      const diff = diffGuidelines(from, to, [declaration]);
      return diff.ok ? diff.value : diff.reason;
    };
    const fits = { from: "attribute" as const, attributeId: GRADE, value: LOW, classId: aClassId("b") };
    expect(reason(split([fits]))).toContainEqual(expect.objectContaining({ kind: "split", hints: [fits] }));
    expect(reason(split([{ ...fits, classId: aClassId("a") }]))).toBe("declaration-unfounded");
    expect(reason(split([{ ...fits, attributeId: attributeId.parse("another0") }]))).toBe("declaration-unfounded");
    const stranger = { from: "former" as const, formerId: aClassId("z"), classId: aClassId("b") };
    expect(reason(split([stranger]))).toBe("declaration-unfounded");
  });
});

/** A split that sends what was of a class into its first part. */
function hinted(change: GuidelineChange, formerId: ClassId): GuidelineChange {
  const [classId] = change.kind === "split" ? change.into : [];
  if (change.kind !== "split" || classId === undefined) return change;
  return { ...change, hints: [{ from: "former", formerId, classId }] };
}
