import { describe, expect, it } from "vitest";
import { rollbackOf } from "#domain/draft-rollback.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { Declaration, GuidelineContent, GuidelineVersion } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { attributeId, valueId } from "#domain/ids.ts";
import { resolve } from "#domain/migration.ts";
import { aClass, aClassId, aGuideline, declare, withClass, withClasses } from "#tests/support/builders.ts";

const FIRST = aGuideline(["a", "b"]);

/** Publishes texts one after the other; throws where one cannot follow. */
function published(...steps: readonly (readonly [GuidelineContent, readonly Declaration[]])[]): GuidelineVersion[] {
  const versions: GuidelineVersion[] = [];
  for (const [content, declarations] of steps) {
    const parent = versions.at(-1)?.content ?? { ...content, classes: [] };
    const diff = diffGuidelines(parent, content, declarations);
    if (!diff.ok) throw new Error(`${diff.reason} ${JSON.stringify(diff.detail)}`);
    versions.push({ number: versions.length + 1, content, changes: diff.value, note: "" });
  }
  return versions;
}

function undone(versions: readonly GuidelineVersion[], number: number) {
  const found = rollbackOf(versions, number);
  if (found === null) throw new Error("nothing to undo");
  const { content, declarations } = found.draft;
  const newest = versions.at(-1)?.content ?? FIRST;
  const diff = diffGuidelines(newest, content, declarations);
  if (!diff.ok) throw new Error(`${diff.reason} ${JSON.stringify(diff.detail)}`);
  return {
    ...found,
    changes: diff.value,
    versions: [...versions, { number: versions.length + 1, content, changes: diff.value, note: "" }],
  };
}

