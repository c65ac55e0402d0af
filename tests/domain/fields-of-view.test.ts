import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry, Point, Polygon, Ring } from "#domain/annotation.ts";
import { fieldsWithin } from "#domain/fields-of-view.ts";
import { geometryArea, moveBy } from "#domain/geometry.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { FieldRules } from "#domain/migration/fields.ts";
import type { Versions } from "#domain/migration/sharing.ts";
import { normalise, normaliseAll, union } from "#domain/overlay.ts";
import { aClass, aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { anyOutline } from "#tests/support/outlines.ts";

const MANY = 10_000;
const box = (x: number, y: number, width: number, height: number): Ring => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];
const polygon = (...rings: Ring[]): Geometry => ({ type: "polygon", rings });
const disc = (radius: number, vertices = 400): Geometry =>
  polygon(
    Array.from({ length: vertices }, (_, at): Point => {
      const angle = (2 * Math.PI * at) / vertices;
      return [1_000 + radius * Math.cos(angle), 1_000 + radius * Math.sin(angle)];
    }),
  );

/** Shapes made of cells of a lattice: whether a cell is taken, row by row. */
const lattices = fc
  .integer({ min: 1, max: 7 })
  .chain((columns) => fc.array(fc.array(fc.boolean(), { minLength: columns, maxLength: columns }), { maxLength: 7 }));

function shapeOf(lattice: readonly (readonly boolean[])[], cell: number): Geometry | null {
  const cells = lattice.flatMap((row, y) =>
    row.flatMap((taken, x) => (taken ? [[box(x * cell, y * cell, cell, cell)] satisfies Polygon] : [])),
  );
  return cells.length === 0 ? null : normaliseAll(union(cells.map((rings): Geometry => ({ type: "polygon", rings }))));
}

/** The most squares of `side` cells that stand in rows of whole cells, by trying every choice of rows. */
function mostInRows(lattice: readonly (readonly boolean[])[], side: number): number {
  const rows = lattice.length;
  const fits = (y: number): number => {
    let [fields, run] = [0, 0];
    const columns = lattice[y]?.length ?? 0;
    for (let x = 0; x < columns; x++) {
      const free = Array.from({ length: side }, (_, dy) => lattice[y + dy]?.[x] ?? false).every(Boolean);
      run = free ? run + 1 : 0;
      if (run === side) [fields, run] = [fields + 1, 0];
    }
    return fields;
  };
  const from = (y: number): number => (y + side > rows ? 0 : Math.max(from(y + 1), fits(y) + from(y + side)));
  return from(0);
}

/** Cells that lie in some square of `side` cells that is taken as a whole. */
function coveredBySquares(lattice: readonly (readonly boolean[])[], side: number): number {
  const offsets = Array.from({ length: side }, (_, at) => at);
  const isWhole = (x: number, y: number) =>
    offsets.every((dy) => offsets.every((dx) => lattice[y + dy]?.[x + dx] === true));
  const isCovered = (x: number, y: number) => offsets.some((dy) => offsets.some((dx) => isWhole(x - dx, y - dy)));
  return lattice.flatMap((row, y) => row.filter((_, x) => isCovered(x, y))).length;
}

const turned = (lattice: readonly (readonly boolean[])[]): boolean[][] =>
  (lattice[0] ?? []).map((_, x) => lattice.map((row) => row[x] ?? false));

