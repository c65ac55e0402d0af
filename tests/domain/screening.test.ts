import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Dwell } from "#client/dwell.ts";
import {
  candidateClasses,
  cellBox,
  cellCount,
  cellsFromBase64,
  cellsIn,
  cellsOf,
  cellsToBase64,
  cellsTouched,
  hasCell,
  nextCell,
  screenGridOf,
  screeningOrder,
  seenOf,
  unionOfCells,
  unsignedClasses,
  workingScale,
} from "#domain/screening.ts";
import { aClass, aClassId } from "#tests/support/builders.ts";

const grid = screenGridOf({ width: 2_000, height: 1_200 });
const slides = fc.record({ width: fc.integer({ min: 1, max: 300_000 }), height: fc.integer({ min: 1, max: 300_000 }) });

describe("the screening grid", () => {
  test("[SCR1] covers any slide once, with cells of 512 px or as many times two as keeps them below 65,536", () => {
    expect(grid).toMatchObject({ cellPx: 512, columns: 4, rows: 3 });
    fc.assert(
      fc.property(slides, (slide) => {
        const made = screenGridOf(slide);
        expect(cellCount(made)).toBeLessThanOrEqual(65_536);
        expect(Math.log2(made.cellPx / 512) % 1).toBe(0);
        const last = cellBox(made, cellCount(made) - 1);
        expect([last.maxX, last.maxY]).toEqual([slide.width, slide.height]);
        expect(last.maxX - last.minX).toBeGreaterThan(0);
      }),
    );
  });

  test("[SCR2] a cell is seen when all of it that is on the slide is in view, as a slow look at each cell says", () => {
    const corner = fc.tuple(fc.integer({ min: -600, max: 2_400 }), fc.integer({ min: -600, max: 1_600 }));
    fc.assert(
      fc.property(corner, corner, ([ax, ay], [bx, by]) => {
        const view = { minX: Math.min(ax, bx), minY: Math.min(ay, by), maxX: Math.max(ax, bx), maxY: Math.max(ay, by) };
        const slow = Array.from({ length: cellCount(grid) }, (_, cell) => cell).filter((cell) => {
          const box = cellBox(grid, cell);
          return box.minX >= view.minX && box.minY >= view.minY && box.maxX <= view.maxX && box.maxY <= view.maxY;
        });
        expect(cellsIn(grid, view)).toEqual(slow);
      }),
    );
    expect(cellsTouched(grid, { minX: 500, minY: 0, maxX: 512, maxY: 513 })).toEqual([0, 4]);
    expect(cellsTouched(grid, { minX: 512, minY: 10, maxX: 512, maxY: 10 })).toEqual([1]);
  });

  test("[SCR3] a set of cells is read back as it was written, and what is none of this slide is refused", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 11 })), (cells) => {
        const set = cellsOf(grid, cells);
        expect(cellsFromBase64(grid, cellsToBase64(set))).toEqual(set);
        expect(Array.from({ length: 12 }, (_, cell) => cell).filter((cell) => hasCell(set, cell))).toEqual(
          [...cells].sort((a, b) => a - b),
        );
      }),
    );
    for (const text of ["", "AA==", "AAAA", "//8=", "~~~~", "AA A"]) expect(cellsFromBase64(grid, text)).toBeNull();
    expect(unionOfCells(new Uint8Array(), cellsOf(grid, [9]))).toEqual(cellsOf(grid, [9]));
  });

  test("[SCR4] the share that is seen weighs cells by their area on the slide, within the tissue where it is known", () => {
    expect(seenOf(grid, null, cellsOf(grid)).share).toBe(0);
    expect(seenOf(grid, null, cellsOf(grid, [3])).areaPx).toBe((2_000 - 3 * 512) * 512);
    expect(seenOf(grid, cellsOf(grid, [0, 1]), cellsOf(grid, [1, 5]))).toEqual({
      share: 0.5,
      areaPx: 512 * 512,
      cells: 1,
      of: 2,
    });
    expect(seenOf(grid, cellsOf(grid), cellsOf(grid)).share).toBe(1);
  });

  test("[SCR5] working magnification is 10x, one micron per screen pixel, unless the study asks for another", () => {
    expect(workingScale({ mpp: 0.5, objective: 40 }, null)).toBe(0.5);
    expect(workingScale({ mpp: 0.25, objective: null }, 20)).toBe(0.5);
    expect(workingScale({ mpp: null, objective: 40 }, null)).toBe(0.25);
    expect(workingScale({ mpp: null, objective: null }, null)).toBe(0.5);
  });
});

