import { describe, expect, it } from "vitest";
import { ambiguitiesOf } from "#client/draft-ambiguities.ts";
import {
  addAttribute,
  addValue,
  convertUnit,
  editAttribute,
  endAttribute,
  endValue,
  keepValue,
} from "#client/draft-attributes.ts";
import { declareBoundary, declareMeaning, editClass, moveClass, weakenChange } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import { changeKey } from "#domain/guideline/outcomes.ts";
import type { AttributeDefinition, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { attributeId, valueId } from "#domain/ids.ts";
import { aClass, aClassId, aGuideline } from "#tests/support/builders.ts";

const grade = attributeId.parse("grade000");
const size = attributeId.parse("size0000");
const [low, high, middle] = ["low00000", "high0000", "middle00"].map((id) => valueId.parse(id)) as [
  ReturnType<typeof valueId.parse>,
  ReturnType<typeof valueId.parse>,
  ReturnType<typeof valueId.parse>,
];
const attribute = (change: Partial<AttributeDefinition>): AttributeDefinition => ({
  ...{ id: grade, name: "grade", kind: "choice", required: false, unit: null, help: "", values: [], assumed: null },
  retired: false,
  ...change,
});
const values = [low, middle, high].map((id) => ({ id, name: id, retired: false }));
const base: GuidelineContent = aGuideline([
  aClass("a", {
    attributes: [attribute({ values }), attribute({ id: size, name: "size", kind: "number", unit: "mm" })],
  }),
  "b",
  "c",
]);
const start: DraftState = { content: base, declarations: [] };
const place = { classId: aClassId("a"), attributeId: grade };
const kindsOf = (draft: DraftState) => {
  const diff = diffGuidelines(base, draft.content, draft.declarations);
  return diff.ok ? diff.value.map(({ kind }) => kind) : diff.reason;
};

describe("edits of a draft", () => {
  it("[GED14] of values and attributes give drafts that the guideline rules accept as that one change", () => {
    expect(kindsOf(endValue(base, start, place, low, { kind: "merge", into: middle }))).toEqual(["value-merge"]);
    expect(kindsOf(endValue(base, start, place, low, { kind: "split", into: [middle, high], guide: "look" }))).toEqual([
      "value-split",
    ]);
    expect(kindsOf(endValue(base, start, place, low, { kind: "retire", successors: [] }))).toEqual(["value-retire"]);
    expect(kindsOf(addValue(start, place, valueId.parse("fresh000"), "new"))).toEqual(["value-add"]);
    expect(kindsOf(endAttribute(base, start, place))).toEqual(["attribute-retire"]);
    const fresh = attributeId.parse("fresh000");
    const added = addAttribute(start, aClassId("b"), fresh, "margin");
    const place2 = { classId: aClassId("b"), attributeId: fresh };
    expect(kindsOf(editAttribute(base, added, place2, { kind: "text" }))).toEqual(["attribute-add"]);
    expect(endAttribute(base, added, place2)).toEqual(start);
    const inMicron = editAttribute(base, start, { ...place, attributeId: size }, { unit: "µm" });
    expect(kindsOf(convertUnit(inMicron, { ...place, attributeId: size }, 1_000))).toEqual(["attribute-retype"]);
    expect(
      editAttribute(
        base,
        convertUnit(inMicron, { ...place, attributeId: size }, 1_000),
        { ...place, attributeId: size },
        { unit: "mm" },
      ),
    ).toEqual(start);
  });

  it("[GED14] a value that is kept after all takes back what was said about its end", () => {
    const ended = endValue(base, start, place, low, { kind: "merge", into: middle });
    expect(keepValue(ended, place, low)).toEqual(start);
    const fresh = valueId.parse("fresh000");
    const added = addValue(start, place, fresh, "new");
    expect(endValue(base, added, place, fresh, { kind: "merge", into: low })).toEqual(start);
  });

  it("[GED15] an edit whose meaning the texts do not show is asked about until a lead has said it", () => {
    const edit = (part: Parameters<typeof editClass>[3]) => editClass(base, start, aClassId("a"), part);
    expect(ambiguitiesOf(base, start)).toEqual([]);
    const worded = edit({ definition: "narrower" });
    expect(ambiguitiesOf(base, worded)).toMatchObject([{ kind: "meaning", answered: false }]);
    expect(kindsOf(worded)).toBe("change-undeclared");
    for (const meaning of ["reword", "narrow", "broaden", "both", "redefine"] as const) {
      const said = declareMeaning(worded, aClassId("a"), meaning);
      expect(ambiguitiesOf(base, said)).toMatchObject([{ kind: "meaning", answered: true }]);
      expect(kindsOf(said)).toEqual(meaning === "both" ? ["narrow", "broaden"] : [meaning]);
    }
    const moved = edit({ boundary: "lumen left out" });
    expect(ambiguitiesOf(base, moved)).toMatchObject([{ kind: "boundary", answered: false }]);
    expect(kindsOf(declareBoundary(moved, aClassId("a"), true))).toEqual(["boundary"]);
    expect(kindsOf(declareMeaning(moved, aClassId("a"), "reword"))).toEqual(["reword"]);
    const back = editClass(base, declareBoundary(moved, aClassId("a"), true), aClassId("a"), { boundary: "" });
    expect(back).toEqual(start);
    const unit = editAttribute(base, start, { ...place, attributeId: size }, { unit: "µm" });
    expect(ambiguitiesOf(base, unit)).toMatchObject([{ kind: "unit", attributeId: size, answered: false }]);
  });

  it("[GED16] classes are put in another order, and an outcome is left out only with a reason, until taken back", () => {
    const order = (draft: DraftState) => draft.content.classes.map(({ id }) => id);
    const moved = moveClass(start, aClassId("c"), aClassId("a"));
    expect(order(moved)).toEqual([aClassId("c"), aClassId("a"), aClassId("b")]);
    expect(order(moveClass(moved, aClassId("c"), null))).toEqual(order(start));
    expect(kindsOf(moved)).toEqual(["reorder"]);
    const narrowed = declareMeaning(
      editClass(base, start, aClassId("a"), { exclude: "more" }),
      aClassId("a"),
      "narrow",
    );
    const key = changeKey({ kind: "narrow", classId: aClassId("a") });
    const weak = weakenChange(narrowed, key, { drop: ["review"], reason: "nobody drew it so" });
    expect(diffGuidelines(base, weak.content, weak.declarations)).toMatchObject({
      ok: true,
      value: [{ kind: "narrow", weakened: { drop: ["review"], reason: "nobody drew it so" } }],
    });
    expect(weakenChange(weak, key, { drop: [], reason: "" })).toEqual(narrowed);
  });
});
