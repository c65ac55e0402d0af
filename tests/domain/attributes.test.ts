import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AttributeDefinition, attributeSchema } from "#domain/guideline/attribute.ts";
import type { Declaration, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { attributeId, type ClassId, valueId } from "#domain/ids.ts";
import {
  askedAttributes,
  attributeQuestions,
  effectiveAttributes,
  restampedAttributes,
} from "#domain/migration/attributes.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import { checkAnswer, type History, resolve, standingOf } from "#domain/migration.ts";
import { aClassId, aGuideline, aLayerId, aPersonId, aSlideId, withClass } from "#tests/support/builders.ts";
import { followed } from "#tests/support/histories.ts";

const A = aClassId("a");
const GRADE = attributeId.parse("attrgrade");
const [LOW, HIGH, MID] = ["valuelow", "valuehigh", "valuemid"].map((each) => valueId.parse(each)) as [
  ReturnType<typeof valueId.parse>,
  ReturnType<typeof valueId.parse>,
  ReturnType<typeof valueId.parse>,
];
const about = { classId: A, attributeId: GRADE };
const at = (...changes: GuidelineChange[]): History => [{ number: 2, changes }];
const none = { keeps: [], handedOn: 0 };

function grade(change: Partial<AttributeDefinition> = {}): AttributeDefinition {
  const values = [
    { id: LOW, name: "low", retired: false },
    { id: HIGH, name: "high", retired: false },
  ];
  return { ...attributeSchema.parse({ id: GRADE, name: "Grade", kind: "choice", values }), ...change };
}

function withGrade(attribute: AttributeDefinition): GuidelineContent {
  return withClass(aGuideline(["a", "b"]), "a", { attributes: [attribute] });
}

function changesOf(from: GuidelineContent, to: GuidelineContent, ...declarations: Declaration[]) {
  const diff = diffGuidelines(from, to, declarations);
  return diff.ok ? diff.value : diff.reason;
}

const standing = (attributes: Record<string, string>, history: History, classId: ClassId = A, under = 1) =>
  standingOf({ classId, under, shape: "polygon", attributes, violations: [] }, none, history);

describe("attributes in a guideline", () => {
  test("[ATT1] what happens to attributes and values is found; how a value ends and a unit converts is declared", () => {
    const plain = aGuideline(["a", "b"]);
    const first = withGrade(grade());
    expect(changesOf(plain, first)).toEqual([{ kind: "attribute-add", ...about, required: false, assumed: null }]);
    expect(changesOf(first, withGrade(grade({ name: "G", help: "h", required: true })))).toEqual([
      { kind: "attribute-rename", ...about, from: "Grade", to: "G" },
      { kind: "attribute-reword", ...about },
      { kind: "attribute-require", ...about, assumed: null },
    ]);
    expect(changesOf(first, withGrade(grade({ retired: true })))).toEqual([{ kind: "attribute-retire", ...about }]);
    expect(changesOf(first, plain)).toBe("attribute-removed");
    const ended = withGrade(grade({ values: [{ id: LOW, name: "low", retired: true }, ...grade().values.slice(1)] }));
    expect(changesOf(first, ended)).toBe("change-undeclared");
    const merge: Declaration = { kind: "value-merge", ...about, from: [LOW], into: HIGH };
    expect(changesOf(first, ended, merge)).toEqual([merge]);
    expect(changesOf(first, first, merge)).toBe("declaration-unfounded");
    const mm = withGrade(grade({ kind: "number", values: [], unit: "mm" }));
    const um = withGrade(grade({ kind: "number", values: [], unit: "um" }));
    expect(changesOf(mm, um)).toEqual([{ kind: "attribute-retype", ...about, factor: null }]);
    const convert: Declaration = { kind: "attribute-convert", ...about, factor: 1_000 };
    expect(changesOf(mm, um, convert)).toEqual([{ kind: "attribute-retype", ...about, factor: 1_000 }]);
  });

  test("[ATT2] an attribute that cannot be answered is refused", () => {
    const plain = aGuideline(["a", "b"]);
    expect(changesOf(plain, withGrade(grade({ values: [] })))).toBe("attribute-without-values");
    expect(changesOf(plain, withGrade(grade({ assumed: MID })))).toBe("assumed-unknown");
    const twice = grade({ values: [grade().values[0]!, { id: MID, name: "LOW", retired: false }] });
    expect(changesOf(plain, withGrade(twice))).toBe("attribute-name-taken");
    const same = withClass(plain, "a", { attributes: [grade(), grade({ name: "other" })] });
    expect(changesOf(plain, same)).toBe("attribute-id-repeated");
  });
});

describe("what a change of attributes asks of an outline", () => {
  test("[ATT3] an optional attribute asks nothing; a required one those who lack it, unless something is assumed", () => {
    const add = (required: boolean, assumed: string | null): GuidelineChange => ({
      kind: "attribute-add",
      ...about,
      required,
      assumed,
    });
    expect(standing({}, at(add(false, null))).state).toBe("current");
    expect(standing({}, at(add(true, LOW))).state).toBe("current");
    expect(standing({}, at(add(true, null))).questions).toMatchObject([
      { kind: "attribute", attribute: { attributeId: GRADE, values: [], mayStay: false } },
    ]);
    expect(standing({ [GRADE]: LOW }, at(add(true, null))).state).toBe("current");
    expect(standing({}, at(add(true, null)), A, 2).state).toBe("current");
    expect(standing({}, at({ kind: "attribute-require", ...about, assumed: null })).state).toBe("stale");
    const relaxed: History = [...at(add(true, null)), { number: 3, changes: [{ kind: "attribute-relax", ...about }] }];
    expect(standing({}, relaxed).state).toBe("current");
  });

  test("[ATT4] values are followed like classes: merged by themselves, split and ended in several by choice", () => {
    const merged = at({ kind: "value-merge", ...about, from: [LOW], into: HIGH });
    expect(standing({ [GRADE]: LOW }, merged).state).toBe("current");
    expect(effectiveAttributes({ classId: A, stamp: 1, attributes: { [GRADE]: LOW } }, merged)).toEqual({
      [GRADE]: HIGH,
    });
    const split = at({ kind: "value-split", ...about, value: LOW, into: [HIGH, MID], fallback: MID, guide: "" });
    expect(standing({ [GRADE]: LOW }, split).questions).toMatchObject([
      { kind: "attribute", attribute: { values: [HIGH, MID], fallback: MID, mayStay: false } },
    ]);
    expect(standing({ [GRADE]: HIGH }, split).state).toBe("current");
    const grown = at({ kind: "value-add", ...about, value: MID, neighbours: [LOW] });
    expect(standing({ [GRADE]: LOW }, grown).questions).toMatchObject([
      { attribute: { values: [MID], mayStay: true } },
    ]);
    const back: History = [...split, { number: 3, changes: [{ kind: "value-restore", ...about, value: LOW }] }];
    expect(standing({ [GRADE]: LOW }, back).state).toBe("current");
  });

  test("[ATT5] a retired attribute is kept and no longer asked; a value without successor is asked for where one is required", () => {
    const required: GuidelineChange = { kind: "attribute-require", ...about, assumed: null };
    const retired: History = [...at(required), { number: 3, changes: [{ kind: "attribute-retire", ...about }] }];
    expect(standing({}, retired).state).toBe("current");
    expect(effectiveAttributes({ classId: A, stamp: 1, attributes: { [GRADE]: LOW } }, retired)).toEqual({
      [GRADE]: LOW,
    });
    const gone: GuidelineChange = { kind: "value-retire", ...about, value: LOW, successors: [] };
    expect(standing({ [GRADE]: LOW }, at(gone)).state).toBe("current");
    expect(standing({ [GRADE]: LOW }, at(required, gone)).state).toBe("stale");
  });

  test("[ATT6] a unit with a factor converts by itself, without one the number is asked for again", () => {
    const retype = (factor: number | null): History => at({ kind: "attribute-retype", ...about, factor });
    expect(standing({ [GRADE]: "1.5" }, retype(1_000)).state).toBe("current");
    const stored = { classId: A, attributes: { [GRADE]: "1.5" } };
    expect(effectiveAttributes({ ...stored, stamp: 1 }, retype(1_000))).toEqual({ [GRADE]: "1500" });
    expect(effectiveAttributes({ ...stored, stamp: 2 }, retype(1_000))).toEqual({ [GRADE]: "1.5" });
    expect(standing({ [GRADE]: "1.5" }, retype(null)).questions).toMatchObject([{ kind: "attribute" }]);
    expect(standing({}, retype(null)).state).toBe("current");
  });

  test("[ATT7] a member of another class is asked for what the class requires that it was carried over to", () => {
    const b = aClassId("b");
    const history: History = [
      { number: 2, changes: [{ kind: "attribute-require", ...about, assumed: null }] },
      { number: 3, changes: [{ kind: "merge", from: [b], into: A }] },
    ];
    expect(standing({}, history, b, 2).questions).toMatchObject([{ kind: "attribute", classId: A }]);
    expect(standing({}, history, A, 2).state).toBe("current");
  });

  test("[ATT8] a keep answers an attribute only with what is asked, and not with a value that cannot be chosen", () => {
    const split = at({ kind: "value-split", ...about, value: LOW, into: [HIGH, MID], fallback: null, guide: "" });
    const asked = standing({ [GRADE]: LOW }, split);
    const content = aGuideline(["a"]);
    expect(checkAnswer(asked, { verdict: "keep" }, content)).toMatchObject({ reason: "value-needed" });
    expect(checkAnswer(asked, { verdict: "keep", attributes: { [GRADE]: LOW } }, content)).toMatchObject({ ok: false });
    expect(checkAnswer(asked, { verdict: "keep", attributes: { [GRADE]: HIGH } }, content)).toMatchObject({ ok: true });
  });

  test("[MIG91] a value that ended without a successor is asked for where one is required, also of whoever gave it", () => {
    const required: GuidelineChange = { kind: "attribute-add", ...about, required: true, assumed: null };
    const gone: GuidelineChange = { kind: "value-retire", ...about, value: LOW, successors: [] };
    const history: History = [
      { number: 1, changes: [required] },
      { number: 2, changes: [gone] },
    ];
    expect(standing({ [GRADE]: LOW }, history).questions).toMatchObject([
      { kind: "attribute", version: 2, change: gone, attribute: { attributeId: GRADE, mayStay: false } },
    ]);
    expect(standing({ [GRADE]: LOW }, history, A, 2).questions).toMatchObject([{ version: 2 }]);
    expect(standing({ [GRADE]: HIGH }, history).state).toBe("current");
    const optional: History = [{ number: 1, changes: [{ ...required, required: false }] }, ...history.slice(1)];
    expect(standing({ [GRADE]: LOW }, optional).state).toBe("current");
    const totals = (versions: History) => previewOf(versions, { [GRADE]: LOW }).totals;
    expect(totals(optional)).toMatchObject({ archive: 0, automatic: 1 });
    expect(totals(history)).toMatchObject({ archive: 0, choose: 1 });
  });

  test("[MIG92] what became of a value is looked at also of an outline that was stamped anew since", () => {
    const split: GuidelineChange = {
      ...{ kind: "value-split", ...about, value: LOW, into: [HIGH, MID], fallback: null, guide: "" },
    };
    const ended: readonly GuidelineChange[] = [
      split,
      { kind: "value-retire", ...about, value: LOW, successors: [] },
      { kind: "value-retire", ...about, value: LOW, successors: [HIGH, MID] },
    ];
    for (const change of ended) {
      expect(askedAttributes({ classId: A, stamp: 2, carried: false }, at(change))).toEqual([GRADE]);
    }
    expect(standing({ [GRADE]: LOW }, at(split), A, 2).questions).toMatchObject([
      { attribute: { values: [HIGH, MID] } },
    ]);
    const merge: GuidelineChange = { kind: "value-merge", ...about, from: [LOW], into: HIGH };
    expect(askedAttributes({ classId: A, stamp: 2, carried: false }, at(merge))).toEqual([]);
  });

  test("[MIG93] a class or an attribute that comes back brings what was asked with it, and the preview counts that", () => {
    const b = aClassId("b");
    const required: GuidelineChange = { kind: "attribute-require", ...about, assumed: null };
    const classBack: History = [
      { number: 2, changes: [required] },
      { number: 3, changes: [{ kind: "merge", from: [A], into: b }] },
      { number: 4, changes: [{ kind: "restore", classId: A }] },
    ];
    expect(standing({}, classBack).questions).toMatchObject([{ kind: "attribute", version: 2 }]);
    expect(previewOf(classBack, {})).toMatchObject({ staleBefore: 0, staleAfter: 1, totals: { choose: 1 } });
    const limits = { kind: "limits" as const, classId: A, what: ["minAreaUm2"], tightened: ["minAreaUm2"] };
    const stricter: History = [{ number: 2, changes: [limits] }, ...classBack.slice(1)];
    const after = [{ rule: "minAreaUm2", other: null }];
    expect(previewOf(stricter, {}, { before: [], after })).toMatchObject({ staleAfter: 1, totals: { review: 1 } });
    const attributeBack: History = [
      { number: 2, changes: [{ kind: "value-add", ...about, value: MID, neighbours: [LOW] }] },
      { number: 3, changes: [{ kind: "attribute-retire", ...about }] },
      { number: 4, changes: [{ kind: "attribute-restore", ...about, required: false, assumed: null }] },
    ];
    const stored = { [GRADE]: LOW };
    expect(standing(stored, attributeBack).questions).toMatchObject([{ version: 2, attribute: { mayStay: true } }]);
    expect(previewOf(attributeBack, stored)).toMatchObject({ staleBefore: 0, staleAfter: 1, totals: { review: 1 } });
    const facts = { classId: A, under: 1, shape: "polygon" as const, attributes: stored, violations: [] };
    expect(standingOf(facts, { keeps: [2], handedOn: 0 }, attributeBack).state).toBe("current");
    expect(standingOf(facts, { keeps: [], handedOn: 2 }, attributeBack).state).toBe("undecided");
  });

  test("[MIG94] a number that nothing converts is not taken over under a later version; what a lead lets stand is", () => {
    const retype = (factor: number | null): History => at({ kind: "attribute-retype", ...about, factor });
    const stored = { classId: A, stamp: 1, attributes: { [GRADE]: "1.5", other: "x" } };
    expect(restampedAttributes(stored, 2, retype(1_000))).toEqual({ [GRADE]: "1500", other: "x" });
    expect(restampedAttributes(stored, 2, retype(null))).toEqual({ other: "x" });
    expect(restampedAttributes({ ...stored, stamp: 2 }, 2, retype(null))).toBe(stored.attributes);
    expect(restampedAttributes(stored, 1, retype(null))).toBe(stored.attributes);
    const weakened = { drop: ["review" as const], reason: "the two units are one" };
    const stands = at({ kind: "attribute-retype", ...about, factor: null, weakened });
    expect(restampedAttributes(stored, 2, stands)).toBe(stored.attributes);
    const merged = at({ kind: "value-merge", ...about, from: [LOW], into: HIGH });
    const held = { classId: A, stamp: 1, attributes: { [GRADE]: LOW } };
    expect(restampedAttributes(held, 2, merged)).toBe(held.attributes);
  });

  test("[ATT9] for any line of versions a value fares as a class would", () => {
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const history = line.versions.map(({ number, changes }) => ({ number, changes: changes.flatMap(ofValues) }));
        const asClass = resolve(
          classId,
          stamp,
          line.versions.map(({ number, changes }) => ({
            number,
            changes: changes.filter((change) => ofValues(change).length > 0),
          })),
        );
        const attributes = { [GRADE]: classId as string };
        const { questions } = attributeQuestions(
          { classId: A, movedBy: null, stamp, settled: stamp, attributes },
          history,
        );
        expect(questions.map(({ values }) => [...values].sort())).toEqual(
          asClass.questions.map(({ options }) => [...options].sort()),
        );
        const now = effectiveAttributes({ classId: A, stamp, attributes }, history);
        expect(now[GRADE]).toBe(asClass.classId);
      }),
      { numRuns: 300 },
    );
  });
});

