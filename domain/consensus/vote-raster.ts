import { voteEntropy } from "#domain/agreement.ts";
import { type Bbox, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { Kept, type Memory } from "./memory.ts";
import type { Part } from "./partition.ts";

/** Where the reads differ and how much, one byte a cell, row by row from the top: 0 all agree, 255 as different as can be. */
export type VoteRaster = {
  readonly cellPx: number;
  readonly columns: number;
  readonly rows: number;
  /** Level-0 px of the corner of the first cell. */
  readonly originX: number;
  readonly originY: number;
  readonly entropy: Uint8Array;
};

const MIN_CELL_PX = 8;
const MAX_CELLS_ACROSS = 1024;

type Stack = Part["outlines"];

const CELLS = new Kept<Uint16Array>();

type Counted = { readonly labels: readonly Uint16Array[]; readonly entropy: Uint8Array };

const LAST = new Kept<Counted>();

/**
 * Spread of the votes at the middle of each cell of a grid over all that was marked. Where nothing was: an empty raster.
 * @param stacks per read its outlines as they lie on one another, from the lowest
 */
export function voteRaster(stacks: readonly Stack[], categories: number, memory: Memory): VoteRaster {
  const box = boxOf(stacks);
  if (box === null)
    return { cellPx: MIN_CELL_PX, columns: 0, rows: 0, originX: 0, originY: 0, entropy: new Uint8Array() };
  const across = Math.max(box.maxX - box.minX, box.maxY - box.minY);
  const cellPx = Math.max(MIN_CELL_PX, Math.ceil(across / MAX_CELLS_ACROSS));
  const grid = {
    cellPx,
    originX: Math.floor(box.minX),
    originY: Math.floor(box.minY),
    columns: Math.ceil((box.maxX - Math.floor(box.minX)) / cellPx),
    rows: Math.ceil((box.maxY - Math.floor(box.minY)) / cellPx),
  };
  const labels = stacks.map((stack) =>
    CELLS.of(memory, `${memory.name(stack)} ${Object.values(grid).join()}`, () => painted(stack, grid)),
  );
  const name = `${categories} ${Object.values(grid).join()}`;
  const before = LAST.find(memory, name);
  const entropy = entropies(labels, categories, grid.columns * grid.rows, before);
  LAST.set(memory, name, { labels, entropy });
  // Whoever gets it may hand its memory over.
  return { ...grid, entropy: entropy.slice() };
}

function painted(stack: Stack, grid: Grid): Uint16Array {
  const crossings = Array.from({ length: grid.rows }, (): number[] => []);
  const cells = new Uint16Array(grid.columns * grid.rows);
  for (const { label, geometry } of stack) {
    for (const polygon of polygonsOf(geometry)) fill(polygon, label, cells, grid, crossings);
  }
  return cells;
}

function boxOf(stacks: readonly Stack[]): Bbox | null {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const stack of stacks) {
    for (const { bbox } of stack) {
      minX = Math.min(minX, bbox.minX);
      minY = Math.min(minY, bbox.minY);
      maxX = Math.max(maxX, bbox.maxX);
      maxY = Math.max(maxY, bbox.maxY);
    }
  }
  return minX > maxX ? null : { minX, minY, maxX, maxY };
}

type Grid = Omit<VoteRaster, "entropy">;

/**
 * Gives a label to the cells whose middle lies in a polygon, by the even-odd rule along each row.
 * @param crossings a list for each row of the grid, empty before and after
 */
function fill(polygon: Polygon, label: number, cells: Uint16Array, grid: Grid, crossings: readonly number[][]): void {
  let [top, bottom] = [grid.rows, 0];
  for (const ring of polygon) {
    let from = ring.at(-1) ?? [0, 0];
    for (const to of ring) {
      const first = Math.max(0, rowAfter(Math.min(from[1], to[1]), grid));
      const end = Math.min(grid.rows, rowAfter(Math.max(from[1], to[1]), grid));
      for (let row = first; row < end; row++) {
        const y = grid.originY + (row + 0.5) * grid.cellPx;
        crossings[row]?.push(from[0] + ((y - from[1]) * (to[0] - from[0])) / (to[1] - from[1]));
      }
      if (first < end) {
        top = Math.min(top, first);
        bottom = Math.max(bottom, end);
      }
      from = to;
    }
  }
  for (let row = top; row < bottom; row++) {
    const xs = crossings[row] ?? [];
    fillRow(xs, label, cells, row * grid.columns, grid);
    xs.length = 0;
  }
}

function fillRow(xs: number[], label: number, cells: Uint16Array, start: number, grid: Grid): void {
  if (xs.length > 2) xs.sort((a, b) => a - b);
  for (let index = 1; index < xs.length; index += 2) {
    const one = columnAfter(xs[index - 1] ?? 0, grid);
    const other = columnAfter(xs[index] ?? 0, grid);
    cells.fill(label, start + Math.min(one, other), start + Math.max(one, other));
  }
}

/** The first row, and column, whose middle lies at or after a place. */
function rowAfter(y: number, { originY, cellPx }: Grid): number {
  return Math.ceil((y - originY) / cellPx - 0.5);
}

function columnAfter(x: number, { originX, cellPx, columns }: Grid): number {
  return Math.max(0, Math.min(columns, Math.ceil((x - originX) / cellPx - 0.5)));
}

/** @param before the same of earlier reads: only where one that has changed says something else is it counted again */
function entropies(
  labels: readonly Uint16Array[],
  categories: number,
  count: number,
  before: Counted | null,
): Uint8Array {
  const entropy = before?.entropy.slice() ?? new Uint8Array(count);
  const isNew = before === null ? null : changedCells(labels, before.labels, count);
  const entropyOf = entropyIn(labels, categories);
  for (let cell = 0; cell < count; cell++) {
    if (isNew === null || isNew[cell] === 1) entropy[cell] = entropyOf(cell);
  }
  return entropy;
}

function entropyIn(labels: readonly Uint16Array[], categories: number): (cell: number) => number {
  const known = new Map<number, number>();
  const [first = new Uint16Array(), ...others] = labels;
  return (cell) => {
    let isSplit = false;
    let key = first[cell] ?? 0;
    for (const cells of others) {
      if (cells[cell] !== first[cell]) isSplit = true;
      key = key * categories + (cells[cell] ?? 0);
    }
    return isSplit ? (known.get(key) ?? entropyAt(labels, categories, cell, key, known)) : 0;
  };
}

/** 1 for each cell where some read says something else than before. */
function changedCells(labels: readonly Uint16Array[], before: readonly Uint16Array[], count: number): Uint8Array {
  const isNew = new Uint8Array(count);
  for (const [read, cells] of labels.entries()) {
    const former = before[read];
    if (former === cells) continue;
    for (let cell = 0; cell < count; cell++) if (cells[cell] !== former?.[cell]) isNew[cell] = 1;
  }
  return isNew;
}

/** @param key of the combination of votes; with very many readers too large to stand for it */
function entropyAt(
  labels: readonly Uint16Array[],
  categories: number,
  cell: number,
  key: number,
  known: Map<number, number>,
): number {
  const votes = labels.map((cells) => cells[cell] ?? 0);
  const value = Math.round(255 * voteEntropy(votes, categories));
  if (Number.isSafeInteger(key)) known.set(key, value);
  return value;
}
