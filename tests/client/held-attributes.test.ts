import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { guidelineOf, inForce } from "#client/class-standing.ts";
import { editingOf } from "#client/drawing.ts";
import { heldAttributes, saidWords, typedValue, unsaidNames } from "#client/held-attributes.ts";
import { Scene } from "#client/scene.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import { attributeId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { standingOf } from "#domain/migration.ts";
import { aClass, aClassId, aGuideline, anAnnotation, square } from "#tests/support/builders.ts";
import { stampedWith } from "#tests/support/tool-host.ts";

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
    const editing = editingOf(layer, layerDoc, stampedWith(7));
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
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.integer({ min: 1, max: 2 }),
        (steps, drawnUnder) => {
          const typed = String(steps / 1_000);
          const outline = anAnnotation("one", { under: drawnUnder });
          const stored = inMicrons.storedFor(outline, DEPTH, typed);
          expect(inMicrons.saidOf({ ...outline, attributes: { [DEPTH]: stored } })).toEqual({ [DEPTH]: typed });
        },
      ),
    );
    expect(inMicrons.storedFor(anAnnotation("one"), DEPTH, "2500")).toBe("2.5");
    expect(inMicrons.storedFor(anAnnotation("one"), GRADE, "gradeone")).toBe("gradeone");
  });
});

it("[AUD3] in a blind round a page goes by the versions that count there, and names classes of later ones", () => {
  const later = {
    number: 2,
    content: aGuideline([aClass("a", { name: "renamed" }), aClass("n")]),
    changes: [],
    note: "",
  };
  const published = [first, later];
  expect(inForce(published, null)).toEqual(published);
  expect(inForce(published, { guidelineNumber: null })).toEqual(published);
  const own = guidelineOf(inForce(published, { guidelineNumber: 1 }), published);
  expect(own.number).toBe(1);
  expect(own.palette.map(({ id }) => id)).toEqual([aClassId("a"), aClassId("b")]);
  expect(own.byId.get(aClassId("a"))?.name).toBe(content.classes[0]?.name);
  expect(own.standingOf({ classId: aClassId("n"), under: 2 }).name).toBe("class n");
});

it("[AUD7] what an outline says stays true when a change of shape or class stamps it with a version of other units", () => {
  const layerDoc = new LayerDoc(new Y.Doc());
  const layer = new Scene().add("layer", "own");
  layerDoc.observe((changes) => {
    for (const { id, after } of changes) after === null ? layer.remove(id) : layer.put(after);
  });
  const drawn = anAnnotation("one", { attributes: { [DEPTH]: "2", [GRADE]: "gradeone", imported: "yes" } });
  const moved = anAnnotation("two", { attributes: { [DEPTH]: "0.5" } });
  for (const each of [drawn, moved]) layerDoc.put(each, { origin: "import" });
  const undo = layerDoc.undoManager();
  const editing = editingOf(layer, layerDoc, () => inMicrons);
  const now = (id: typeof drawn.id) => inMicrons.saidOf(layerDoc.get(id)!);
  const before = [now(drawn.id), now(moved.id)];
  expect(before).toEqual([{ [DEPTH]: "2000", [GRADE]: "gradeone", imported: "yes" }, { [DEPTH]: "500" }]);
  editing.reshape([{ id: drawn.id, geometry: square(0, 0, 70) }]);
  editing.replace([{ id: moved.id, geometry: square(900, 900, 50) }]);
  expect([layerDoc.get(drawn.id)?.under, layerDoc.get(moved.id)?.under]).toEqual([2, 2]);
  expect([now(drawn.id), now(moved.id)]).toEqual(before);
  editing.reshape([{ id: drawn.id, geometry: square(0, 0, 80) }]);
  expect(now(drawn.id)).toEqual(before[0]);
  for (let step = 0; step < 3; step++) {
    undo.undo();
    expect([now(drawn.id), now(moved.id)]).toEqual(before);
  }
  expect([layerDoc.get(drawn.id), layerDoc.get(moved.id)]).toEqual([drawn, moved]);
  editing.reclass([moved.id], aClassId("b"));
  expect(layerDoc.get(moved.id)?.attributes).toEqual({ [DEPTH]: "500" });
  undo.destroy();
});

it("[AUD13] a change of shape alone does not answer for what has to be said again in another unit", () => {
  const retype: GuidelineChange = {
    kind: "attribute-retype",
    classId: aClassId("a"),
    attributeId: DEPTH,
    factor: null,
  };
  const history = [first, { number: 2, content, changes: [retype], note: "" }];
  const asking = guidelineOf(history);
  const layerDoc = new LayerDoc(new Y.Doc());
  const layer = new Scene().add("layer", "own");
  layerDoc.observe((changes) => {
    for (const { after } of changes) if (after) layer.put(after);
  });
  const [said, silent] = [anAnnotation("one", { attributes: { [DEPTH]: "2" } }), anAnnotation("two")];
  for (const each of [said, silent]) layerDoc.put(each, { origin: "import" });
  const editing = editingOf(layer, layerDoc, () => asking);
  const asked = (id: typeof said.id) => {
    const now = layerDoc.get(id)!;
    return standingOf({ ...now, shape: "polygon", violations: [] }, { keeps: [], handedOn: 0 }, history).questions.map(
      ({ kind }) => kind,
    );
  };
  editing.reshape([said, silent].map(({ id }) => ({ id, geometry: square(0, 0, 70) })));
  editing.replace([{ id: said.id, geometry: square(5, 5, 70) }]);
  expect([said, silent].map(({ id }) => layerDoc.get(id)?.under)).toEqual([1, 2]);
  expect([said, silent].map(({ id }) => asked(id))).toEqual([["attribute"], []]);
  expect(layerDoc.get(said.id)?.attributes).toEqual({ [DEPTH]: "2" });
  editing.reclass([said.id], aClassId("b"));
  expect(layerDoc.get(said.id)?.under).toBe(2);
});
