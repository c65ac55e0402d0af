import fc from "fast-check";
import { expect, test } from "vitest";
import type { Geometry, Point, Ring } from "#domain/annotation.ts";
import {
  containsPoint,
  deleteVertex,
  distanceToOutline,
  geometryArea,
  geometryBbox,
  geometryPerimeter,
  insertVertex,
  isSimple,
  labelPoint,
  moveBy,
  moveVertex,
  nearestEdge,
  nearestVertex,
  rectangle,
  ringArea,
  signedRingArea,
  simplify,
} from "#domain/geometry.ts";
import { normalise } from "#domain/overlay.ts";
import { anyOutline, anyRing, blob, square } from "#tests/support/outlines.ts";

const ringWithHole: Geometry = {
  type: "polygon",
  rings: [square(0, 0, 10), square(2, 2, 4)].flatMap((part) => (part.type === "polygon" ? part.rings : [])),
};

test("[GEO1] an area is the outside less the holes, whichever way the rings run", () => {
  expect(geometryArea(ringWithHole)).toBe(84);
  const ring: Ring = [
    [0, 0],
    [4, 0],
    [0, 3],
  ];
  expect(signedRingArea(ring)).toBe(6);
  expect(signedRingArea(ring.toReversed())).toBe(-6);
  expect(ringArea(ring.toReversed())).toBe(6);
  expect(geometryArea({ type: "line", points: ring })).toBe(0);
  expect(geometryArea({ type: "point", at: [1, 1] })).toBe(0);
});

test("[GEO1] moving an outline 60,000 px away changes its area by less than a billionth", () => {
  const here = blob([0, 0], 20);
  const there = moveBy(here, 60_000, 60_000);
  expect(Math.abs(geometryArea(there) / geometryArea(here) - 1)).toBeLessThan(1e-9);
});

test("[GEO2] a perimeter counts the holes, and a line is as long as it is drawn", () => {
  expect(geometryPerimeter(ringWithHole)).toBe(56);
  expect(
    geometryPerimeter({
      type: "line",
      points: [
        [0, 0],
        [3, 4],
        [3, 5],
      ],
    }),
  ).toBe(6);
  expect(geometryPerimeter({ type: "point", at: [1, 1] })).toBe(0);
});

test("[GEO3] the box of a geometry is the smallest around all its vertices", () => {
  const { minX, maxX } = geometryBbox(moveBy(ringWithHole, 5, 0));
  expect([minX, maxX]).toEqual([5, 15]);
  expect(geometryBbox({ type: "point", at: [3, 4] })).toEqual({ minX: 3, minY: 4, maxX: 3, maxY: 4 });
});

test("[GEO4] a hole is outside, an island in a hole is inside", () => {
  expect(containsPoint(ringWithHole, [1, 1])).toBe(true);
  expect(containsPoint(ringWithHole, [3, 3])).toBe(false);
  expect(containsPoint(ringWithHole, [11, 3])).toBe(false);
  expect(containsPoint({ type: "point", at: [1, 1] }, [1, 1])).toBe(false);
});

test("[GEO5] the label of an outline lies inside it", () => {
  fc.assert(
    fc.property(anyOutline(40), (drawn) => {
      const outline = normalise(drawn);
      if (outline !== null) expect(containsPoint(outline, labelPoint(outline))).toBe(true);
    }),
    { numRuns: 200, seed: 5 },
  );
  expect(labelPoint({ type: "point", at: [7, 8] })).toEqual([7, 8]);
});

test("[GEO6] a ring that crosses, touches or doubles itself is not simple", () => {
  const bow: Ring = [
    [0, 0],
    [10, 10],
    [10, 0],
    [0, 10],
  ];
  const touching: Ring = [
    [0, 0],
    [10, 0],
    [10, 10],
    [5, 0],
    [0, 10],
  ];
  const spike: Ring = [
    [0, 0],
    [10, 0],
    [20, 0],
    [10, 0],
    [10, 10],
  ];
  expect([bow, touching, spike].map(isSimple)).toEqual([false, false, false]);
  expect(isSimple(blobRing(200))).toBe(true);
});

test("[GEO6] the fast answer about a simple ring is the obvious slow one", () => {
  fc.assert(
    fc.property(anyRing(3), (ring) => {
      expect(isSimple(ring)).toBe(slowIsSimple(ring));
    }),
    { numRuns: 500, seed: 6 },
  );
});

test("[GEO6] so it is where a ring goes around its middle once, nearly once, or more than once", () => {
  const step = fc.tuple(fc.integer({ min: -1, max: 8 }), fc.integer({ min: 0, max: 6 }));
  let simple = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 14 }), (steps) => {
      let turned = 0;
      const ring = steps.map(([turn, reach]): Point => {
        turned += turn;
        const angle = (2 * Math.PI * turned) / 32;
        return [Math.round(reach * 8 * Math.cos(angle)) / 8, Math.round(reach * 8 * Math.sin(angle)) / 8];
      });
      expect(isSimple(ring)).toBe(slowIsSimple(ring));
      if (isSimple(ring)) simple++;
    }),
    { numRuns: 2_000 },
  );
  expect(simple).toBeGreaterThan(50);
});

