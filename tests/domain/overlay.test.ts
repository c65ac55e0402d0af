import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Geometry, GRID, type Polygon, polygonsOf, type Ring, verticesOf } from "#domain/annotation.ts";
import {
  containsPoint,
  geometryArea,
  geometryPerimeter,
  isSimple,
  moveBy,
  polygonsArea,
  rectangle,
  signedRingArea,
} from "#domain/geometry.ts";
import {
  clipTo,
  dice,
  difference,
  intersection,
  iou,
  normalise,
  overlapArea,
  strokeArea,
  union,
} from "#domain/overlay.ts";
import { anyOutline, blob, square } from "#tests/support/outlines.ts";

const FIELD = 40;
const valid = anyOutline(FIELD)
  .map((drawn) => normalise(drawn))
  .filter((outline) => outline !== null);
/** What rounding every crossing to the grid may move, px2, for outlines as long as these. */
const rounding = (...outlines: Geometry[]) =>
  outlines.reduce((sum, outline) => sum + geometryPerimeter(outline), 0) / GRID + 0.01;

describe("normalise", () => {
  test("[OVL1] normalising a second time changes nothing", () => {
    fc.assert(
      fc.property(valid, (outline) => {
        expect(normalise(outline)).toEqual(outline);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("[OVL1] every ring is simple, on the grid, outsides positive and holes negative, from its lowest vertex", () => {
    fc.assert(
      fc.property(valid, (outline) => {
        for (const polygon of polygonsOf(outline)) {
          for (const [place, ring] of polygon.entries()) {
            expect(isSimple(ring)).toBe(true);
            expect(Math.sign(signedRingArea(ring))).toBe(place === 0 ? 1 : -1);
            expect(ring[0]).toEqual([...ring].sort((a, b) => a[0] - b[0] || a[1] - b[1])[0]);
          }
        }
        for (const [x, y] of verticesOf(outline)) expect([x * GRID, y * GRID].every(Number.isInteger)).toBe(true);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test("[OVL2] a figure of eight keeps both its loops, and a loop walked twice stays filled", () => {
    const eight: Ring = [
      [0, 0],
      [10, 10],
      [10, 0],
      [0, 10],
    ];
    expect(area(normalise({ type: "polygon", rings: [eight] }))).toBe(50);
    const twice: Ring = [...ringOf(square(0, 0, 10)), ...ringOf(square(0, 0, 10))];
    expect(area(normalise({ type: "polygon", rings: [twice] }))).toBe(100);
  });

  test("[OVL2] holes are taken out and overlapping parts joined, whichever way the rings run", () => {
    for (const turned of [false, true]) {
      const hole = turned ? ringOf(square(2, 2, 4)).toReversed() : ringOf(square(2, 2, 4));
      const polygons: Polygon[] = [[ringOf(square(0, 0, 10)), hole], [ringOf(square(5, 5, 10))]];
      expect(area(normalise({ type: "multipolygon", polygons }))).toBe(100 - 16 + 100 - 25 + 1);
    }
  });

  test("[OVL2] a hole that reaches over the outside cuts it and adds nothing", () => {
    const rings = [ringOf(square(0, 0, 10)), ringOf(square(5, 5, 10))];
    expect(area(normalise({ type: "polygon", rings }))).toBe(75);
  });

  test("[OVL3] what encloses nothing is nothing", () => {
    const flat: Ring = [
      [0, 0],
      [10, 0],
      [20, 0],
    ];
    const crumb = ringOf(square(0, 0, 0.25));
    const sliver = ringOf(rectangle([0, 0], [100, 1 / 64]));
    for (const ring of [flat, crumb, sliver]) expect(normalise({ type: "polygon", rings: [ring] })).toBeNull();
    expect(
      normalise({
        type: "line",
        points: [
          [1, 1],
          [1, 1.001],
        ],
      }),
    ).toBeNull();
  });

  test("[OVL3] level edges that run back over each other enclose nothing and come to an end", () => {
    const pointed: Ring = [
      [30, 50],
      [0, 50],
      [60, 50],
      [50, 90],
      [40, 50],
    ];
    expect(geometryArea(normalise({ type: "polygon", rings: [pointed] }) ?? square(0, 0, 1))).toBe(400);
    const level = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(
        fc.array(fc.array(level, { minLength: 3, maxLength: 10 }), { minLength: 1, maxLength: 3 }),
        (rings) => {
          const once = normalise({ type: "multipolygon", polygons: rings.map((ring) => [ring]) });
          if (once !== null) expect(normalise(once)).toEqual(once);
        },
      ),
    );
  });

  test("[OVL3] points and lines are put on the grid", () => {
    expect(normalise({ type: "point", at: [1.001, 2.999] })).toEqual({ type: "point", at: [1, 3] });
  });

  test("[OVL4] a coordinate that is not a number is refused", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const rings = [ringOf(square(0, 0, 10)), ringOf(square(bad, 0, 1))];
      expect(() => normalise({ type: "polygon", rings })).toThrow(RangeError);
    }
  });

  test("[OVL5] an outline normalises to the same shape 60,000 px away", () => {
    fc.assert(
      fc.property(anyOutline(FIELD), (drawn) => {
        const here = normalise(drawn);
        const there = normalise(moveBy(drawn, 60_000, 60_000));
        expect(there).toEqual(here === null ? null : moveBy(here, 60_000, 60_000));
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});

describe("overlays", () => {
  test("[OVL6] union and intersection together have the area of both shapes", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        const sum = polygonsArea(union([a, b])) + polygonsArea(intersection(a, b));
        expect(Math.abs(sum - geometryArea(a) - geometryArea(b))).toBeLessThan(rounding(a, b));
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  test("[OVL6] a shape is its part inside another and its part outside", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        const sum = polygonsArea(intersection(a, b)) + polygonsArea(difference(a, b));
        expect(Math.abs(sum - geometryArea(a))).toBeLessThan(rounding(a, b));
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  test("[OVL6] a point is in an overlay exactly if the rule says so", () => {
    fc.assert(
      fc.property(valid, valid, fc.nat(FIELD * 8), fc.nat(FIELD * 8), (a, b, x, y) => {
        const point = [x / 8 + 0.03, y / 8 + 0.03] as const;
        const near = [a, b].some((outline) => edgeDistance(outline, point) < 0.05);
        fc.pre(!near);
        const inside = (polygons: readonly Polygon[]) => containsPoint({ type: "multipolygon", polygons }, point);
        const [inA, inB] = [containsPoint(a, point), containsPoint(b, point)];
        expect(inside(union([a, b]))).toBe(inA || inB);
        expect(inside(intersection(a, b))).toBe(inA && inB);
        expect(inside(difference(a, b))).toBe(inA && !inB);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  test("[OVL7] a hole in the result belongs to the polygon around it", () => {
    const frame = difference(square(0, 0, 30), square(10, 10, 10));
    const withIsland = union([frame, square(13, 13, 4)]);
    expect(withIsland.map((polygon) => polygon.length)).toEqual([2, 1]);
    expect(polygonsArea(withIsland)).toBe(816);
  });

  test("[OVL7] nothing overlaid with nothing is nothing", () => {
    expect(union([])).toEqual([]);
    expect(intersection([], square(0, 0, 1))).toEqual([]);
    expect(intersection(square(0, 0, 1), [])).toEqual([]);
    expect(difference([], square(0, 0, 1))).toEqual([]);
    expect(polygonsArea(difference(square(0, 0, 2), []))).toBe(4);
  });

  test("[OVL8] a clipped geometry lies within the box, and what lies outside is gone", () => {
    const bbox = { minX: 5, minY: 5, maxX: 25, maxY: 30 };
    expect(area(clipTo(square(0, 0, 10), bbox))).toBe(25);
    expect(clipTo(square(40, 40, 10), bbox)).toBeNull();
    expect(clipTo({ type: "point", at: [6, 6] }, bbox)).toEqual({ type: "point", at: [6, 6] });
    expect(clipTo({ type: "point", at: [4, 6] }, bbox)).toBeNull();
    const line: Geometry = {
      type: "line",
      points: [
        [0, 10],
        [40, 10],
      ],
    };
    expect(clipTo(line, bbox)).toEqual({
      type: "line",
      points: [
        [5, 10],
        [25, 10],
      ],
    });
  });

  test("[OVL9] a stroke covers what a round brush passes over", () => {
    expect(polygonsArea(strokeArea([[7, 7]], 10))).toBeCloseTo(Math.PI * 100, -1);
    const straight = polygonsArea(
      strokeArea(
        [
          [0, 0],
          [100, 0],
        ],
        10,
      ),
    );
    expect(Math.abs(straight / (2000 + Math.PI * 100) - 1)).toBeLessThan(0.005);
    const around = strokeArea(
      Array.from({ length: 41 }, (_, index) => [50 * Math.cos(index / 6.2), 50 * Math.sin(index / 6.2)] as const),
      10,
    );
    expect(around.map((polygon) => polygon.length)).toEqual([2]);
    expect(strokeArea([], 5)).toEqual([]);
    expect(strokeArea([[1, 1]], 0)).toEqual([]);
  });
});

describe("overlap", () => {
  test("[OVL10] the overlap by trapezoids is the area of the constructed intersection", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        expect(Math.abs(overlapArea(a, b) - polygonsArea(intersection(a, b)))).toBeLessThan(rounding(a, b));
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test("[OVL10] an outline overlaps itself by its area, and another one the same from either side", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        expect(overlapArea(a, a)).toBeCloseTo(geometryArea(a), 3);
        expect(overlapArea(a, b)).toBeCloseTo(overlapArea(b, a), 6);
      }),
      { numRuns: 200, seed: 8 },
    );
  });

  test("[OVL10] 60,000 px away an overlap differs by less than a billionth", () => {
    const [a, b] = [blob([0, 0], 100), blob([30, 20], 90)];
    const here = overlapArea(a, b);
    expect(Math.abs(overlapArea(moveBy(a, 60_000, 6e4), moveBy(b, 60_000, 6e4)) / here - 1)).toBeLessThan(1e-9);
  });

  test("[OVL11] Dice and IoU are not defined for two empty shapes, and 0 for one", () => {
    expect([iou([], []), dice([], [])]).toEqual([null, null]);
    expect([iou([], square(0, 0, 1)), dice(square(0, 0, 1), [])]).toEqual([0, 0]);
    expect(iou(square(0, 0, 10), square(2, 0, 10))).toBeCloseTo(2 / 3, 12);
    expect(dice(square(0, 0, 10), square(2, 0, 10))).toBeCloseTo(0.8, 12);
  });
});

function ringOf(geometry: Geometry): Ring {
  return polygonsOf(geometry)[0]?.[0] ?? [];
}

function area(geometry: Geometry | null): number {
  return geometry === null ? 0 : geometryArea(geometry);
}

function edgeDistance(outline: Geometry, [x, y]: readonly [number, number]): number {
  let least = Infinity;
  for (const ring of polygonsOf(outline).flat()) {
    for (const [index, [x0, y0]] of ring.entries()) {
      const [x1, y1] = ring[(index + 1) % ring.length] ?? [x0, y0];
      const [dx, dy] = [x1 - x0, y1 - y0];
      const share = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
      least = Math.min(least, Math.hypot(x - x0 - share * dx, y - y0 - share * dy));
    }
  }
  return least;
}
