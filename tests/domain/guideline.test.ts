import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { declarationSchema } from "#domain/guideline/change.ts";
import { checkContent } from "#domain/guideline/content.ts";
import { lintChanges } from "#domain/guideline/lint.ts";
import { defaultOutcomes } from "#domain/guideline/outcomes.ts";
import {
  type ChangeOutcome,
  classDefinitionSchema,
  type Declaration,
  type GuidelineContent,
  guidelineContentSchema,
} from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
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
import { lines } from "#tests/support/histories.ts";

const base = aGuideline(["a", "b", "c"]);

function changesOf(from: GuidelineContent, to: GuidelineContent, ...declarations: Declaration[]) {
  const diff = diffGuidelines(from, to, declarations);
  if (!diff.ok) throw new Error(`${diff.reason} ${JSON.stringify(diff.detail)}`);
  return diff.value;
}

function reasonOf(from: GuidelineContent, to: GuidelineContent, ...declarations: Declaration[]) {
  const diff = diffGuidelines(from, to, declarations);
  return diff.ok ? "accepted" : diff.reason;
}

describe("what can be read off two versions", () => {
  test("[GDL1] the same content is no change", () => {
    expect(changesOf(base, structuredClone(base))).toEqual([]);
  });

  test("[GDL2] name, colour, hotkey and place in the hierarchy are found without a declaration", () => {
    const to = withClass(base, "b", { name: "tumour", colour: "#123456", hotkey: 3, parentId: aClassId("a") });
    expect(changesOf(base, to)).toEqual([
      { kind: "rename", classId: aClassId("b"), from: "class b", to: "tumour" },
      { kind: "recolour", classId: aClassId("b"), from: base.classes[1]?.colour, to: "#123456" },
      { kind: "rehotkey", classId: aClassId("b"), from: null, to: 3 },
      { kind: "move", classId: aClassId("b"), from: null, to: aClassId("a") },
    ]);
  });

  test("[GDL3] a new class is an addition, a retired one that comes back with its old words a restore", () => {
    const retired = withClass(base, "c", { retired: true });
    const to = withClasses(base, aClass("d"));
    expect(changesOf(retired, to)).toEqual([
      { kind: "restore", classId: aClassId("c") },
      { kind: "add", classId: aClassId("d") },
    ]);
  });

  test("[GDL4] study rules, the introduction and rules of a class are changes by what they ask for, naming what changed", () => {
    const to = withClass({ ...base, introduction: "hello" }, "a", { minAreaUm2: 50, backgroundAllowed: true });
    to.rules = { ...to.rules, exhaustive: false, quorum: 3 };
    expect(changesOf(base, to)).toEqual([
      { kind: "limits", classId: aClassId("a"), what: ["minAreaUm2", "backgroundAllowed"], tightened: ["minAreaUm2"] },
      { kind: "screening", what: ["exhaustive"], tightened: [] },
      { kind: "consensus", what: ["quorum"] },
      { kind: "rules", what: ["introduction"] },
    ]);
  });

  test("[GDL5] advice and look-alikes are a rewording that needs no declaration", () => {
    const to = withClass(base, "a", { whenUnsure: "ask", lookAlikes: [aClassId("b")] });
    expect(changesOf(base, to)).toEqual([{ kind: "reword", classId: aClassId("a") }]);
  });
});

