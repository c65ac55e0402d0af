import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { Annotation } from "#domain/annotation.ts";
import { geometryOf } from "#domain/annotation.ts";
import {
  type AnnotationMarks,
  decodeMarks,
  decodeRecord,
  encodeMarks,
  encodeRecord,
  type UnknownField,
} from "#domain/annotation-record.ts";
import { LayerDocError } from "#domain/bytes.ts";
import { carryOver } from "#domain/late-work.ts";
import { ANNOTATIONS_ROOT, LayerDoc, MARKS_ROOT } from "#domain/layer-doc.ts";
import { union } from "#domain/overlay.ts";
import { renewDocument } from "#server/sync/renewal.ts";
import { aClassId, anAnnotationId, aPersonId } from "#tests/support/builders.ts";
import { square } from "#tests/support/outlines.ts";

const ID = anAnnotationId("a");
const [TUMOUR, STROMA] = [aClassId("t"), aClassId("s")];

const fields: fc.Arbitrary<readonly UnknownField[]> = fc
  .uniqueArray(
    fc.record({ field: fc.integer({ min: 1, max: 0xffff_ffff }), bytes: fc.uint8Array({ maxLength: 60 }) }),
    {
      maxLength: 8,
      selector: ({ field }) => field,
    },
  )
  .map((list) => list.sort((a, b) => a.field - b.field));

function drawn(): Annotation {
  return { id: ID, classId: TUMOUR, geometry: square(100, 100, 200), under: 1, attributes: {}, note: "" };
}

/** An annotation of a newer client, which knows more fields, in a document that this code opens. */
function opened(inRecord: readonly UnknownField[], inMarks: readonly UnknownField[] | null): LayerDoc {
  const newer = new Y.Doc();
  newer.getMap(ANNOTATIONS_ROOT).set(ID, encodeRecord({ ...drawn(), unknown: inRecord }));
  if (inMarks !== null) newer.getMap(MARKS_ROOT).set(ID, encodeMarks({ ...drawn(), unknown: inMarks }));
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(newer));
  return new LayerDoc(doc);
}

/** Both, the marks over the record, in the order of their numbers. */
function together(inRecord: readonly UnknownField[], inMarks: readonly UnknownField[] | null): readonly UnknownField[] {
  const all = new Map([...inRecord, ...(inMarks ?? [])].map((each) => [each.field, each]));
  return [...all.values()].sort((a, b) => a.field - b.field);
}

const unknownIn = (layer: LayerDoc): readonly UnknownField[] => {
  const stored: (Annotation & Pick<AnnotationMarks, "unknown">) | null = layer.get(ID);
  return (stored?.unknown ?? []).map(({ field, bytes }) => ({ field, bytes: new Uint8Array(bytes) }));
};

type Step = "move" | "brush" | "class" | "note" | "attributes" | "undo" | "redo" | "elsewhere";
const steps = fc.array(
  fc.constantFrom<Step>("move", "brush", "class", "note", "attributes", "undo", "redo", "elsewhere"),
  { minLength: 1, maxLength: 12 },
);

/** What this code does to an annotation, knowing nothing of the fields. */
function take(step: Step, layer: LayerDoc, undo: Y.UndoManager, at: number): void {
  const now = layer.get(ID);
  if (now === null) return;
  const { id, classId, geometry, under, attributes, note } = now;
  const known = { id, classId, geometry, under, attributes, note };
  switch (step) {
    case "move":
      layer.put({ ...known, geometry: square(10 * at, 10 * at, 150) });
      break;
    case "brush":
    case "elsewhere":
      layer.reshape(ID, { from: geometry, to: geometryOf(union([geometry, square(5 * at, 5 * at, 120)])), under: 2 });
      break;
    case "class":
      layer.reclass(ID, classId === TUMOUR ? STROMA : TUMOUR, 2);
      break;
    case "note":
      layer.setNote(ID, `note ${at}`);
      break;
    case "attributes":
      layer.setAttributes(ID, { grade: String(at) });
      break;
    case "undo":
      undo.undo();
      break;
    case "redo":
      undo.redo();
      break;
    default:
      step satisfies never;
  }
}