/** What the last version of a history does to one outline of version 1. */
function previewOf(history: History, attributes: Record<string, string>, violations?: AnnotationGroup["violations"]) {
  const last = history.at(-1);
  if (last === undefined) throw new Error("a history without versions");
  const place = { personId: aPersonId("p"), slideId: aSlideId("s"), layerId: aLayerId("l"), count: 1 };
  const group: AnnotationGroup = { classId: A, stamp: 1, attributes, ...(violations && { violations }), ...place };
  return previewCounts([group], history.slice(0, -1), last.changes, last.number);
}

/** The same change of a value as of a class. */
function ofValues(change: GuidelineChange): GuidelineChange[] {
  const value = (id: string) => valueId.parse(id);
  switch (change.kind) {
    case "merge":
      return [{ kind: "value-merge", ...about, from: change.from.map(value), into: value(change.into) }];
    case "split": {
      const { classId, into, fallback, guide } = change;
      const left = fallback === null ? null : value(fallback);
      return [{ kind: "value-split", ...about, value: value(classId), into: into.map(value), fallback: left, guide }];
    }
    case "retire": {
      const successors = change.successors.map(value);
      return [{ kind: "value-retire", ...about, value: value(change.classId), successors }];
    }
    case "restore":
      return [{ kind: "value-restore", ...about, value: value(change.classId) }];
    case "broaden":
      return [{ kind: "value-add", ...about, value: value(change.classId), neighbours: change.neighbours.map(value) }];
    default:
      return [];
  }
}