describe("what only the lead knows", () => {
  test("[GDL6] a text that decides membership changes only with a word on what it means", () => {
    for (const field of ["definition", "include", "exclude", "boundary"] as const) {
      const to = withClass(base, "a", { [field]: "other words" });
      expect(reasonOf(base, to)).toBe("change-undeclared");
      expect(reasonOf(base, to, declare.narrow("b"))).toBe("declaration-unfounded");
      expect(changesOf(base, to, declare.reword("a"))).toEqual([declare.reword("a")]);
      expect(changesOf(base, to, declare.narrow("a"))).toEqual([declare.narrow("a")]);
      expect(changesOf(base, to, declare.broaden("a", "b"))).toEqual([declare.broaden("a", "b")]);
      expect(changesOf(base, to, declare.broaden("a", "b"), declare.narrow("a"))).toHaveLength(2);
    }
  });

  test("[GDL7] a declaration that the draft does not bear out is refused", () => {
    expect(reasonOf(base, base, declare.narrow("a"))).toBe("declaration-unfounded");
    expect(reasonOf(base, base, declare.retire("a"))).toBe("declaration-unfounded");
    expect(reasonOf(base, base, declare.merge(["a"], "b"))).toBe("declaration-unfounded");
    expect(reasonOf(base, base, declare.split("a", ["b", "c"]))).toBe("declaration-unfounded");
    const worded = withClass(base, "a", { definition: "other" });
    expect(reasonOf(base, worded, declare.broaden("a", "a"))).toBe("declaration-unfounded");
    const added = withClasses(base, aClass("d"));
    expect(reasonOf(base, added, declare.narrow("d"))).toBe("declaration-unfounded");
    const gone = withClass(withClass(base, "a", { retired: true }), "b", { retired: true });
    expect(reasonOf(base, gone, declare.retire("a", "b"), declare.retire("b"))).toBe("declaration-unfounded");
    const split = withClasses(gone, aClass("d"));
    expect(reasonOf(base, split, declare.split("a", ["c", "d"], "b"), declare.retire("b"))).toBe(
      "declaration-unfounded",
    );
  });

  test("[GDL8] a class ends once and is reworded in one way", () => {
    const gone = withClass(base, "a", { retired: true });
    expect(reasonOf(base, gone, declare.retire("a"), declare.merge(["a"], "b"))).toBe("declared-twice");
    expect(reasonOf(base, gone, declare.merge(["a", "a"], "b"))).toBe("declared-twice");
    const worded = withClass(base, "a", { definition: "other" });
    expect(reasonOf(base, worded, declare.reword("a"), declare.narrow("a"))).toBe("declared-twice");
    expect(reasonOf(base, worded, declare.narrow("a"), declare.narrow("a"))).toBe("declared-twice");
  });

  test("[GDL9] a merge needs a target that can be drawn, a split at least two such parts", () => {
    const gone = withClass(base, "a", { retired: true });
    const both = withClass(gone, "b", { retired: true });
    expect(reasonOf(base, both, declare.merge(["a"], "b"), declare.retire("b"))).toBe("merge-target-missing");
    expect(reasonOf(base, gone, declare.split("a", ["b", "b"]))).toBe("split-needs-children");
    expect(reasonOf(base, both, declare.split("a", ["b", "c"]), declare.retire("b"))).toBe("split-needs-children");
    expect(changesOf(base, gone, declare.merge(["a"], "b"))).toEqual([declare.merge(["a"], "b")]);
    expect(changesOf(base, gone, declare.split("a", ["b", "c"], "b"))).toEqual([declare.split("a", ["b", "c"], "b")]);
  });

  test("[GDL10] a used class is retired with a declaration and never removed", () => {
    expect(reasonOf(base, { ...base, classes: base.classes.slice(1) })).toBe("class-removed");
    expect(reasonOf(base, withClass(base, "a", { retired: true }))).toBe("change-undeclared");
    expect(reasonOf(base, withClasses(base, aClass("d", { retired: true })))).toBe("change-undeclared");
  });

  test("[GDL11] a retired class keeps its words, also when it comes back", () => {
    const retired = withClass(base, "a", { retired: true });
    expect(reasonOf(retired, withClass(retired, "a", { definition: "new" }))).toBe("retired-id-reused");
    const back = withClass(retired, "a", { retired: false, definition: "new" });
    expect(reasonOf(retired, back, declare.reword("a"))).toBe("retired-id-reused");
  });

  test("[GDL12] a declaration about a class that the draft does not have is refused", () => {
    expect(reasonOf(base, base, declare.retire("x"))).toBe("unknown-class");
    const gone = withClass(base, "a", { retired: true });
    expect(reasonOf(base, gone, declare.retire("a", "x"))).toBe("unknown-class");
    expect(reasonOf(base, gone, declare.merge(["a"], "x"))).toBe("merge-target-missing");
    expect(reasonOf(base, gone, declare.merge(["a", "x"], "b"))).toBe("unknown-class");
    expect(reasonOf(base, gone, declare.split("a", ["b", "c"], "x"))).toBe("unknown-class");
  });
});

