import { describe, expect, test } from "vitest";
import { type AttributeDefinition, attributeSchema } from "#domain/guideline/attribute.ts";
import type { ChangeOutcome } from "#domain/guideline/change.ts";
import { changeKey, leavableOutcomes, outcomesOf } from "#domain/guideline/outcomes.ts";
import type { ClassDefinition, Declaration, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { attributeId, valueId } from "#domain/ids.ts";
import { type AnnotationFacts, classesAt, rescreens, standingOf } from "#domain/migration.ts";
import { requalifications } from "#domain/qualification.ts";
import {
  aClass,
  aClassId,
  aGuideline,
  aPersonId,
  aSlideId,
  declare,
  withClass,
  withClasses,
} from "#tests/support/builders.ts";

const A = aClassId("a");
const GRADE = attributeId.parse("attrgrade");
const [LOW, HIGH, MID] = [valueId.parse("valuelow"), valueId.parse("valuehigh"), valueId.parse("valuemid")];
const value = (id: typeof LOW, name: string, retired = false) => ({ id, name, retired });
const grade = (change: Partial<AttributeDefinition> = {}): AttributeDefinition => ({
  ...attributeSchema.parse({
    id: GRADE,
    name: "Grade",
    kind: "choice",
    values: [value(LOW, "low"), value(HIGH, "high")],
  }),
  ...change,
});
const ofGrade = { classId: A, attributeId: GRADE };

/** An outline of a, as a polygon, of which one cannot tell anything else. */
const OUTLINE: AnnotationFacts = { classId: A, under: 1, shape: "polygon", attributes: {}, violations: [] };
const BASE = aGuideline(["a", "b", "c"], { exhaustive: true, region: "tissue" });
const LOOSE = aGuideline(["a", "b", "c"], { exhaustive: false });
const graded = (change: Partial<AttributeDefinition> = {}) => withClass(BASE, "a", { attributes: [grade(change)] });
const retired = (content: GuidelineContent, name: string) => withClass(content, name, { retired: true });
const a = (change: Partial<ClassDefinition>) => withClass(BASE, "a", change);
const worded = a({ definition: "another" });
const rules = (change: Partial<GuidelineContent["rules"]>) => ({ ...BASE, rules: { ...BASE.rules, ...change } });
const number = (unit: string) => graded({ kind: "number", values: [], unit });

type Row = {
  readonly kind: GuidelineChange["kind"];
  readonly from?: GuidelineContent;
  readonly to: GuidelineContent;
  readonly said?: readonly Declaration[];
  readonly asks: readonly ChangeOutcome[];
  /** Whom a review or a re-check asks, where that is not a polygon of a. */
  readonly outline?: Partial<AnnotationFacts>;
};

/** What an outline is that violates a rule of whatever class it comes to. */
const TOO_SMALL = { violations: [{ rule: "minAreaUm2", other: null }] };

/** Every row of the table of changes in the design, each of its cases by itself. */
const ROWS: readonly Row[] = [
  { kind: "rename", to: a({ name: "A" }), asks: ["automatic"] },
  { kind: "recolour", to: a({ colour: "#000000" }), asks: ["automatic"] },
  { kind: "rehotkey", to: a({ hotkey: 7 }), asks: ["automatic"] },
  { kind: "icon", to: a({ icon: "leaf" }), asks: ["automatic"] },
  { kind: "reorder", to: { ...BASE, classes: BASE.classes.toReversed() }, asks: ["automatic"] },
  { kind: "ontology", to: a({ ontology: [{ system: "SNOMED CT", code: "1", label: "" }] }), asks: ["automatic"] },
  { kind: "reword", to: worded, said: [declare.reword("a")], asks: ["acknowledge"] },
  { kind: "reword", to: a({ whenUnsure: "ask" }), asks: ["acknowledge"] },
  {
    kind: "example",
    to: a({ examples: [{ slideId: aSlideId("s"), box: [0, 0, 9, 9], good: false, caption: "", version: 1 }] }),
    asks: ["acknowledge"],
  },
  { kind: "narrow", to: worded, said: [declare.narrow("a")], asks: ["review"] },
  {
    kind: "broaden",
    to: withClass(BASE, "b", { definition: "more" }),
    said: [declare.broaden("b", "a")],
    asks: ["review", "re-screen"],
  },
  { kind: "broaden", to: worded, said: [declare.broaden("a")], asks: ["re-screen"] },
  { kind: "redefine", to: worded, said: [declare.redefine("a")], asks: ["review", "re-screen", "requalify"] },
  { kind: "add", to: withClasses(BASE, aClass("d")), asks: ["re-screen"] },
  { kind: "add", from: LOOSE, to: withClasses(LOOSE, aClass("d")), asks: ["automatic"] },
  {
    kind: "merge",
    to: retired(BASE, "a"),
    said: [declare.merge(["a"], "b")],
    asks: ["automatic", "re-check", "recompute"],
    outline: TOO_SMALL,
  },
  { kind: "split", to: retired(BASE, "a"), said: [declare.split("a", ["b", "c"])], asks: ["review"] },
  {
    kind: "retire",
    to: retired(BASE, "a"),
    said: [declare.retire("a", "b")],
    asks: ["automatic", "re-check"],
    outline: TOO_SMALL,
  },
  { kind: "retire", to: retired(BASE, "a"), said: [declare.retire("a", "b", "c")], asks: ["review"] },
  { kind: "retire", to: retired(BASE, "a"), said: [declare.retire("a")], asks: ["automatic", "re-screen"] },
  { kind: "retire", to: retired(BASE, "a"), said: [{ ...declare.retire("a"), ignore: true }], asks: ["automatic"] },
  { kind: "retire", from: LOOSE, to: retired(LOOSE, "a"), said: [declare.retire("a")], asks: ["automatic"] },
  { kind: "restore", from: retired(BASE, "a"), to: BASE, asks: ["automatic", "re-screen"] },
  { kind: "move", to: a({ parentId: aClassId("b") }), asks: ["automatic"] },
  {
    kind: "abstract",
    from: withClass(BASE, "b", { parentId: A }),
    to: withClass(a({ abstract: true }), "b", { parentId: A }),
    asks: ["review"],
  },
  {
    kind: "concrete",
    from: withClass(a({ abstract: true }), "b", { parentId: A }),
    to: withClass(BASE, "b", { parentId: A }),
    asks: ["automatic"],
  },
  { kind: "geometry", to: a({ geometry: ["box"] }), from: a({ geometry: ["polygon"] }), asks: ["automatic"] },
  { kind: "geometry", to: a({ geometry: ["point"] }), from: a({ geometry: ["box"] }), asks: ["automatic"] },
  {
    kind: "geometry",
    to: a({ geometry: ["polygon"] }),
    from: a({ geometry: ["box"] }),
    asks: ["review"],
    outline: { shape: "box" },
  },
  { kind: "boundary", to: a({ boundary: "with the lumen" }), said: [declare.boundary("a")], asks: ["review"] },
  { kind: "attribute-add", to: graded(), asks: ["automatic"] },
  { kind: "attribute-add", to: graded({ required: true }), asks: ["review"] },
  { kind: "attribute-add", to: graded({ required: true, assumed: LOW }), asks: ["automatic"] },
  { kind: "attribute-rename", from: graded(), to: graded({ name: "G" }), asks: ["automatic"] },
  { kind: "attribute-reword", from: graded(), to: graded({ help: "how" }), asks: ["acknowledge"] },
  { kind: "attribute-require", from: graded(), to: graded({ required: true }), asks: ["review"] },
  { kind: "attribute-require", from: graded(), to: graded({ required: true, assumed: LOW }), asks: ["automatic"] },
  { kind: "attribute-relax", from: graded({ required: true }), to: graded(), asks: ["automatic"] },
  {
    kind: "attribute-retype",
    from: number("mm"),
    to: number("um"),
    asks: ["review"],
    outline: { attributes: { [GRADE]: "3" } },
  },
  {
    kind: "attribute-retype",
    from: number("mm"),
    to: number("um"),
    said: [{ kind: "attribute-convert", ...ofGrade, factor: 1_000 }],
    asks: ["automatic"],
  },
  { kind: "attribute-retire", from: graded(), to: graded({ retired: true }), asks: ["automatic"] },
  { kind: "attribute-restore", from: graded({ retired: true }), to: graded({ required: true }), asks: ["review"] },
  { kind: "attribute-restore", from: graded({ retired: true }), to: graded(), asks: ["automatic"] },
  {
    kind: "value-add",
    from: graded(),
    to: graded({ values: [...grade().values, value(MID, "mid")] }),
    asks: ["automatic"],
  },
  {
    kind: "value-add",
    from: graded(),
    to: graded({ values: [...grade().values, value(MID, "mid")] }),
    said: [{ kind: "value-add", ...ofGrade, value: MID, neighbours: [LOW] }],
    asks: ["review"],
    outline: { attributes: { [GRADE]: LOW } },
  },
  {
    kind: "value-rename",
    from: graded(),
    to: graded({ values: [value(LOW, "lo"), value(HIGH, "high")] }),
    asks: ["automatic"],
  },
  {
    kind: "value-merge",
    from: graded(),
    to: graded({ values: [value(LOW, "low", true), value(HIGH, "high")] }),
    said: [{ kind: "value-merge", ...ofGrade, from: [LOW], into: HIGH }],
    asks: ["automatic"],
  },
  {
    kind: "value-split",
    from: graded(),
    to: graded({ values: [value(LOW, "low", true), value(HIGH, "high"), value(MID, "mid")] }),
    said: [{ kind: "value-split", ...ofGrade, value: LOW, into: [HIGH, MID], fallback: null, guide: "look" }],
    asks: ["review"],
    outline: { attributes: { [GRADE]: LOW } },
  },
  {
    kind: "value-retire",
    from: graded(),
    to: graded({ values: [value(LOW, "low", true), value(HIGH, "high")] }),
    said: [{ kind: "value-retire", ...ofGrade, value: LOW, successors: [] }],
    asks: ["automatic"],
  },
  {
    kind: "value-retire",
    from: graded({ values: [...grade().values, value(MID, "mid")] }),
    to: graded({ values: [value(LOW, "low", true), value(HIGH, "high"), value(MID, "mid")] }),
    said: [{ kind: "value-retire", ...ofGrade, value: LOW, successors: [HIGH, MID] }],
    asks: ["review"],
    outline: { attributes: { [GRADE]: LOW } },
  },
  {
    kind: "value-restore",
    from: graded({ values: [value(LOW, "low", true), value(HIGH, "high")] }),
    to: graded(),
    asks: ["automatic"],
  },
  {
    kind: "limits",
    to: a({ minAreaUm2: 100 }),
    asks: ["re-check"],
    outline: { violations: [{ rule: "minAreaUm2", other: null }] },
  },
  { kind: "limits", from: a({ minAreaUm2: 100 }), to: BASE, asks: ["automatic"] },
  ...(["maxAreaUm2", "fieldOfView", "maxSharedShare", "nestedIn"] as const).map((rule): Row => {
    const strict = {
      maxAreaUm2: 900,
      fieldOfView: { count: 2, sideUm: 50 },
      maxSharedShare: 0.01,
      nestedIn: [aClassId("b")],
    };
    const violations = [{ rule, other: null }];
    const to = a({ rules: { ...aClass("a").rules, [rule]: strict[rule] } });
    return { kind: "limits", to, asks: ["re-check"], outline: { violations } };
  }),
  { kind: "screening", from: { ...BASE, rules: { ...BASE.rules, exhaustive: false } }, to: BASE, asks: ["re-screen"] },
  { kind: "screening", to: rules({ exhaustive: false }), asks: ["automatic"] },
  { kind: "screening", to: rules({ region: "slide" }), asks: ["re-screen"] },
  { kind: "screening", to: rules({ region: "regions" }), asks: ["automatic"] },
  { kind: "screening", to: rules({ minScreeningMagnification: 20 }), asks: ["re-screen"] },
  { kind: "consensus", to: rules({ readersPerCase: 5 }), asks: ["recompute"] },
  { kind: "consensus", to: rules({ quorum: 3 }), asks: ["recompute"] },
  { kind: "consensus", to: rules({ weights: { [aPersonId("p")]: 2 } }), asks: ["recompute"] },
  { kind: "consensus", to: rules({ method: "majority" }), asks: ["recompute"] },
  { kind: "consensus", to: rules({ thresholds: [{ metric: "dice", min: 0.8 }] }), asks: ["recompute"] },
  { kind: "matching", to: a({ matching: { by: "iou", min: 0.5 } }), asks: ["recompute"] },
  { kind: "method", to: a({ consensus: { method: "majority", quorum: 2, adjudicatorId: null } }), asks: ["recompute"] },
  { kind: "balance", to: a({ targetShare: 0.5 }), asks: ["automatic"] },
  { kind: "rules", to: { ...BASE, introduction: "read this" }, asks: ["automatic"] },
];

function changeOf({ kind, from = BASE, to, said = [] }: Row, ...more: Declaration[]): GuidelineChange {
  const diff = diffGuidelines(from, to, [...said, ...more]);
  if (!diff.ok) throw new Error(`${kind}: ${diff.reason} ${JSON.stringify(diff.detail)}`);
  const found = diff.value.find(
    (each) =>
      each.kind === kind && (!("classId" in each) || each.classId === A || kind === "add" || kind === "broaden"),
  );
  if (found === undefined) throw new Error(`no ${kind} among ${diff.value.map((each) => each.kind).join(", ")}`);
  return found;
}

/** Whether somebody has to do this, as the functions say that decide it. */
function isAsked(outcome: ChangeOutcome, change: GuidelineChange, { to, outline }: Row): boolean {
  const history = [{ number: 2, changes: [change], content: to }];
  switch (outcome) {
    case "review":
    case "re-check":
      return standingOf({ ...OUTLINE, ...outline }, { keeps: [], handedOn: 0 }, history).questions.length > 0;
    case "re-screen":
      return (
        rescreens(
          [change],
          to.rules,
          classesAt(to).selectable.map(({ id }) => id),
        ).length > 0
      );
    case "requalify":
      return requalifications(history).length > 0;
    case "acknowledge":
    case "recompute":
    case "automatic":
      return outcomesOf(change, to.rules).includes(outcome);
    default:
      return outcome satisfies never;
  }
}

describe("what a change asks", () => {
  test("[MIG80] is by default what the table of the design says, for every kind of change and each of its cases", () => {
    for (const row of ROWS) {
      const change = changeOf(row);
      expect(outcomesOf(change, row.to.rules), `${row.kind} ${JSON.stringify(change)}`).toEqual(row.asks);
      for (const outcome of row.asks) expect(isAsked(outcome, change, row), `${row.kind} ${outcome}`).toBe(true);
    }
  });

  test("[MIG80] and an automatic change asks nobody anything", () => {
    for (const row of ROWS.filter(({ asks }) => asks.every((each) => each === "automatic"))) {
      const change = changeOf(row);
      for (const outcome of ["review", "re-screen", "requalify", "acknowledge", "recompute"] as const) {
        expect(isAsked(outcome, change, row), `${row.kind} ${outcome}`).toBe(false);
      }
    }
  });

  test("[MIG81] is not asked once it is left out with a reason, each by itself; what cannot be left out is refused", () => {
    const left = new Set<string>();
    for (const row of ROWS) {
      const whole = changeOf(row);
      const leavable = leavableOutcomes(whole, row.to.rules);
      for (const outcome of row.asks) {
        const weaken: Declaration = { kind: "weaken", change: changeKey(whole), drop: [outcome], reason: "pilot" };
        const diff = diffGuidelines(row.from ?? BASE, row.to, [...(row.said ?? []), weaken]);
        if (!leavable.includes(outcome)) {
          const reason = outcome === "automatic" ? "declaration-unfounded" : "outcome-needed";
          expect(diff, `${row.kind} ${outcome}`).toMatchObject({ ok: false, reason });
          continue;
        }
        const change = changeOf(row, weaken);
        expect(change.weakened).toEqual({ drop: [outcome], reason: "pilot" });
        expect(isAsked(outcome, change, row), `${row.kind} without ${outcome}`).toBe(false);
        for (const other of row.asks.filter((each) => each !== outcome)) {
          expect(isAsked(other, change, row), `${row.kind} ${other} beside ${outcome}`).toBe(true);
        }
        left.add(outcome);
      }
    }
    expect([...left].sort()).toEqual(["acknowledge", "re-check", "re-screen", "requalify", "review"]);
  });

  test("[GDL46] a class with a successor is not ignored", () => {
    const said = [{ ...declare.retire("a", "b"), ignore: true }];
    expect(diffGuidelines(BASE, retired(BASE, "a"), said)).toMatchObject({
      ok: false,
      reason: "declaration-unfounded",
    });
  });
});
