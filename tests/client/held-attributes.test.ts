import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { guidelineOf } from "#client/class-standing.ts";
import { editingOf } from "#client/drawing.ts";
import { heldAttributes, saidWords, typedValue, unsaidNames } from "#client/held-attributes.ts";
import { Scene } from "#client/scene.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import { type AnnotationId, attributeId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { aClass, aClassId, aGuideline, anAnnotation, aStamping, square } from "#tests/support/builders.ts";

const GRADE = attributeId.parse("attrgrade");
const DEPTH = attributeId.parse("attrdepth");
const OLD = attributeId.parse("attrold0");
const grade = attributeSchema.parse({
  id: GRADE,
  name: "Grade",
  kind: "choice",
  required: true,
  values: [
    { id: "gradeone", name: "G1" },
    { id: "gradetwo", name: "G2" },
    { id: "gradeold", name: "GX", retired: true },
  ],
});
const depth = attributeSchema.parse({ id: DEPTH, name: "Depth", kind: "number", unit: "mm" });
const old = attributeSchema.parse({ id: OLD, name: "Stain", kind: "text", retired: true });
const content = aGuideline([aClass("a", { attributes: [grade, depth, old] }), aClass("b")]);
const first = { number: 1, content, changes: [], note: "" };
const guideline = guidelineOf([first]);

/** The depth was in mm under version 1 and is in um since. */
const inMicrons = guidelineOf([
  first,
  {
    number: 2,
    content,
    changes: [
      { kind: "attribute-retype", classId: aClassId("a"), attributeId: DEPTH, factor: 1_000 } satisfies GuidelineChange,
    ],
    note: "",
  },
]);

describe("what outlines say", () => {
  it("[ATR1] is shown class by class: what all say, where they differ, and how many lack what is required", () => {
    const outlines = [
      anAnnotation("one", { attributes: { [GRADE]: "gradeone", [DEPTH]: "2" } }),
      anAnnotation("two", { attributes: { [DEPTH]: "2" } }),
      anAnnotation("three", { classId: aClassId("b"), attributes: { imported: "yes" } }),
    ];
    const [a, b] = heldAttributes(outlines, guideline);
    expect(
      a?.attributes.map(({ definition, value, said, missing }) => [definition.name, value, said, missing]),
    ).toEqual([
      ["Grade", null, 1, 1],
      ["Depth", "2", 2, 0],
    ]);
    expect(b).toMatchObject({ attributes: [], others: [["imported", "yes"]] });
    expect(unsaidNames(outlines[1]!, guideline)).toEqual(["Grade"]);
    expect(unsaidNames(outlines[2]!, guideline)).toEqual([]);
  });

  it("[ATR2] of a retired attribute or value is kept and shown, and is not missing", () => {
    const outline = anAnnotation("one", { attributes: { [OLD]: "HE", [GRADE]: "gradeold" } });
    const [held] = heldAttributes([outline], guideline);
    expect(held?.attributes.map(({ definition, value }) => [definition.name, value])).toEqual([
      ["Grade", "gradeold"],
      ["Depth", ""],
      ["Stain", "HE"],
    ]);
    expect(unsaidNames(outline, guideline)).toEqual([]);
    expect(saidWords(outline, guideline)).toEqual(["Stain: HE", "Grade: GX"]);
  });

  it("[ATR3] is typed as what the attribute takes, or refused; nothing typed takes it back", () => {
    expect(["2.5", " 2.50 ", "", "2,5", "wide", "1e999"].map((text) => typedValue(depth, text))).toEqual([
      "2.5",
      "2.5",
      "",
      null,
      null,
      null,
    ]);
    expect(typedValue(old, " HE ")).toBe("HE");
  });

  it("[ATR4] is said of many in one step of undo, takes back one thing only, and moves no stamp", () => {
    const layerDoc = new LayerDoc(new Y.Doc());
    const layer = new Scene().add("layer", "own");
    layerDoc.observe((changes) => {
      for (const { after } of changes) if (after) layer.put(after);
    });
    const ids = [anAnnotation("one", { attributes: { [DEPTH]: "2" } }), anAnnotation("two")].map((each) => {
      layerDoc.put(each, { origin: "import" });
      return each.id;
    });
    const editing = editingOf(layer, layerDoc, () => aStamping(7));
    const undo = layerDoc.undoManager();
    editing.say(ids.map((id) => ({ id, attributeId: GRADE, value: "gradeone" })));
    const said = () => ids.map((id) => layerDoc.get(id)).map((each) => [each?.attributes, each?.under]);
    expect(said()).toEqual([
      [{ [DEPTH]: "2", [GRADE]: "gradeone" }, 1],
      [{ [GRADE]: "gradeone" }, 1],
    ]);
    editing.say([{ id: ids[0]!, attributeId: DEPTH, value: null }]);
    expect(layerDoc.get(ids[0]!)?.attributes).toEqual({ [GRADE]: "gradeone" });
    undo.undo();
    undo.undo();
    expect(said()).toEqual([
      [{ [DEPTH]: "2" }, 1],
      [{}, 1],
    ]);
    undo.destroy();
  });

  it("[ATR5] of a number is typed and read in today's unit, whatever unit the outline was drawn under", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 1, max: 2 }), (steps, under) => {
        const typed = String(steps / 1_000);
        const outline = anAnnotation("one", { under });
        const stored = inMicrons.storedFor(outline, DEPTH, typed);
        expect(inMicrons.saidOf({ ...outline, attributes: { [DEPTH]: stored } })).toEqual({ [DEPTH]: typed });
      }),
    );
    expect(inMicrons.storedFor(anAnnotation("one"), DEPTH, "2500")).toBe("2.5");
    expect(inMicrons.storedFor(anAnnotation("one"), GRADE, "gradeone")).toBe("gradeone");
  });

  it("[MIG94] of a number keeps its meaning when its outline is reshaped, moved or given another class; undo takes both back", () => {
    const edits: readonly ((editing: ReturnType<typeof editingOf>, id: AnnotationId) => void)[] = [
      (editing, id) => editing.reshape([{ id, geometry: square(0, 0, 150) }]),
      (editing, id) => editing.replace([{ id, geometry: square(50, 0, 100) }]),
      (editing, id) => editing.reclass([id], aClassId("a")),
    ];
    for (const edit of edits) {
      const layerDoc = new LayerDoc(new Y.Doc());
      const layer = new Scene().add("layer", "own");
      layerDoc.observe((changes) => {
        for (const { after } of changes) if (after) layer.put(after);
      });
      const { id } = anAnnotation("one");
      layerDoc.put(anAnnotation("one", { attributes: { [DEPTH]: "2.5", [GRADE]: "gradeone" } }), { origin: "import" });
      const undo = layerDoc.undoManager();
      edit(
        editingOf(layer, layerDoc, () => inMicrons),
        id,
      );
      expect(layerDoc.get(id)).toMatchObject({ under: 2, attributes: { [DEPTH]: "2500", [GRADE]: "gradeone" } });
      undo.undo();
      expect(layerDoc.get(id)).toMatchObject({ under: 1, attributes: { [DEPTH]: "2.5", [GRADE]: "gradeone" } });
      undo.destroy();
    }
  });
});
