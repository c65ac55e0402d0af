import fc from "fast-check";
import { expect, test } from "vitest";
import type { Bbox } from "#domain/annotation.ts";
import { buildIndex, LiveIndex } from "#domain/spatial-index.ts";

const box = fc
  .tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 90 }), fc.nat(10), fc.nat(10))
  .map(([minX, minY, width, height]): Bbox => ({ minX, minY, maxX: minX + width, maxY: minY + height }));

test("[GEO11] a box index finds exactly the boxes that meet or touch the one asked for", () => {
  fc.assert(
    fc.property(fc.array(box, { maxLength: 60 }), box, (boxes, asked) => {
      const slow = [...boxes.keys()].filter((index) => meets(boxes[index]!, asked));
      expect(buildIndex(boxes).search(asked)).toEqual(slow);
      const live = new LiveIndex();
      for (const [index, each] of boxes.entries()) live.set(`b${index}`, each);
      expect(live.search(asked).sort()).toEqual(slow.map((index) => `b${index}`).sort());
    }),
    { seed: 11 },
  );
});

test("[GEO12] the nearest box is found, the lower position of equals", () => {
  const index = buildIndex([
    { minX: 50, minY: 0, maxX: 60, maxY: 10 },
    { minX: 0, minY: 0, maxX: 10, maxY: 10 },
    { minX: 0, minY: 0, maxX: 10, maxY: 10 },
  ]);
  expect(index.nearest([5, 5])).toBe(1);
  expect(index.nearest([45, 5])).toBe(0);
  expect(index.nearest([100, 5], 20)).toBeNull();
  expect(buildIndex([]).nearest([0, 0])).toBeNull();
  expect(buildIndex([]).search({ minX: 0, minY: 0, maxX: 1, maxY: 1 })).toEqual([]);
});

test("[GEO13] a live index follows what is set, replaced, loaded and removed", () => {
  const live = new LiveIndex();
  const here: Bbox = { minX: 0, minY: 0, maxX: 1, maxY: 1 };
  const there: Bbox = { minX: 5, minY: 5, maxX: 6, maxY: 6 };
  live.set("a", here);
  live.set("a", there);
  expect([live.search(here), live.search(there), live.size]).toEqual([[], ["a"], 1]);
  live.load([
    ["b", here],
    ["a", here],
  ]);
  expect(live.search(here).sort()).toEqual(["a", "b"]);
  expect(live.bbox("a")).toMatchObject(here);
  expect([live.remove("a"), live.remove("a"), live.size]).toEqual([true, false, 1]);
  live.clear();
  expect([live.search(here), live.size]).toEqual([[], 0]);
});

function meets(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
}
