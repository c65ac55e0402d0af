import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type Annotation, GRID, geometryOnGrid } from "#domain/annotation.ts";
import { decodeMarks, decodeRecord, encodeMarks, encodeRecord } from "#domain/annotation-record.ts";
import { LayerDocError } from "#domain/bytes.ts";
import { type AnnotationId, annotationId, classId } from "#domain/ids.ts";
import { type AnnotationChange, LayerDoc } from "#domain/layer-doc.ts";

const TUMOUR = classId.parse("tumour00");
const STROMA = classId.parse("stroma00");
const ID = annotationId.parse("outline1");

function outline(change: Partial<Annotation> = {}): Annotation {
  const rings = [
    [
      [10, 10],
      [20.5, 10],
      [20.5, 30.25],
    ],
  ] as const;
  return {
    id: ID,
    classId: TUMOUR,
    geometry: { type: "polygon", rings },
    under: 1,
    attributes: {},
    note: "",
    ...change,
  };
}

const moved = {
  type: "polygon",
  rings: [
    [
      [0, 0],
      [5, 0],
      [5, 5],
    ],
  ],
} as const;
const movedAgain = {
  type: "polygon",
  rings: [
    [
      [1, 1],
      [6, 1],
      [6, 6],
    ],
  ],
} as const;

/** Two people who have seen the same document. */
function pair(): { a: LayerDoc; b: LayerDoc; meet: () => void } {
  const a = new LayerDoc(new Y.Doc());
  const b = new LayerDoc(new Y.Doc());
  const meet = () => {
    const fromA = Y.encodeStateAsUpdate(a.doc, Y.encodeStateVector(b.doc));
    const fromB = Y.encodeStateAsUpdate(b.doc, Y.encodeStateVector(a.doc));
    Y.applyUpdate(a.doc, fromB, "wire");
    Y.applyUpdate(b.doc, fromA, "wire");
    expect([...a.all()]).toEqual([...b.all()]);
  };
  return { a, b, meet };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof LayerDocError) return error.code;
    throw error;
  }
  return "none";
}

const coordinate = fc.integer({ min: -10_000_000 * GRID, max: 10_000_000 * GRID }).map((step) => step / GRID + 0);
const point = fc.tuple(coordinate, coordinate);
const polygon = fc.array(fc.array(point, { minLength: 3, maxLength: 12 }), { minLength: 1, maxLength: 4 });
const geometry = fc.oneof(
  polygon.map((rings) => ({ type: "polygon" as const, rings })),
  fc.array(polygon, { minLength: 1, maxLength: 3 }).map((polygons) => ({ type: "multipolygon" as const, polygons })),
  point.map((at) => ({ type: "point" as const, at })),
  fc.array(point, { minLength: 2, maxLength: 12 }).map((points) => ({ type: "line" as const, points })),
);
const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });
const marks = fc.record({
  classId: fc.constantFrom(TUMOUR, STROMA),
  under: fc.integer({ min: 1, max: 0x7fffffff }),
  attributes: fc.dictionary(
    text(20).filter((name) => name !== "" && name !== "__proto__"),
    text(40),
    { maxKeys: 5 },
  ),
  note: text(60),
});
const content = fc.record({ marks, geometry }).map((parts) => ({ ...parts.marks, geometry: parts.geometry }));