describe("fields of newer clients", () => {
  it("[HSK2] are read back as they were written, in records and in marks, and are bounded", () => {
    fc.assert(
      fc.property(fields, (unknown) => {
        const wanted = unknown.length === 0 ? {} : { unknown };
        const { geometry, ...marks } = drawn();
        const { id, ...content } = { ...marks, geometry };
        expect(decodeRecord(encodeRecord({ ...content, unknown }))).toEqual({ ...content, ...wanted });
        const { id: _, ...plain } = marks;
        expect(decodeMarks(encodeMarks({ ...plain, unknown }))).toEqual({ ...plain, ...wanted });
      }),
    );
    const [large, many] = [
      [{ field: 1, bytes: new Uint8Array(4_097) }],
      Array.from({ length: 33 }, (_, index) => ({ field: index + 1, bytes: new Uint8Array(1) })),
    ];
    const [twice, none] = [
      [1, 1].map((field) => ({ field, bytes: new Uint8Array(1) })),
      [{ field: 0, bytes: new Uint8Array(1) }],
    ];
    for (const unknown of [large, many, twice, none]) {
      expect(() => encodeRecord({ ...drawn(), unknown })).toThrow(LayerDocError);
    }
  });

  it("[HSK2] survive every edit and every undo of code that does not know them, by one person and by two", () => {
    fc.assert(
      fc.property(fields, fc.option(fields), steps, (inRecord, inMarks, plan) => {
        const layer = opened(inRecord, inMarks);
        const other = new LayerDoc(new Y.Doc());
        const undo = layer.undoManager();
        const wanted = together(inRecord, inMarks);
        for (const [at, step] of plan.entries()) {
          Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(layer.doc));
          if (step === "elsewhere") {
            take(step, other, undo, at);
            take("brush", layer, undo, at + 3);
            Y.applyUpdate(layer.doc, Y.encodeStateAsUpdate(other.doc));
          } else take(step, layer, undo, at);
          expect(unknownIn(layer)).toEqual(wanted);
        }
        undo.destroy();
      }),
      { numRuns: 60 },
    );
  });

  it("[HSK2] are there when an edit is undone that met another's at the same moment, whoever of the two won", () => {
    for (const [mine, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const layer = opened([], [{ field: 1, bytes: new Uint8Array([7]) }]);
      layer.doc.clientID = mine;
      const elsewhere = new LayerDoc(new Y.Doc());
      elsewhere.doc.clientID = other;
      const undo = layer.undoManager();
      Y.applyUpdate(elsewhere.doc, Y.encodeStateAsUpdate(layer.doc));
      elsewhere.setNote(ID, "theirs");
      layer.reclass(ID, STROMA, 2);
      Y.applyUpdate(layer.doc, Y.encodeStateAsUpdate(elsewhere.doc));
      const met = layer.get(ID)?.classId;
      undo.undo();
      expect(layer.get(ID)?.classId).toBe(TUMOUR);
      expect(unknownIn(layer)).toEqual([{ field: 1, bytes: new Uint8Array([7]) }]);
      undo.redo();
      expect(layer.get(ID)?.classId).toBe(met);
      expect(unknownIn(layer)).toEqual([{ field: 1, bytes: new Uint8Array([7]) }]);
      undo.destroy();
    }
  });

  it("[HSK2] are there in the next epoch, and in work that comes late", () => {
    fc.assert(
      fc.property(fields, fc.option(fields), (inRecord, inMarks) => {
        const layer = opened(inRecord, inMarks);
        take("brush", layer, layer.undoManager(), 4);
        const [client] = [...layer.doc.store.clients.keys()];
        const owners = [...layer.doc.store.clients.keys()].map((each) => [each, aPersonId("p")] as const);
        const pieces = { seq: 1, snapshot: null, updates: [Y.encodeStateAsUpdate(layer.doc)] };
        const fresh = new LayerDoc(new Y.Doc());
        Y.applyUpdate(fresh.doc, renewDocument({ pieces, owners, retired: [] }).bytes);
        expect(client).toBeDefined();
        expect(unknownIn(fresh)).toEqual(together(inRecord, inMarks));
        const empty = new LayerDoc(new Y.Doc());
        carryOver(empty, [{ id: ID, before: null, after: fresh.get(ID), replaced: false }]);
        expect(unknownIn(empty)).toEqual(together(inRecord, inMarks));
      }),
      { numRuns: 40 },
    );
  });
});