describe("a guideline by itself", () => {
  test("[GDL13] ids, names and hotkeys are taken once; a retired class holds neither name nor hotkey", () => {
    expect(checkContent(base)).toEqual({ ok: true, value: undefined });
    expect(checkContent(withClasses(base, aClass("a")))).toMatchObject({ reason: "class-id-repeated" });
    expect(checkContent(withClass(base, "b", { name: "CLASS A " }))).toMatchObject({ reason: "name-taken" });
    const keys = withClass(withClass(base, "a", { hotkey: 1 }), "b", { hotkey: 1 });
    expect(checkContent(keys)).toMatchObject({ reason: "hotkey-taken", detail: { value: 1 } });
    expect(checkContent(withClass(keys, "a", { retired: true })).ok).toBe(true);
  });

  test("[GDL14] parents and look-alikes exist and the hierarchy has no cycle", () => {
    expect(checkContent(withClass(base, "a", { parentId: aClassId("x") }))).toMatchObject({ reason: "unknown-class" });
    expect(checkContent(withClass(base, "a", { lookAlikes: [aClassId("x")] }))).toMatchObject({
      reason: "unknown-class",
    });
    const loop = withClass(withClass(base, "a", { parentId: aClassId("b") }), "b", { parentId: aClassId("a") });
    expect(checkContent(loop)).toMatchObject({ reason: "class-cycle" });
    expect(reasonOf(base, loop)).toBe("class-cycle");
    expect(checkContent(withClass(base, "a", { parentId: aClassId("a") }))).toMatchObject({ reason: "class-cycle" });
  });

  test("[GDL15] a quorum above the number of readers is refused", () => {
    expect(checkContent(aGuideline(["a"], { readersPerCase: 2, quorum: 3 }))).toMatchObject({
      reason: "quorum-exceeds-readers",
    });
  });

  test("[GDL16] a retirement without successor and a split without a guide are pointed out", () => {
    const split = declare.split("b", ["c", "d"], null, " ");
    expect(lintChanges([declare.retire("a"), split, declare.retire("c", "d")])).toEqual([
      { code: "destructive-without-successor", classId: aClassId("a"), changes: [0] },
      { code: "split-without-guide", classId: aClassId("b"), changes: [1] },
    ]);
  });
});