describe("room for fields of view", () => {
  it("[FOV1] is that of a box to the number, wherever it lies, and counting ends at what is asked for", () => {
    expect(fieldsWithin(polygon(box(0, 0, 300, 200)), 100, MANY)).toBe(6);
    expect(fieldsWithin(polygon(box(17.25, 8_001.5, 300, 200)), 100, MANY)).toBe(6);
    expect(fieldsWithin(polygon(box(0, 0, 299.9, 200)), 100, MANY)).toBe(4);
    expect(fieldsWithin(polygon(box(0, 0, 300, 200)), 100, 4)).toBe(4);
    expect(fieldsWithin(polygon(box(0, 0, 100 / 3, 1)), 1 / 3, 300)).toBe(300);
    expect(fieldsWithin(polygon(box(0, 0, 10, 10)), 100, MANY)).toBe(0);
    expect(fieldsWithin({ type: "point", at: [5, 5] }, 1, MANY)).toBe(0);
    expect(fieldsWithin(polygon(box(0, 0, 9, 9)), 0, MANY)).toBe(0);
  });

  it("[FOV1] is less than the area says where the shape has none: thin, round, bent or with holes", () => {
    const thin = polygon(box(0, 0, 10_000, 99));
    expect([geometryArea(thin) / 100 ** 2, fieldsWithin(thin, 100, MANY)]).toEqual([99, 0]);
    // A square of 100 just fits into a disc of 71 around.
    expect([fieldsWithin(disc(70), 100, 1), fieldsWithin(disc(72), 100, 1)]).toEqual([0, 1]);
    const holed = polygon(box(0, 0, 300, 300), [...box(100, 100, 100, 100)].reverse());
    expect(fieldsWithin(holed, 100, MANY)).toBe(8);
    const corner = polygon([
      [0, 0],
      [300, 0],
      [300, 100],
      [100, 100],
      [100, 300],
      [0, 300],
    ]);
    expect(fieldsWithin(corner, 100, MANY)).toBe(5);
    const two: Geometry = { type: "multipolygon", polygons: [[box(0, 0, 150, 150)], [box(151, 40, 150, 150)]] };
    expect(fieldsWithin(two, 150, MANY)).toBe(2);
  });

  it("[FOV1] is never above what the area allows, ends at what is asked for, and is the same wherever the outline lies", () => {
    let met = 0;
    fc.assert(
      fc.property(anyOutline(400), fc.double({ min: 4, max: 60, noNaN: true }), fc.nat(30), (drawn, side, asked) => {
        const outline = normalise(drawn);
        if (outline === null) return;
        const found = fieldsWithin(outline, side, MANY);
        expect(found * side ** 2).toBeLessThanOrEqual(geometryArea(outline) * (1 + 1e-9));
        expect(fieldsWithin(outline, side, asked)).toBe(Math.min(found, asked));
        expect(fieldsWithin(moveBy(outline, 512, -256), side, MANY)).toBe(found);
        if (found > 0) met++;
      }),
      { numRuns: 100 },
    );
    expect(met).toBeGreaterThan(30);
  });

  it("[FOV2] is, of shapes made of cells, at least what the best choice of rows or columns of cells holds", () => {
    let met = 0;
    fc.assert(
      fc.property(lattices, fc.integer({ min: 1, max: 3 }), (lattice, side) => {
        const shape = shapeOf(lattice, 64);
        if (shape === null) return;
        const best = Math.max(mostInRows(lattice, side), mostInRows(turned(lattice), side));
        // Rows begin at every eighth of a side, so they meet those of the cells where a side has one or two of them.
        if (side !== 3) expect(fieldsWithin(shape, 64 * side, MANY)).toBeGreaterThanOrEqual(best);
        expect(fieldsWithin(shape, (64 * side) / 1.125, MANY)).toBeGreaterThanOrEqual(best);
        if (best > 1) met++;
      }),
      { numRuns: 200 },
    );
    expect(met).toBeGreaterThan(20);
  });

  it("[FOV1] is, of shapes made of cells, never more than the parts hold that are as wide as a field", () => {
    let met = 0;
    fc.assert(
      fc.property(lattices, fc.integer({ min: 1, max: 3 }), (lattice, side) => {
        const shape = shapeOf(lattice, 64);
        if (shape === null) return;
        // A square that fits beside the cells fits on them too: no square reaches beyond the squares of cells.
        const room = coveredBySquares(lattice, side) / side ** 2;
        expect(fieldsWithin(shape, 64 * side, MANY)).toBeLessThanOrEqual(room);
        if (room * side ** 2 < lattice.flat().filter(Boolean).length) met++;
      }),
      { numRuns: 200 },
    );
    expect(met).toBeGreaterThan(20);
  });
});

describe("outlines of which the room is measured", () => {
  const asking = (name: string, count: number) =>
    aClass(name, { rules: { ...aClass(name).rules, fieldOfView: { count, sideUm: 50 } } });
  const line = (...contents: readonly GuidelineContent[]): Versions =>
    contents.map((content, index) => {
      const before = contents[index - 1];
      const isGone = content.classes.some(({ id, retired }) => id === aClassId("c") && retired);
      const said = isGone ? [declare.merge(["c"], "a")] : [];
      const diff = before === undefined ? null : diffGuidelines(before, content, said);
      if (diff !== null && !diff.ok) throw new Error(diff.reason);
      return { number: index + 1, content, changes: diff?.value ?? [] };
    });
  const asked = (versions: Versions, name: string, under = 1) =>
    new FieldRules(versions).asked({ classId: aClassId(name), under, shape: "polygon" })?.count ?? null;

  it("[FOV6] are those about which the rule can ask: it became stricter since, or they were carried into its class", () => {
    const first = aGuideline(["a", "b", "c"]);
    const strict = aGuideline([asking("a", 3), "b", "c"]);
    const stricter = line(first, strict);
    expect([asked(stricter, "a"), asked(stricter, "a", 2), asked(stricter, "b")]).toEqual([3, null, null]);
    expect(asked(line(strict, aGuideline([asking("a", 2), "b", "c"])), "a")).toBeNull();
    expect(new FieldRules(line(strict, first)).isAsking).toBe(false);
    const carried = line(strict, withClass(strict, "c", { retired: true }));
    expect([asked(carried, "c"), asked(carried, "c", 2), asked(carried, "a")]).toEqual([3, null, null]);
  });
});
