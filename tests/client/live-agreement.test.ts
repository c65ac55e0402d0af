import { expect, test } from "vitest";
import { LiveAgreement, type TileRunner } from "#client/live-agreement.ts";
import { Scene } from "#client/scene.ts";
import { LiveSquares } from "#domain/live-squares.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClassId, anAnnotation, anAnnotationId, square } from "#tests/support/builders.ts";

const [A, CELL] = [aClassId("a"), aClassId("c")];

/** Two reads, counted in this thread, with the squares that were asked for each time. */
function twoReads() {
  const scene = new Scene();
  const layers = ["r1", "r2"].map((id) => scene.add(id, "read"));
  const asked: string[][] = [];
  const told: number[] = [];
  let fails = false;
  let squares = new LiveSquares([], { classIds: [], rules: [], mpp: null });
  const run: TileRunner = async ({ begin, changes, keys }) => {
    if (fails) {
      fails = false;
      throw new Error("no worker");
    }
    asked.push([...keys]);
    told.push(changes.length);
    if (begin !== null) squares = new LiveSquares(begin.readerKeys, begin.settings);
    squares.change(changes);
    return keys.map((key) => squares.tally(key));
  };
  const live = new LiveAgreement({
    scene,
    readLayerIds: ["r1", "r2"],
    settings: { classIds: [A, CELL], rules: [{ classId: CELL, objects: {} }], mpp: micronPerPx(0.5) },
    classOf: ({ classId }) => classId,
    run,
  });
  const draw = (read: 0 | 1, name: string, x: number, y: number, classId = A) =>
    layers[read]?.put(anAnnotation(name, { classId, geometry: square(x, y, 100) }));
  const failNext = () => {
    fails = true;
  };
  return { live, layers, asked, told, draw, failNext };
}

test("[LVE3] only squares that a stroke met are counted again, and the numbers follow every stroke", async () => {
  const { live, layers, asked, told, draw } = twoReads();
  expect(await live.look()).toBeNull();
  draw(0, "one", 100, 100);
  draw(1, "two", 150, 100);
  draw(0, "far", 5_000, 5_000);
  const first = await live.look();
  expect(asked).toEqual([["0_0", "4_4"]]);
  expect(first?.agreed).toEqual({ defined: true, value: 5_000 / 25_000 });
  expect(first?.classes).toEqual([
    { classId: A, basis: "area", dice: { defined: true, value: 10_000 / 30_000 } },
    { classId: CELL, basis: "object", dice: { defined: false, reason: "class not marked" } },
  ]);
  expect(await live.look()).toBeNull();
  draw(1, "far2", 5_000, 5_000);
  expect((await live.look())?.classes[0]?.dice).toEqual({ defined: true, value: 30_000 / 40_000 });
  expect(asked.at(-1)).toEqual(["4_4"]);
  layers[0]?.remove(anAnnotationId("one"));
  expect((await live.look())?.agreed).toEqual({ defined: true, value: 0.5 });
  expect(asked.at(-1)).toEqual(["0_0"]);
  expect(told).toEqual([3, 1, 1]);
});

test("[LVE3] objects are matched over the edge of a square, and an edit across one makes both dirty", async () => {
  const { live, asked, draw } = twoReads();
  draw(0, "cell", 1_000, 100, CELL);
  draw(1, "cell2", 1_010, 100, CELL);
  const found = await live.look();
  expect(found?.classes[1]).toEqual({ classId: CELL, basis: "object", dice: { defined: true, value: 1 } });
  expect(asked[0]).toContain("0_0");
  expect(asked[0]).toContain("1_0");
  draw(1, "cell2", 1_300, 100, CELL);
  expect((await live.look())?.classes[1]?.dice).toEqual({ defined: true, value: 0 });
});

test("[LVE3] a look under way is not begun twice, and what could not be counted is counted at the next look", async () => {
  const { live, told, draw, failNext } = twoReads();
  failNext();
  draw(0, "early", 3_000, 3_000);
  await expect(live.look()).rejects.toThrow("no worker");
  expect((await live.look())?.agreed).toEqual({ defined: true, value: 0 });
  expect(told).toEqual([1]);
  draw(1, "early", 3_000, 3_000);
  draw(0, "one", 100, 100);
  const looking = live.look();
  draw(1, "two", 100, 100);
  expect(await live.look()).toBeNull();
  await looking;
  expect((await live.look())?.agreed).toEqual({ defined: true, value: 1 });
});