test("[GEO7] a simplified ring stays within the tolerance, loses vertices and stays simple", () => {
  const ring = blobRing(500);
  const simple = simplify(ring, 0.5);
  expect(simple.length).toBeLessThan(120);
  expect(isSimple(simple)).toBe(true);
  const outline: Geometry = { type: "polygon", rings: [simple] };
  for (const point of ring) expect(distanceToOutline(outline, point)).toBeLessThanOrEqual(0.5 + 1e-9);
  expect(simplify(ring, 0)).toBe(ring);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 60 }), fc.integer({ min: 1, max: 400 }), (vertices, tolerance) => {
      expect(isSimple(simplify(blobRing(vertices), tolerance))).toBe(true);
    }),
    { numRuns: 100, seed: 7 },
  );
});

test("[GEO8] the nearest vertex and edge say where they are", () => {
  expect(nearestVertex(ringWithHole, [2.2, 1.9])).toMatchObject({ polygon: 0, ring: 1, index: 0, point: [2, 2] });
  expect(nearestEdge(ringWithHole, [5, -1])).toEqual({ polygon: 0, ring: 0, index: 0, point: [5, 0], distance: 1 });
  expect(nearestEdge({ type: "point", at: [0, 0] }, [1, 1])).toBeNull();
  expect(distanceToOutline({ type: "point", at: [0, 0] }, [3, 4])).toBe(5);
  expect(distanceToOutline(ringWithHole, [1, 5])).toBe(1);
});

test("[GEO9] a vertex can be moved, put in and taken out, and the original stays as it was", () => {
  const before = JSON.stringify(ringWithHole);
  const at = { polygon: 0, ring: 0, index: 0 };
  expect(geometryArea(moveVertex(ringWithHole, at, [-10, 0]))).toBe(134);
  const more = insertVertex(ringWithHole, at, [5, -2]);
  expect(geometryArea(more)).toBe(94);
  expect(deleteVertex(more, { ...at, index: 1 })).toEqual(ringWithHole);
  expect(JSON.stringify(ringWithHole)).toBe(before);
});

test("[GEO9] a ring left with two vertices goes, and with its outside goes the polygon", () => {
  const triangle: Ring = [
    [0, 0],
    [9, 0],
    [0, 9],
  ];
  const hole: Ring = [
    [1, 1],
    [3, 1],
    [1, 3],
  ];
  const outline: Geometry = { type: "polygon", rings: [triangle, hole] };
  expect(deleteVertex(outline, { polygon: 0, ring: 1, index: 2 })).toEqual({ type: "polygon", rings: [triangle] });
  expect(deleteVertex(outline, { polygon: 0, ring: 0, index: 0 })).toBeNull();
  const line: Geometry = {
    type: "line",
    points: [
      [0, 0],
      [1, 1],
    ],
  };
  expect(deleteVertex(line, { polygon: 0, ring: 0, index: 0 })).toBeNull();
});

test("[GEO10] a rectangle is the same from any two opposite corners", () => {
  expect(rectangle([5, 6], [1, 2])).toEqual(rectangle([1, 6], [5, 2]));
  expect(geometryArea(rectangle([5, 6], [1, 2]))).toBe(16);
});

function blobRing(vertices: number): Ring {
  const outline = blob([100, 100], 50, { vertices, wobble: 0.4 });
  return outline.type === "polygon" ? (outline.rings[0] ?? []) : [];
}

function slowIsSimple(ring: Ring): boolean {
  const count = ring.length;
  const at = (index: number): Point => ring[index % count] ?? [0, 0];
  const turn = (a: Point, b: Point, c: Point) =>
    Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]));
  const between = (a: Point, b: Point, c: Point) =>
    turn(a, b, c) === 0 && [0, 1].every((k) => (c[k as 0 | 1] - a[k as 0 | 1]) * (c[k as 0 | 1] - b[k as 0 | 1]) <= 0);
  for (let i = 0; i < count; i++) {
    const [a, b] = [at(i), at(i + 1)];
    if (a[0] === b[0] && a[1] === b[1]) return false;
    for (let j = 0; j < count; j++) {
      const [c, d] = [at(j), at(j + 1)];
      if (j === i) continue;
      if (j === (i + 1) % count) {
        if (between(a, b, d) || between(c, d, a)) return false;
      } else if (i !== (j + 1) % count) {
        const crosses = turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
        if (crosses || between(a, b, c) || between(a, b, d) || between(c, d, a) || between(c, d, b)) return false;
      }
    }
  }
  return true;
}
