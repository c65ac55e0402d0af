import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geometryOf, polygonsOf } from "#domain/annotation.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { LayerDocError } from "#domain/bytes.ts";
import { annotationId, classId } from "#domain/ids.ts";
import {
  checkEdit,
  decodeVersion,
  editedAnnotation,
  editKey,
  encodeEdit,
  type OutlineEdit,
  within,
} from "#domain/outline-edit.ts";
import { normaliseAll, strokeArea, union } from "#domain/overlay.ts";

const coordinate = fc.integer({ min: 0, max: 64 * 4_000 }).map((step) => step / 64);
const point = fc.tuple(coordinate, coordinate);
const ring = fc.array(point, { minLength: 3, maxLength: 14 });
const polygons = fc.array(fc.array(ring, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const seenBy = fc
  .dictionary(fc.integer({ min: 0, max: 0xffffffff }).map(String), fc.integer({ min: 1, max: 2 ** 31 }), {
    minKeys: 1,
    maxKeys: 5,
  })
  .map((clocks) => new Map(Object.entries(clocks).map(([client, clock]) => [Number(client), clock])));

/** An earlier shape: parts of the later one, turned, and something of its own. */
const edit = fc
  .record({
    later: polygons,
    other: polygons,
    seen: seenBy,
    turn: fc.nat(13),
    keep: fc.nat(14),
    root: fc.nat(0xffffffff),
    count: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ later, other, seen, turn, keep, root, count }): OutlineEdit => {
    const earlier = later.map((rings) =>
      rings.map((points) => {
        const turned = [...points.slice(turn % points.length), ...points.slice(0, turn % points.length)];
        return [...turned.slice(0, keep), ...(other[0]?.[0] ?? [])];
      }),
    );
    const older = new Map([...seen].map(([client, clock]) => [client, Math.max(1, clock - 5)]));
    return {
      classId: classId.parse("tumour00"),
      under: 3,
      attributes: { grade: "2" },
      note: "rim",
      geometry: geometryOf(later),
      root,
      seen,
      stages: [
        { seen: older, polygons: earlier },
        { seen: new Map(), polygons: other },
      ].slice(0, count),
    };
  });

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof LayerDocError) return error.code;
    throw error;
  }
  return "none";
}

describe("edit of an outline", () => {
  it("[EDT1] is read back as it was written, the shapes it began from too", () => {
    fc.assert(
      fc.property(edit, (value) => {
        const bytes = encodeEdit(value);
        const { stageBytes, ...back } = { stageBytes: null, ...checkEdit(bytes) };
        expect(back).toMatchObject({ ...value, attributes: { ...value.attributes } });
        expect(encodeEdit(back)).toEqual(bytes);
      }),
    );
  });

  it("[EDT1] of any changed bytes is read to the same bytes again or refused with a code, and never throws otherwise", () => {
    let refused = 0;
    fc.assert(
      fc.property(edit, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (value, changes) => {
        const bytes = encodeEdit(value);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        if (codeOf(() => expect(encodeEdit(checkEdit(bytes))).toEqual(bytes)) !== "none") refused += 1;
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it("[EDT1] is refused when cut short, with bytes left over, without an area, or with what it has not seen", () => {
    const [value] = fc.sample(edit, { numRuns: 1, seed: 3 });
    const bytes = encodeEdit(value!);
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => checkEdit(bytes.subarray(0, length)))).not.toBe("none");
    }
    expect(codeOf(() => checkEdit(Uint8Array.from([...bytes, 0])))).toBe("record-malformed");
    expect(codeOf(() => checkEdit(Uint8Array.from([3, ...bytes.slice(1)])))).toBe("record-newer");
    expect(codeOf(() => encodeEdit({ ...value!, geometry: { type: "point", at: [1, 1] } }))).toBe("outline-malformed");
    const unseen = { seen: new Map([[1, 2 ** 31]]), polygons: polygonsOf(value!.geometry) };
    expect(codeOf(() => encodeEdit({ ...value!, stages: [unseen] }))).toBe("record-malformed");
    expect(codeOf(() => encodeEdit({ ...value!, stages: [] }))).toBe("outline-malformed");
    const crowd = new Map(Array.from({ length: 33 }, (_, client) => [client, 1]));
    expect(codeOf(() => encodeEdit({ ...value!, seen: crowd }))).toBe("record-malformed");
  });

  it("[EDT1] has a key that names the annotation and the session, and nothing else is such a key", () => {
    const id = annotationId.parse("outline1");
    for (const client of [0, 35, 36, 2 ** 31, 0xffffffff]) expect(editedAnnotation(editKey(id, client))).toBe(id);
    for (const key of [
      "outline1",
      "outline1/",
      "outline1/A",
      "outline1/01",
      "outline1/zzzzzzz",
      "short/1",
      "outline1/1/2",
      "/1",
    ]) {
      expect(editedAnnotation(key), key).toBeNull();
    }
  });

  it("[EDT1] names the plain record it grew from, so that two different records are not taken for one", () => {
    const content = { classId: classId.parse("tumour00"), under: 1, attributes: {}, note: "" };
    const one = encodeRecord({ ...content, geometry: { type: "point", at: [1, 1] } });
    const two = encodeRecord({ ...content, geometry: { type: "point", at: [1, 2] } });
    expect(decodeVersion(one).root).not.toBe(decodeVersion(two).root);
    expect(within(decodeVersion(one).seen, new Map())).toBe(true);
  });

  it("[EDT2] takes less than two plain records of the same outline, the shape it began from included", () => {
    const circle = strokeArea([[1_000, 1_000]], 300);
    for (const [x, y] of [
      [1_300, 1_000],
      [700, 1_000],
      [1_000, 700],
    ] as const) {
      const later = normaliseAll(union([circle, strokeArea([[x, y]], 60)]))!;
      const content = { classId: classId.parse("tumour00"), under: 1, attributes: {}, note: "", geometry: later };
      const plain = encodeRecord(content).length;
      const size = encodeEdit({
        ...content,
        root: 1,
        seen: new Map([[2 ** 31, 100]]),
        stages: [{ seen: new Map(), polygons: circle }],
      }).length;
      expect(size).toBeLessThan(1.5 * plain);
    }
  });
});