describe("the way through a slide", () => {
  const none = cellsOf(grid);
  test("[SCR6] leads to candidates first, then through the rest of the tissue to and fro, past what was seen", () => {
    const open = { tissue: null, seen: cellsOf(grid, [5]), candidates: cellsOf(grid, [6, 9]) };
    expect(screeningOrder(grid, open)).toEqual([6, 9, 0, 1, 2, 3, 7, 4, 8, 10, 11]);
    expect(screeningOrder(grid, { ...open, tissue: cellsOf(grid, [0]) })).toEqual([6, 9, 0]);
  });

  test("[SCR7] goes on from where one was, round to the beginning, until nothing is left", () => {
    const open = { tissue: null, seen: none, candidates: cellsOf(grid, [6]) };
    expect(nextCell(grid, open, null)).toBe(6);
    expect(nextCell(grid, open, 6)).toBe(0);
    expect(nextCell(grid, open, 3)).toBe(7);
    expect(nextCell(grid, open, 11)).toBe(6);
    expect(nextCell(grid, open, 6, -1)).toBe(11);
    const all = cellsOf(
      grid,
      Array.from({ length: 12 }, (_, cell) => cell),
    );
    expect(nextCell(grid, { ...open, seen: all }, 3)).toBeNull();
    const visited: number[] = [];
    let seen = none;
    for (let cell = nextCell(grid, open, null); cell !== null; cell = nextCell(grid, { ...open, seen }, cell)) {
      visited.push(cell);
      seen = unionOfCells(seen, cellsOf(grid, [cell]));
    }
    expect(visited).toEqual(screeningOrder(grid, open));
  });

  test("[SCR8] candidates are the class above, look-alikes of either side and the neighbours of what was broadened", () => {
    const classes = [
      aClass("a", { lookAlikes: [aClassId("b")] }),
      aClass("b"),
      aClass("c", { parentId: aClassId("d"), lookAlikes: [aClassId("e")] }),
      aClass("d"),
      aClass("e"),
      aClass("f", { lookAlikes: [aClassId("c")] }),
    ];
    const of = (name: string) => [...candidateClasses([aClassId(name)], classes, [])].sort();
    expect(of("a")).toEqual([aClassId("b")]);
    expect(of("b")).toEqual([aClassId("a")]);
    expect(of("c")).toEqual([aClassId("d"), aClassId("e"), aClassId("f")]);
    const broadened = { kind: "broaden" as const, classId: aClassId("b"), neighbours: [aClassId("d"), aClassId("b")] };
    expect([...candidateClasses([aClassId("b")], classes, [broadened])].sort()).toEqual([aClassId("a"), aClassId("d")]);
    expect([...candidateClasses([aClassId("a")], classes, [broadened])]).toEqual([aClassId("b")]);
  });

  test("[SCR9] what is signed for under the version or a later one need not be signed for again", () => {
    const task = { version: 3, classIds: [aClassId("a"), aClassId("b")] };
    expect(unsignedClasses(task, [{ version: 2, classIds: task.classIds }])).toEqual(task.classIds);
    expect(unsignedClasses(task, [{ version: 4, classIds: [aClassId("a")] }])).toEqual([aClassId("b")]);
  });
});

test("[SCR10] a cell that only goes by is not seen; one that stays in view, also in a moving one, is, once", () => {
  const dwell = new Dwell(400);
  expect(dwell.look([1, 2], 0)).toEqual([]);
  expect(dwell.look([2, 3], 300)).toEqual([]);
  expect(dwell.look([3], 450)).toEqual([2]);
  expect(dwell.settle(690)).toEqual([]);
  expect(dwell.settle(700)).toEqual([3]);
  expect(dwell.settle(2_000)).toEqual([]);
  expect(dwell.look([1], 2_000)).toEqual([]);
  expect(dwell.look([], 2_300)).toEqual([]);
  expect(dwell.look([1], 2_400)).toEqual([]);
  expect(dwell.settle(2_700)).toEqual([]);
  expect(dwell.settle(2_800)).toEqual([1]);
});
