import { describe, expect, it } from "vitest";
import {
  addClass,
  declareMeaning,
  EMPTY_GUIDELINE,
  editClass,
  freeHotkey,
  meaningOf,
  mergeClasses,
  newClass,
  restoreClass,
  retireClass,
  splitClass,
  standingOf,
} from "#client/guideline-draft.ts";
import { formersOf, hintsOf } from "#client/split-hints.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { attributeId, type ClassId, classId } from "#domain/ids.ts";

const [tumour, stroma, gland, fat] = ["tumour01", "stroma01", "gland001", "fat00001"].map((id) =>
  classId.parse(id),
) as [
  ReturnType<typeof classId.parse>,
  ReturnType<typeof classId.parse>,
  ReturnType<typeof classId.parse>,
  ReturnType<typeof classId.parse>,
];
const fresh = classId.parse("fresh001");
const second = classId.parse("second01");

const base: GuidelineContent = {
  ...EMPTY_GUIDELINE,
  classes: [
    { ...newClass(tumour, "Tumour", "#e6194b"), hotkey: 1, definition: "Invasive cells." },
    { ...newClass(stroma, "Stroma", "#3cb44b"), hotkey: 2 },
    { ...newClass(gland, "Gland", "#2f7ff0"), hotkey: 3 },
    { ...newClass(fat, "Fat", "#e0b400"), retired: true },
  ],
};
const untouched: DraftState = { content: base, declarations: [] };

function kinds(draft: DraftState): string[] {
  const changes = diffGuidelines(base, draft.content, draft.declarations);
  if (!changes.ok) throw new Error(`${changes.reason} ${JSON.stringify(changes.detail)}`);
  return changes.value.map((change) => change.kind);
}

describe("a guideline draft", () => {
  it("[PAG1] a merge, split or retirement made in the editor is a draft that the guideline rules accept", () => {
    expect(kinds(mergeClasses(base, untouched, [gland], tumour))).toEqual(["merge"]);
    const split = splitClass(base, untouched, tumour, {
      into: [
        { id: fresh, name: "Invasive", colour: "#e6194b" },
        { id: second, name: "In situ", colour: "#f58231" },
      ],
      fallback: null,
      guide: "Look for a basement membrane.",
    });
    expect(kinds(split)).toEqual(["add", "add", "split"]);
    expect(kinds(retireClass(base, untouched, gland, [stroma]))).toEqual(["retire"]);
    expect(kinds(retireClass(base, untouched, gland, []))).toEqual(["retire"]);
    expect(retireClass(base, untouched, gland, [], true).declarations).toMatchObject([
      { kind: "retire", ignore: true },
    ]);
  });

  it("[WLK34] what a lead fills in becomes hints of the split: the first class that claims a value has it", () => {
    const into = [
      { id: fresh, name: "Invasive", colour: "#e6194b" },
      { id: second, name: "In situ", colour: "#f58231" },
    ];
    const id = attributeId.parse("attrgrade");
    const hint = (value: string, classId: ClassId) => ({ from: "attribute", attributeId: id, value, classId });
    expect(hintsOf({ attributeId: null, byValue: { low: fresh } }, into)).toEqual([]);
    expect(hintsOf({ attributeId: id, byValue: { low: second, high: fresh, other: "none" } }, into)).toEqual([
      hint("high", fresh),
      hint("low", second),
    ]);
    const typed = { [fresh]: "3, 4,", [second]: "1,2, 3" };
    const hints = hintsOf({ attributeId: id, byValue: {}, typed }, into);
    expect(hints).toEqual([hint("3", fresh), hint("4", fresh), hint("1", second), hint("2", second)]);
    const split = { into, fallback: null, guide: "" };
    const [plain, filled] = [{}, { hints }].map((said) => splitClass(base, untouched, tumour, { ...split, ...said }));
    expect(plain?.declarations).toEqual([
      { kind: "split", classId: tumour, into: [fresh, second], fallback: null, guide: "" },
    ]);
    expect(filled?.declarations).toMatchObject([{ kind: "split", hints }]);
  });

  it("[ATR11] what was another class before a merge suggests a part of the split, beside what an attribute says", () => {
    const of = (classes: GuidelineContent["classes"], changes: GuidelineChange[], number: number) => ({
      number,
      content: { ...base, classes },
      changes,
      note: "",
    });
    const ended = base.classes.map((each) => (each.id === tumour ? each : { ...each, retired: true }));
    const versions = [
      of(base.classes, [], 1),
      of(
        ended,
        [
          { kind: "merge", from: [gland], into: tumour },
          { kind: "retire", classId: stroma, successors: [] },
        ],
        2,
      ),
    ];
    expect(formersOf(tumour, versions).map(({ id }) => id)).toEqual([gland]);
    expect(formersOf(tumour, versions.slice(0, 1))).toEqual([]);
    const into = [{ id: fresh, name: "Invasive", colour: "#e6194b" }];
    const byFormer = { [gland]: fresh, [stroma]: "none" };
    expect(hintsOf({ attributeId: null, byValue: {}, byFormer }, into)).toEqual([
      { from: "former", formerId: gland, classId: fresh },
    ]);
  });

  it("[PAG2] restoring takes back what the draft said about the end of a class", () => {
    const retired = retireClass(base, untouched, gland, []);
    const back = restoreClass(base, retired, gland);
    expect(back.declarations).toEqual([]);
    expect(kinds(editClass(base, back, gland, { hotkey: 3 }))).toEqual([]);
    const merged = mergeClasses(base, untouched, [gland, stroma], tumour);
    expect(restoreClass(base, merged, gland).declarations).toEqual([{ kind: "merge", from: [stroma], into: tumour }]);
    expect(kinds(restoreClass(base, untouched, fat))).toEqual(["restore"]);
  });

  it("[PAG3] a class that only the draft knows leaves no trace when it is ended", () => {
    const grown = addClass(untouched, newClass(fresh, "Necrosis", "#6b7480"));
    const linked = editClass(base, grown, tumour, { lookAlikes: [fresh] });
    const gone = retireClass(base, linked, fresh, []);
    expect(gone.content.classes.map((each) => each.id)).toEqual([tumour, stroma, gland, fat]);
    expect(kinds(gone)).toEqual([]);
  });

  it("[PAG4] a declaration about words falls away when the old words are back", () => {
    const reworded = editClass(base, untouched, tumour, { definition: "Invasive cells only." });
    const narrowed = declareMeaning(reworded, tumour, "narrow");
    expect(kinds(narrowed)).toEqual(["narrow"]);
    expect(meaningOf(declareMeaning(narrowed, tumour, "both", [stroma]), tumour)).toBe("both");
    const back = editClass(base, narrowed, tumour, { definition: "Invasive cells." });
    expect(back.declarations).toEqual([]);
    expect(standingOf(base, back, tumour)).toBe("same");
  });

  it("[PAG5] a class that ends is no longer a target of other changes", () => {
    const merged = mergeClasses(base, untouched, [gland], stroma);
    const ended = retireClass(base, merged, stroma, []);
    expect(ended.declarations).toEqual([{ kind: "retire", classId: stroma, successors: [] }]);
  });

  it("[PAG6] a new class is offered the lowest free number key", () => {
    expect(freeHotkey(base)).toBe(4);
    expect(freeHotkey(EMPTY_GUIDELINE)).toBe(1);
  });
});