describe("undoing a version", () => {
  it("[GED17] gives back a merged class exactly, by itself", () => {
    const versions = published([FIRST, []], [withClass(FIRST, "a", { retired: true }), [declare.merge(["a"], "b")]]);
    expect(resolve(aClassId("a"), 1, versions)).toMatchObject({ classId: aClassId("b") });
    const after = undone(versions, 2);
    expect(after.draft.content).toEqual(FIRST);
    expect(resolve(aClassId("a"), 1, after.versions)).toMatchObject({ classId: aClassId("a"), state: "current" });
  });

  it("[GED17] takes back words with the opposite meaning, a class that it brought, and a split", () => {
    const narrowed = withClass(FIRST, "a", { exclude: "mucin" });
    const words = undone(published([FIRST, []], [narrowed, [declare.narrow("a")]]), 2);
    expect(words.changes).toMatchObject([{ kind: "broaden", classId: aClassId("a") }]);
    expect(words.draft.content).toEqual(FIRST);

    const added = undone(published([FIRST, []], [withClasses(FIRST, aClass("c")), []]), 2);
    expect(added.changes).toMatchObject([{ kind: "retire", classId: aClassId("c"), successors: [] }]);

    const split = withClass(withClasses(FIRST, aClass("x"), aClass("y")), "a", { retired: true });
    const back = undone(published([FIRST, []], [split, [declare.split("a", ["x", "y"])]]), 2);
    expect(back.changes.map(({ kind }) => kind)).toEqual(["restore", "retire", "retire"]);
    expect(resolve(aClassId("x"), 2, back.versions).classId).toBe(aClassId("a"));
  });

  it("[GED17] of an older version keeps what later ones wrote, and names where both wrote", () => {
    const second = withClass(FIRST, "a", { name: "second", colour: "#112233" });
    const third = withClass(withClass(second, "a", { name: "third" }), "b", { name: "other" });
    const { draft, clashes } = undone(published([FIRST, []], [second, []], [third, []]), 2);
    expect(draft.content.classes.map(({ name }) => name)).toEqual(["third", "other"]);
    expect(draft.content.classes[0]?.colour).toBe(FIRST.classes[0]?.colour);
    expect(clashes).toMatchObject([
      { path: `content/classes/${aClassId("a")}/name`, mine: "class a", theirs: "third" },
    ]);
    expect(rollbackOf(published([FIRST, []]), 1)).toBeNull();
  });

  it("[MIG95] ends what it had brought back as it had ended before: merged, split, retired", () => {
    const gone = withClass(FIRST, "a", { retired: true });
    const merged = undone(published([FIRST, []], [gone, [declare.merge(["a"], "b")]], [FIRST, []]), 3);
    expect(merged.changes).toMatchObject([{ kind: "merge", from: [aClassId("a")], into: aClassId("b") }]);
    expect(resolve(aClassId("a"), 1, merged.versions)).toMatchObject({ classId: aClassId("b") });

    const parts = withClasses(gone, aClass("x"), aClass("y"));
    const back = withClass(parts, "a", { retired: false });
    const split = undone(published([FIRST, []], [parts, [declare.split("a", ["x", "y"], "x")]], [back, []]), 3);
    expect(split.changes).toMatchObject([{ kind: "split", into: ["x", "y"].map(aClassId), fallback: aClassId("x") }]);

    const retire = declare.retire("a", "b");
    expect(undone(published([FIRST, []], [gone, [retire]], [FIRST, []]), 3).changes).toMatchObject([retire]);
    const ignored = { ...declare.retire("a"), ignore: true };
    expect(undone(published([FIRST, []], [gone, [ignored]], [FIRST, []]), 3).changes).toMatchObject([ignored]);
  });

  it("[MIG95] ends it in what has become of what it went to since", () => {
    const parts = withClass(withClasses(FIRST, aClass("x"), aClass("y")), "a", { retired: true });
    const joined = withClass(parts, "x", { retired: true });
    const back = withClass(joined, "a", { retired: false });
    const split = [parts, [declare.split("a", ["x", "y"])]] as const;
    const { changes } = undone(published([FIRST, []], split, [joined, [declare.merge(["x"], "b")]], [back, []]), 4);
    expect(changes).toMatchObject([{ kind: "split", into: ["b", "y"].map(aClassId) }]);

    const [low, high, mid] = VALUES;
    const about = { classId: aClassId("a"), attributeId: GRADE };
    const three = withGrade({ kind: "choice", open: [low, high, mid], ended: [] });
    const merge = (from: typeof low, into: typeof low): Declaration => ({
      ...{ kind: "value-merge", ...about, from: [from], into },
    });
    const two = [withGrade({ kind: "choice", open: [high, mid], ended: [low] }), [merge(low, high)]] as const;
    const one = [withGrade({ kind: "choice", open: [mid], ended: [low, high] }), [merge(high, mid)]] as const;
    const again = [withGrade({ kind: "choice", open: [low, mid], ended: [high] }), []] as const;
    expect(undone(published([three, []], two, one, again), 4).changes).toEqual([merge(low, mid)]);
  });

  it("[MIG95] gives the parts of a class that is not drawn itself to those below it", () => {
    const grouped = withClasses(withClass(FIRST, "a", { abstract: true }), aClass("c", { parentId: aClassId("a") }));
    const split = withClass(withClasses(grouped, aClass("x"), aClass("y")), "a", { retired: true });
    const { changes } = undone(published([grouped, []], [split, [declare.split("a", ["x", "y"])]]), 2);
    expect(changes.flatMap((each) => (each.kind === "retire" ? [each.successors] : []))).toEqual([
      [aClassId("c")],
      [aClassId("c")],
    ]);
  });

  it("[MIG95] gives the parts of a value back to it, ends values as they had ended, and converts numbers back", () => {
    const about = { classId: aClassId("a"), attributeId: GRADE };
    const [low, high, mid] = VALUES;
    const open = (...ids: (typeof low)[]) => withGrade({ kind: "choice", open: ids, ended: [] });
    const first = open(low);
    const second = withGrade({ kind: "choice", open: [high, mid], ended: [low] });
    const split: Declaration = {
      kind: "value-split",
      ...about,
      value: low,
      into: [high, mid],
      fallback: null,
      guide: "",
    };
    const parts = undone(published([first, []], [second, [split]]), 2);
    expect(parts.changes).toMatchObject([
      { kind: "value-restore", value: low },
      { kind: "value-retire", value: high, successors: [low] },
      { kind: "value-retire", value: mid, successors: [low] },
    ]);
    const both = open(low, high);
    const one = withGrade({ kind: "choice", open: [high], ended: [low] });
    const merge: Declaration = { kind: "value-merge", ...about, from: [low], into: high };
    expect(undone(published([both, []], [one, [merge]], [both, []]), 3).changes).toEqual([merge]);
    const retire: Declaration = { kind: "value-retire", ...about, value: low, successors: [high] };
    expect(undone(published([both, []], [one, [retire]], [both, []]), 3).changes).toEqual([retire]);

    const [mm, um] = ["mm", "um"].map((unit) => withGrade({ kind: "number", unit }));
    if (mm === undefined || um === undefined) throw new Error("two units");
    const convert: Declaration = { kind: "attribute-convert", ...about, factor: 1_000 };
    const { changes } = undone(published([mm, []], [um, [convert]]), 2);
    expect(changes).toEqual([{ kind: "attribute-retype", ...about, factor: 0.001 }]);
  });
});

const GRADE = attributeId.parse("attrgrade");
const VALUES = [valueId.parse("valuelow"), valueId.parse("valuehigh"), valueId.parse("valuemid")] as const;

type Grade =
  | { readonly kind: "number"; readonly unit: string }
  | { readonly kind: "choice"; readonly open: readonly string[]; readonly ended: readonly string[] };

/** Class a with one attribute: a number in a unit, or a choice among values. */
function withGrade(grade: Grade): GuidelineContent {
  const value = (id: string, retired: boolean) => ({ id, name: id, retired });
  const of =
    grade.kind === "number"
      ? { unit: grade.unit }
      : { values: [...grade.open.map((id) => value(id, false)), ...grade.ended.map((id) => value(id, true))] };
  const attribute = attributeSchema.parse({ id: GRADE, name: "Grade", kind: grade.kind, ...of });
  return withClass(FIRST, "a", { attributes: [attribute] });
}