describe("record", () => {
  it("[LAY1] is read back as it was written, and equal annotations have equal bytes", () => {
    fc.assert(
      fc.property(content, (value) => {
        const bytes = encodeRecord(value);
        const back = decodeRecord(bytes);
        expect(back).toEqual({ ...value, attributes: { ...value.attributes } });
        expect(encodeRecord(back)).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(marks, (value) => {
        expect(decodeMarks(encodeMarks(value))).toEqual({ ...value, attributes: { ...value.attributes } });
      }),
    );
  });

  it("[LAY1] keeps coordinates on the grid of 1/64 px", () => {
    const given = outline({
      geometry: {
        type: "line",
        points: [
          [0.1, 0.2],
          [99.999, -3.3],
        ],
      },
    });
    expect(decodeRecord(encodeRecord(given)).geometry).toEqual(geometryOnGrid(given.geometry));
  });

  it("[LAY2] of any changed bytes is read to the same bytes again or refused with a code, and never throws otherwise", () => {
    let refused = 0;
    fc.assert(
      fc.property(
        content,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (value, edits) => {
          const bytes = encodeRecord(value);
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          const code = codeOf(() => expect(encodeRecord(decodeRecord(bytes))).toEqual(bytes));
          if (code !== "none") refused += 1;
        },
      ),
    );
    expect(refused).toBeGreaterThan(10);
  });

  it("[LAY2] is refused when cut short, when bytes are left over and when a count asks for memory", () => {
    const bytes = encodeRecord(outline({ note: "n" }));
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => decodeRecord(bytes.subarray(0, length)))).not.toBe("none");
    }
    expect(codeOf(() => decodeRecord(Uint8Array.from([...bytes, 0])))).toBe("record-malformed");
    const header = [...encodeMarks(outline())].slice(0, 11);
    expect(codeOf(() => decodeRecord(Uint8Array.from([...header, 3, 0xff, 0xff, 0x05, 1, 1])))).toBe(
      "outline-malformed",
    );
  });

  it("[LAY2] is not written for a malformed outline, a coordinate that is not finite, a bad class or half a surrogate", () => {
    const rings = (ring: readonly (readonly [number, number])[]) =>
      outline({ geometry: { type: "polygon", rings: [ring] } });
    expect(
      codeOf(() =>
        encodeRecord(
          rings([
            [0, 0],
            [1, 1],
          ]),
        ),
      ),
    ).toBe("outline-malformed");
    expect(
      codeOf(() =>
        encodeRecord(
          rings([
            [0, 0],
            [1, 1],
            [Number.NaN, 0],
          ]),
        ),
      ),
    ).toBe("coordinates-not-finite");
    expect(
      codeOf(() =>
        encodeRecord(
          rings([
            [0, 0],
            [1, 1],
            [Infinity, 0],
          ]),
        ),
      ),
    ).toBe("coordinates-not-finite");
    expect(
      codeOf(() =>
        encodeRecord(
          rings([
            [0, 0],
            [1, 1],
            [1e9, 0],
          ]),
        ),
      ),
    ).toBe("outline-malformed");
    expect(codeOf(() => encodeRecord(outline({ classId: "No class" as never })))).toBe("record-malformed");
    expect(codeOf(() => encodeRecord(outline({ note: "\ud800" })))).toBe("record-malformed");
    expect(codeOf(() => encodeRecord(outline({ under: 0 })))).toBe("record-malformed");
  });
});

