import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import { type MergedOutline, mergedClassOf, touchingGroups } from "#domain/dissolve.ts";
import { geometryArea } from "#domain/geometry.ts";
import { overlapArea, union } from "#domain/overlay.ts";
import { aClassId, anAnnotationId, declare, square } from "#tests/support/builders.ts";

const C = aClassId("c");
const outline = (name: string, former: string, geometry: Geometry, classId = C): MergedOutline => ({
  id: anAnnotationId(name),
  former: aClassId(former),
  classId,
  geometry,
});
const idsOf = (outlines: readonly MergedOutline[], gap = 0) => touchingGroups(outlines, gap).map(({ ids }) => ids);

describe("outlines that a merge made alike", () => {
  test("[DSV1] touch where they share a border or overlap, had different classes, and have one now", () => {
    const left = outline("one", "a", square(0, 0, 10));
    const right = outline("two", "b", square(10, 0, 10));
    const lapping = outline("three", "b", square(5, 5, 10));
    const same = outline("four", "a", square(0, 10, 10));
    const other = outline("five", "b", square(0, 0, 10), aClassId("d"));
    const far = outline("six", "b", square(40, 0, 10));
    expect(idsOf([left, right])).toEqual([[left.id, right.id]]);
    expect(idsOf([left, lapping])).toEqual([[left.id, lapping.id].sort()]);
    expect(idsOf([left, same])).toEqual([]);
    expect(idsOf([left, other])).toEqual([]);
    expect(idsOf([left, far])).toEqual([]);
    expect(idsOf([left, { ...right, geometry: { type: "point", at: [10, 5] } }])).toEqual([]);
    expect(idsOf([left, right, same, lapping])).toEqual([[left.id, right.id, same.id, lapping.id].sort()]);
  });

  test("[DSV2] become one outline, also over a gap that is no wider than allowed, and nothing else is added", () => {
    const [left, right] = [outline("one", "a", square(0, 0, 10)), outline("two", "b", square(12, 0, 10))];
    expect(idsOf([left, right], 1.5)).toEqual([]);
    const [group] = touchingGroups([left, right], 2);
    expect(group?.geometry.type).toBe("polygon");
    expect(geometryArea(group?.geometry as Geometry)).toBeGreaterThan(215);
    expect(geometryArea(group?.geometry as Geometry)).toBeLessThan(221);
    expect(group?.bbox).toEqual({ minX: 0, minY: 0, maxX: 22, maxY: 10 });
  });

  test("[DSV1] any two in a group are connected, every pair that touches is in one, and the union holds all of them", () => {
    const square8 = fc.record({
      x: fc.nat(60),
      y: fc.nat(60),
      side: fc.integer({ min: 2, max: 12 }),
      former: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(square8, { maxLength: 14 }), fc.constantFrom(0, 1, 3), (drawn, gap) => {
        const outlines = drawn.map(({ x, y, side, former }, index) =>
          outline(`o${index}`, "abc"[former] ?? "a", square(x, y, side)),
        );
        const groups = touchingGroups(outlines, gap);
        const groupOf = (id: string) => groups.findIndex(({ ids }) => ids.some((each) => each === id));
        for (const [index, a] of drawn.entries()) {
          for (const [other, b] of drawn.entries()) {
            const [across, down] = [
              Math.max(a.x - b.x - b.side, b.x - a.x - a.side),
              Math.max(a.y - b.y - b.side, b.y - a.y - a.side),
            ];
            // Corners that meet join nothing.
            if (other <= index || a.former === b.former || (across >= 0 && down >= 0)) continue;
            if (Math.max(across, down) > gap) continue;
            expect(groupOf(outlines[index]?.id ?? "")).toBe(groupOf(outlines[other]?.id ?? "none"));
            expect(groupOf(outlines[index]?.id ?? "")).toBeGreaterThanOrEqual(0);
          }
        }
        for (const { ids, geometry } of groups) {
          const members = outlines.filter(({ id }) => ids.includes(id)).map((each) => each.geometry);
          expect(
            new Set(outlines.filter(({ id }) => ids.includes(id)).map(({ former }) => former)).size,
          ).toBeGreaterThan(1);
          const whole = geometryArea({ type: "multipolygon", polygons: union(members) });
          expect(overlapArea(geometry, union(members))).toBeCloseTo(whole, 0);
          expect(geometry.type).toBe("polygon");
        }
        expect(groups.flatMap(({ ids }) => ids).length).toBe(new Set(groups.flatMap(({ ids }) => ids)).size);
      }),
      { numRuns: 150 },
    );
  });

  test("[DSV3] are those that a merge carried over, and those drawn as what it made; not where a choice is open", () => {
    const merge = { number: 2, changes: [declare.merge(["a", "b"], "c")] };
    const at = (
      name: string,
      under = 1,
      more: { number: number; changes: ReturnType<typeof declare.split>[] }[] = [],
    ) => mergedClassOf({ classId: aClassId(name), under }, [{ number: 1, changes: [] }, merge, ...more]);
    expect([at("a"), at("b"), at("c", 2)]).toEqual([C, C, C]);
    expect(at("d")).toBeNull();
    expect(at("a", 1, [{ number: 3, changes: [declare.split("c", ["e", "f"])] }])).toBeNull();
  });
});
