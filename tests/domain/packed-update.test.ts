import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry, Point } from "#domain/annotation.ts";
import { encodeMarks, encodeRecord } from "#domain/annotation-record.ts";
import { ByteWriter, LayerDocError } from "#domain/bytes.ts";
import { packUpdate, unpackUpdate } from "#domain/packed-update.ts";
import { pointRuns } from "#domain/point-runs.ts";
import { aClassId, square } from "#tests/support/builders.ts";

const coordinate = fc
  .oneof(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 200_000 * 64 }))
  .map((n) => n / 64);
const point = fc.tuple(coordinate, coordinate).map(([x, y]): Point => [x, y]);
const ring = fc.array(point, { minLength: 3, maxLength: 30 });
const polygon = fc.array(ring, { minLength: 1, maxLength: 3 });
const geometry: fc.Arbitrary<Geometry> = fc.oneof(
  polygon.map((rings): Geometry => ({ type: "polygon", rings })),
  fc.array(polygon, { minLength: 1, maxLength: 3 }).map((polygons): Geometry => ({ type: "multipolygon", polygons })),
  fc.array(point, { minLength: 2, maxLength: 30 }).map((points): Geometry => ({ type: "line", points })),
  point.map((at): Geometry => ({ type: "point", at })),
);
const content = (shape: Geometry) => ({
  classId: aClassId("tumour"),
  under: 3,
  attributes: { a: "b" },
  note: "n",
  geometry: shape,
});

/** Records with other bytes around them, as they lie in an update. */
const pieces = fc.array(
  fc.oneof(
    geometry.map((shape) => ({ record: encodeRecord(content(shape)) })),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ bytes })),
  ),
  { maxLength: 8 },
);

function laid(all: readonly ({ record: Uint8Array } | { bytes: Uint8Array })[]) {
  const runs: { at: number; count: number }[] = [];
  const update = Buffer.concat(all.map((piece) => ("record" in piece ? piece.record : piece.bytes)));
  let at = 0;
  for (const piece of all) {
    const { length } = "record" in piece ? piece.record : piece.bytes;
    if ("record" in piece) runs.push(...pointRuns(update, at, length));
    at += length;
  }
  return { update: new Uint8Array(update), runs };
}

describe("packed updates", () => {
  it("[NET7] unpack to the same bytes, whatever lies between the outlines", () => {
    let points = 0;
    fc.assert(
      fc.property(pieces, (all) => {
        const { update, runs } = laid(all);
        for (const { count } of runs) points += count;
        expect(Buffer.compare(unpackUpdate(packUpdate(update, runs)), update)).toBe(0);
      }),
    );
    expect(points).toBeGreaterThan(1_000);
  });

  it("[NET7] unpack to the same numbers, however large", () => {
    const number = fc.oneof(
      fc.nat(300),
      fc.nat(2 ** 31 - 1),
      fc.maxSafeInteger().map((n) => Math.abs(n) % 2 ** 50),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 100 }), (points) => {
        const writer = new ByteWriter();
        for (const each of points.flat()) writer.uint(each);
        const update = writer.bytes();
        expect(unpackUpdate(packUpdate(update, [{ at: 0, count: points.length }]))).toEqual(update);
      }),
    );
  });

  it("[NET7] find every point of a record, and none in what is no record", () => {
    const shapes: [Geometry, number][] = [
      [square(0, 0, 10), 4],
      [
        {
          type: "multipolygon",
          polygons: [
            [
              [
                [0, 0],
                [1, 0],
                [1, 1],
              ],
            ],
            [
              [
                [5, 5],
                [6, 5],
                [6, 6],
              ],
              [
                [5, 5],
                [5.5, 5],
                [5.5, 5.5],
              ],
            ],
          ],
        },
        9,
      ],
      [
        {
          type: "line",
          points: [
            [0, 0],
            [3, 4],
          ],
        },
        2,
      ],
      [{ type: "point", at: [1, 2] }, 0],
    ];
    for (const [shape, count] of shapes) {
      const record = encodeRecord(content(shape));
      const found = pointRuns(record, 0, record.length);
      expect(
        found.reduce((sum, run) => sum + run.count, 0),
        shape.type,
      ).toBe(count);
    }
    const newer = encodeRecord(content(square(0, 0, 10)));
    newer[0] = 2;
    expect(pointRuns(newer, 0, newer.length)).toEqual([]);
    const marks = encodeMarks({ classId: aClassId("tumour"), under: 1, attributes: {}, note: "" });
    expect(pointRuns(marks, 0, marks.length)).toEqual([]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void pointRuns(bytes, 0, bytes.length)));
  });

  it("[NET7] of any other bytes are refused, and take no more memory than they are worth", () => {
    const { update, runs } = laid([{ record: encodeRecord(content(square(3, 4, 10))) }]);
    const good = packUpdate(update, runs);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (edits) => {
        const bytes = Uint8Array.from(good);
        for (const [at, byte] of edits) bytes[at] = byte;
        try {
          expect(unpackUpdate(bytes).length).toBeLessThan(1_000_000);
        } catch (error) {
          expect(error).toBeInstanceOf(LayerDocError);
        }
      }),
    );
  });
});