describe("typed changes of fields that later versions have", () => {
  test("[GDL40] a sign, codes, order, examples, shapes, targets and matching are found without a declaration", () => {
    const slideId = aSlideId("s");
    const changed = withClass(base, "a", {
      icon: "leaf",
      ontology: [{ system: "SNOMED CT", code: "1", label: "" }],
      examples: [{ slideId, box: [0, 0, 9, 9], good: false, caption: "", version: 1 }],
      geometry: ["box"],
      targetShare: 0.5,
      matching: { by: "iou", min: 0.5 },
    });
    const to = { ...changed, classes: [...changed.classes].reverse() };
    expect(changesOf(base, to).map(({ kind }) => kind)).toEqual([
      "icon",
      "ontology",
      "reorder",
      "example",
      "geometry",
      "balance",
      "matching",
    ]);
  });

  test("[GED23] a class with a method of its own is recomputed, needs a quorum that can be reached, and may go back", () => {
    const own = withClass(base, "a", { consensus: { method: "quorum", quorum: 3, adjudicatorId: null } });
    const there = { kind: "method", classId: aClassId("a"), from: null, to: "quorum" } as const;
    expect(changesOf(base, own)).toEqual([there]);
    expect(defaultOutcomes(there, base.rules)).toEqual(["recompute"]);
    expect(changesOf(own, base)).toEqual([{ ...there, from: "quorum", to: null }]);
    expect(changesOf(base, { ...base, rules: { ...base.rules, weights: { [aPersonId("p")]: 2 } } })).toEqual([
      { kind: "consensus", what: ["weights"] },
    ]);
    const tooMany = withClass(base, "a", { consensus: { method: "quorum", quorum: 4, adjudicatorId: null } });
    expect(reasonOf(base, tooMany)).toBe("quorum-exceeds-readers");
    const { consensus: _, ...before } = base.classes[0]!;
    expect(classDefinitionSchema.parse(before).consensus).toBeNull();
  });

  test("[GDL41] a redefinition and a moved boundary are declared; a boundary that means the same is reworded", () => {
    const worded = withClass(base, "a", { definition: "another" });
    expect(changesOf(base, worded, declare.redefine("a"))).toEqual([declare.redefine("a")]);
    expect(reasonOf(base, worded, declare.redefine("a"), declare.narrow("a"))).toBe("declared-twice");
    const moved = withClass(base, "a", { boundary: "with the lumen" });
    expect(reasonOf(base, moved)).toBe("change-undeclared");
    expect(changesOf(base, moved, declare.boundary("a"))).toEqual([declare.boundary("a")]);
    expect(changesOf(base, moved, declare.reword("a"))).toEqual([declare.reword("a")]);
    const both = withClass(worded, "a", { boundary: "with the lumen" });
    expect(reasonOf(base, both, declare.boundary("a"))).toBe("change-undeclared");
    expect(changesOf(base, both, declare.boundary("a"), declare.narrow("a"))).toHaveLength(2);
    expect(reasonOf(base, worded, declare.boundary("a"), declare.reword("a"))).toBe("declaration-unfounded");
  });

  test("[GDL42] a class that is no longer drawn itself names the classes below it, and needs some", () => {
    const nested = withClass(base, "b", { parentId: aClassId("a") });
    expect(changesOf(nested, withClass(nested, "a", { abstract: true }))).toEqual([
      { kind: "abstract", classId: aClassId("a"), children: [aClassId("b")] },
    ]);
    expect(changesOf(withClass(nested, "a", { abstract: true }), nested)).toEqual([
      { kind: "concrete", classId: aClassId("a") },
    ]);
    expect(reasonOf(base, withClass(base, "a", { abstract: true }))).toBe("abstract-needs-children");
    const grouped = withClass(nested, "a", { abstract: true });
    const worded = withClass(grouped, "a", { definition: "another" });
    expect(reasonOf(grouped, worded, declare.narrow("a"))).toBe("declaration-unfounded");
    expect(changesOf(grouped, worded, declare.reword("a"))).toEqual([declare.reword("a")]);
  });

  test("[GDL43] rules that a class inherits change with its parent and with a move; only stricter ones are tightened", () => {
    const strict = withClass(base, "a", { minAreaUm2: 100, rules: { ...base.classes[0]!.rules, maxAreaUm2: 900 } });
    const heir = withClass(strict, "b", { rules: { ...base.classes[1]!.rules, inherits: true } });
    const moved = withClass(heir, "b", { parentId: aClassId("a") });
    expect(changesOf(heir, moved)).toContainEqual({
      kind: "limits",
      classId: aClassId("b"),
      what: ["minAreaUm2", "maxAreaUm2"],
      tightened: ["minAreaUm2", "maxAreaUm2"],
    });
    const looser = withClass(moved, "a", { minAreaUm2: 50 });
    expect(changesOf(moved, looser)).toEqual([
      { kind: "limits", classId: aClassId("a"), what: ["minAreaUm2"], tightened: [] },
      { kind: "limits", classId: aClassId("b"), what: ["minAreaUm2"], tightened: [] },
    ]);
    // What stays retired may come back: under the rules that its parent has by then.
    const gone = withClass(moved, "b", { retired: true });
    const stricter = { kind: "limits", what: ["minAreaUm2"], tightened: ["minAreaUm2"] };
    expect(changesOf(gone, withClass(gone, "a", { minAreaUm2: 150 }))).toEqual(
      ["a", "b"].map((name) => ({ ...stricter, classId: aClassId(name) })),
    );
  });

  test("[GDL44] an older version is read with defaults and differs from itself by nothing", () => {
    const { icon, examples, ontology, attributes, abstract, rules, matching, ...old } = aClass("a");
    const stored = {
      introduction: "",
      classes: [old],
      rules: { exhaustive: true, readersPerCase: 3, quorum: 2, minDisputeUm2: 0 },
    };
    const read = guidelineContentSchema.parse(stored);
    expect(read.classes[0]).toEqual({ ...old, icon, examples, ontology, attributes, abstract, rules, matching });
    expect(changesOf(read, guidelineContentSchema.parse(structuredClone(read)))).toEqual([]);
  });

  test("[GDL45] an outcome is left out with a reason only where the change asks for it and no outline is left homeless", () => {
    const worded = withClass(base, "a", { definition: "another" });
    const weaken = (change: string, drop: ChangeOutcome[]): Declaration => ({
      kind: "weaken",
      change,
      drop,
      reason: "pilot",
    });
    const narrowed = `narrow:${aClassId("a")}`;
    expect(changesOf(base, worded, declare.narrow("a"), weaken(narrowed, ["review"]))).toEqual([
      { ...declare.narrow("a"), weakened: { drop: ["review"], reason: "pilot" } },
    ]);
    expect(reasonOf(base, worded, declare.narrow("a"), weaken(narrowed, ["re-screen"]))).toBe("declaration-unfounded");
    expect(reasonOf(base, worded, declare.narrow("a"), weaken("narrow:x", ["review"]))).toBe("declaration-unfounded");
    const split = withClass(base, "a", { retired: true });
    const into = declare.split("a", ["b", "c"]);
    expect(reasonOf(base, split, into, weaken(`split:${aClassId("a")}`, ["review"]))).toBe("outcome-needed");
    expect(declarationSchema.safeParse({ ...weaken(narrowed, ["review"]), reason: " " }).success).toBe(false);
  });
});

describe("any line of versions", () => {
  test("[GDL17] every declaration is among the changes, in one order whatever the order of declaring", () => {
    fc.assert(
      fc.property(lines, (line) => {
        let before = line.first;
        for (const { content, declarations, changes } of line.versions) {
          for (const each of declarations) expect(changes).toContainEqual(expect.objectContaining(each));
          expect(changesOf(before, content, ...declarations.toReversed())).toEqual(changes);
          before = content;
        }
      }),
      { numRuns: 200 },
    );
  });
});
