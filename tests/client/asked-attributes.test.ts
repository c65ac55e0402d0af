import { describe, expect, it } from "vitest";
import { askedOfAny, chooseEach, takeSuggestions } from "#client/alike-answers.ts";
import type { TaskItem } from "#client/answers.ts";
import { askedFor, askedOnChoice, askedOnKeep, firstUnsaid, withAttributes } from "#client/asked-attributes.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import { aClass, aClassId } from "#tests/support/builders.ts";

const values = ["valueaaa", "valuebbb", "valueccc"].map((id) => ({ id, name: id }));
const grade = attributeSchema.parse({ id: "attrgrade", name: "Grade", kind: "choice", required: true, values });
const size = attributeSchema.parse({ id: "attrsize0", name: "Size", kind: "number", required: true });
const note = attributeSchema.parse({ id: "attrnote0", name: "Note", kind: "text" });
const full = aClass("a", { attributes: [grade, size, note] });

function item(change: Partial<TaskItem> = {}): TaskItem {
  return {
    annotationId: "one",
    classId: aClassId("a"),
    under: 1,
    contentHash: "hash",
    geometry: { type: "point", at: [0, 0] },
    bbox: [0, 0, 0, 0],
    pairs: [],
    questions: [],
    suggestion: null,
    attributes: {},
    state: "waiting",
    note: "",
    ...change,
  };
}
const asks = (attributeId: string, offered: string[], mayStay: boolean): TaskItem["questions"][number] => ({
  key: `${attributeId} ${mayStay}`,
  version: 2,
  kind: "attribute",
  classId: aClassId("a"),
  options: [],
  fallback: null,
  change: { kind: "attribute-reword", classId: aClassId("a"), attributeId: grade.id },
  attribute: { attributeId, values: offered, fallback: null, mayStay },
  limit: null,
});
const suggests = (name: string): TaskItem["suggestion"] => ({
  classId: aClassId(name),
  because: { kind: "former", classId: aClassId("f"), version: 2 },
});

describe("attributes that are asked for in a walk", () => {
  it("[WLK33] keeping says what is asked, among the values that it asks for", () => {
    const asked = askedOnKeep(item({ questions: [asks("attrgrade", ["valuebbb", "valueccc"], false)] }), full);
    expect(asked.map(({ definition, choices }) => [definition.id, choices.map(({ id }) => id)])).toEqual([
      ["attrgrade", ["valuebbb", "valueccc"]],
    ]);
    expect(firstUnsaid(asked, {})?.definition.id).toBe("attrgrade");
    expect(firstUnsaid(asked, { attrgrade: "valuebbb" })).toBeNull();
    const grown = askedOnKeep(item({ questions: [asks("attrgrade", ["valueccc"], true)] }), full);
    expect(grown).toMatchObject([{ mayStay: true, choices: values }]);
    expect(firstUnsaid(grown, {})).toBeNull();
  });

  it("[WLK33] a class asks for what it requires and is not there, a number for a number", () => {
    const asked = askedOnChoice(item({ attributes: { attrgrade: "valueaaa", attrsize0: "large" } }), full);
    expect(asked.map(({ definition }) => definition.id)).toEqual(["attrsize0"]);
    expect(firstUnsaid(asked, { attrsize0: "large" })).not.toBeNull();
    expect(firstUnsaid(asked, { attrsize0: "2.5" })).toBeNull();
  });

  it("[ATR12] a class that cannot-tell falls back to asks for what it requires, and nothing where a lead decides", () => {
    const split = { ...asks("attrgrade", [], false), kind: "choose" as const, attribute: null, fallback: full.id };
    const byId = new Map([[full.id as string, full]]);
    const unsure = { verdict: "cannot-tell", note: "crushed" } as const;
    const open = item({ classId: aClassId("f"), questions: [split], attributes: { attrgrade: "valueaaa" } });
    expect(askedFor(unsure, open, byId).map(({ definition }) => definition.id)).toEqual(["attrsize0"]);
    expect(withAttributes(unsure, { attrsize0: "2" })).toEqual({ ...unsure, attributes: { attrsize0: "2" } });
    expect(askedFor(unsure, item({ questions: [{ ...split, fallback: null }] }), byId)).toEqual([]);
  });

  it("[WLK33] in a batch each is said for those that lack it, and suggestions are taken where nothing more has to be said", () => {
    const graded = item({ annotationId: "two", attributes: { attrgrade: "valueaaa", attrsize0: "3" } });
    const items = [item(), graded];
    const said = { attrgrade: "valuebbb", attrsize0: "1" };
    expect(askedOfAny(items, full, undefined).map(({ definition }) => definition.id)).toEqual([
      "attrgrade",
      "attrsize0",
    ]);
    expect(chooseEach(items, full, said).map(({ answer }) => answer)).toEqual([
      { verdict: "choose", classId: full.id, attributes: said },
      { verdict: "choose", classId: full.id },
    ]);
    const byId = new Map([full, aClass("b")].map((each) => [each.id as string, each]));
    const filled = [
      item({ suggestion: suggests("b") }),
      item({ suggestion: suggests("a") }),
      { ...graded, suggestion: suggests("a") },
    ];
    const taken = takeSuggestions([...filled, item()], byId);
    expect(taken.answers.map(({ answer }) => answer)).toEqual([
      { verdict: "choose", classId: aClassId("b") },
      { verdict: "choose", classId: aClassId("a") },
    ]);
    expect([taken.left, [...taken.byClass.values()]]).toEqual([2, [1, 1]]);
  });
});