describe("layer document", () => {
  it("[LAY3] gives back what was put, and forgets what was removed", () => {
    const layer = new LayerDoc(new Y.Doc());
    layer.put(outline({ note: "rim" }));
    expect(layer.get(ID)).toEqual(outline({ note: "rim" }));
    expect([...layer.all()]).toHaveLength(1);
    layer.remove(ID);
    expect(layer.get(ID)).toBeNull();
    expect(layer.size).toBe(0);
  });

  it("[LAY4] writes the record for a change of shape and the marks for any other, one update each", () => {
    const layer = new LayerDoc(new Y.Doc());
    const sizes: number[] = [];
    layer.put(outline());
    layer.doc.on("update", (update: Uint8Array) => sizes.push(update.length));
    layer.reclass(ID, STROMA, 1);
    layer.setAttributes(ID, { grade: "2" });
    layer.setNote(ID, "unsure");
    layer.put({ ...outline({ geometry: moved }), classId: STROMA, attributes: { grade: "2" }, note: "unsure" });
    expect(sizes).toHaveLength(4);
    expect(layer.doc.getMap("ann").get(ID)).toEqual(encodeRecord({ ...layer.get(ID)!, geometry: moved }));
    expect(layer.get(ID)).toEqual({
      ...outline({ geometry: moved }),
      classId: STROMA,
      attributes: { grade: "2" },
      note: "unsure",
    });
    layer.put(layer.get(ID)!);
    expect(sizes).toHaveLength(4);
  });

  it("[LAY5] stamps an annotation with the guideline version of the last change of its class or shape", () => {
    const layer = new LayerDoc(new Y.Doc());
    layer.put(outline({ under: 1 }));
    layer.put(outline({ under: 2, geometry: moved }));
    expect(layer.get(ID)?.under).toBe(2);
    expect(layer.doc.getMap("attr").has(ID)).toBe(false);
    layer.reclass(ID, STROMA, 3);
    expect(layer.get(ID)?.under).toBe(3);
    layer.put({ ...outline({ under: 4, geometry: movedAgain }), classId: STROMA });
    expect(layer.get(ID)?.under).toBe(4);
    layer.setNote(ID, "a note is not a judgement");
    expect(layer.get(ID)?.under).toBe(4);
  });

  it("[LAY6] keeps both a change of shape and a change of class that two people make at once", () => {
    const { a, b, meet } = pair();
    a.put(outline());
    meet();
    a.put(outline({ geometry: moved }));
    b.reclass(ID, STROMA, 2);
    meet();
    expect(a.get(ID)).toEqual(outline({ geometry: moved, classId: STROMA, under: 2 }));
  });

  it("[LAY6] deletes an annotation that another person gives a class at the same time; the left marks are ignored", () => {
    const { a, b, meet } = pair();
    a.put(outline());
    meet();
    a.remove(ID);
    b.reclass(ID, STROMA, 1);
    meet();
    expect(a.get(ID)).toBeNull();
    expect(a.size).toBe(0);
  });

  it("[LAY6] keeps the new shape of an annotation that another person deletes at the same time, with the class it had", () => {
    const { a, b, meet } = pair();
    a.put(outline());
    a.reclass(ID, STROMA, 1);
    meet();
    a.remove(ID);
    b.put(outline({ geometry: moved, classId: STROMA }));
    meet();
    expect(a.get(ID)).toEqual(outline({ geometry: moved, classId: STROMA }));
  });

  it("[LAY6] shows one of two new shapes whole, never a mixture", () => {
    const { a, b, meet } = pair();
    a.put(outline());
    meet();
    a.put(outline({ geometry: moved }));
    b.put(outline({ geometry: movedAgain }));
    meet();
    expect([moved, movedAgain]).toContainEqual(a.get(ID)?.geometry);
  });

  it("[LAY7] undoes and redoes one's own steps only", () => {
    const { a, b, meet } = pair();
    const undo = a.undoManager();
    a.put(outline());
    meet();
    a.put(outline({ geometry: moved }));
    b.reclass(ID, STROMA, 1);
    meet();
    undo.undo();
    expect(a.get(ID)).toEqual(outline({ classId: STROMA }));
    undo.redo();
    expect(a.get(ID)).toEqual(outline({ classId: STROMA, geometry: moved }));
    a.remove(ID);
    undo.undo();
    expect(a.get(ID)).toEqual(outline({ classId: STROMA, geometry: moved }));
    const theirs = annotationId.parse("outline2");
    b.put(outline({ id: theirs }));
    meet();
    undo.undo();
    expect(a.get(theirs)).not.toBeNull();
    undo.destroy();
  });

  it("[LAY7] takes a grouped stroke back in one step", () => {
    const layer = new LayerDoc(new Y.Doc());
    const undo = layer.undoManager();
    const second = annotationId.parse("outline2");
    layer.transact(() => {
      layer.put(outline());
      layer.put(outline({ id: second }));
    });
    undo.undo();
    expect(layer.size).toBe(0);
    undo.redo();
    expect(layer.size).toBe(2);
    undo.destroy();
  });

  it("[LAY8] tells each change once, with what was before and after, and where it came from", () => {
    const { a, b, meet } = pair();
    const told: { changes: readonly AnnotationChange[]; origin: unknown }[] = [];
    a.observe((changes, origin) => told.push({ changes, origin }));
    a.put(outline(), { origin: "import" });
    meet();
    b.transact(() => {
      b.put(outline({ geometry: moved }));
      b.reclass(ID, STROMA, 2);
    });
    meet();
    a.remove(ID);
    expect(told).toEqual([
      { origin: "import", changes: [{ id: ID, before: null, after: outline() }] },
      {
        origin: "wire",
        changes: [{ id: ID, before: outline(), after: outline({ geometry: moved, classId: STROMA, under: 2 }) }],
      },
      {
        origin: "draw",
        changes: [{ id: ID, before: outline({ geometry: moved, classId: STROMA, under: 2 }), after: null }],
      },
    ]);
  });

  it("[LAY9] keeps an entry of a newer format, shows it as unreadable and does not overwrite it", () => {
    const layer = new LayerDoc(new Y.Doc());
    const newer = Uint8Array.from([3, 1, 2, 3]);
    layer.doc.getMap("ann").set(ID, newer);
    layer.doc.getMap("ann").set("outline2", Uint8Array.from([1, 1, 2, 3]));
    expect(layer.get(ID)).toBeNull();
    expect(layer.unreadable()).toEqual([
      { id: ID, code: "record-newer" },
      { id: "outline2" as AnnotationId, code: "record-malformed" },
    ]);
    expect(codeOf(() => layer.put(outline()))).toBe("record-newer");
    expect(layer.doc.getMap("ann").get(ID)).toEqual(newer);
    expect(layer.size).toBe(2);
  });

  it("[LAY10] refuses to change what is not there", () => {
    const layer = new LayerDoc(new Y.Doc());
    expect(codeOf(() => layer.reclass(ID, STROMA, 1))).toBe("no-such-annotation");
    expect(codeOf(() => layer.setNote(ID, ""))).toBe("no-such-annotation");
    layer.remove(ID);
    expect(layer.size).toBe(0);
  });

  it("[LAY11] ends equal on every screen whatever order changes arrive in", () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom("put", "shape", "class", "note", "remove", "meet"),
      id: fc.constantFrom("outline1", "outline2").map((id) => annotationId.parse(id)),
      shape: polygon,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const docs = [0, 1, 2].map(() => new LayerDoc(new Y.Doc()));
        const meet = (from: number, to: number) =>
          Y.applyUpdate(docs[to]!.doc, Y.encodeStateAsUpdate(docs[from]!.doc), "wire");
        for (const { who, what, id, shape } of steps) {
          const layer = docs[who]!;
          const known = layer.get(id);
          if (what === "meet") meet(who, (who + 1) % 3);
          else if (what === "remove") layer.remove(id);
          else if (what === "put" || known === null)
            layer.put(outline({ id, geometry: { type: "polygon", rings: shape } }));
          else if (what === "class") layer.reclass(id, STROMA, 2);
          else if (what === "note") layer.setNote(id, `note ${shape.length}`);
          else layer.put({ ...known, geometry: { type: "polygon", rings: shape } });
        }
        for (const [from, to] of [
          [0, 1],
          [1, 2],
          [2, 0],
          [0, 1],
          [1, 2],
        ] as const)
          meet(from, to);
        const sorted = docs.map((layer) => [...layer.all()].sort((x, y) => (x.id < y.id ? -1 : 1)));
        expect(sorted[1]).toEqual(sorted[0]);
        expect(sorted[2]).toEqual(sorted[0]);
      }),
      { numRuns: 60 },
    );
  });
});
