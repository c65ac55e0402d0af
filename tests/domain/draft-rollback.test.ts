import { describe, expect, it } from "vitest";
import { rollbackOf } from "#domain/draft-rollback.ts";
import type { Declaration, GuidelineContent, GuidelineVersion } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
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
});
