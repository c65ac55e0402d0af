import type { Bbox } from "#domain/annotation.ts";

/** Square cells over a slide, row by row from the upper left; those at the right and lower edge are cut. Level-0 px. */
export type ScreenGrid = {
  readonly cellPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
};

/** A set of cells: a bit for each, the lowest bit of the first byte for the first cell. */
export type Cells = Uint8Array;

const CELL_PX = 512;
/** 8 KiB of bits. */
const MOST_CELLS = 65_536;

/** The grid of a slide depends on its size alone: cells of 512 px, or as many times two as it takes to stay below 65,536. */
export function screenGridOf({ width, height }: { readonly width: number; readonly height: number }): ScreenGrid {
  let cellPx = CELL_PX;
  while (Math.ceil(width / cellPx) * Math.ceil(height / cellPx) > MOST_CELLS) cellPx *= 2;
  return { cellPx, columns: Math.ceil(width / cellPx), rows: Math.ceil(height / cellPx), width, height };
}

export function cellCount({ columns, rows }: ScreenGrid): number {
  return columns * rows;
}

export function cellBox({ cellPx, columns, width, height }: ScreenGrid, cell: number): Bbox {
  const [minX, minY] = [(cell % columns) * cellPx, Math.floor(cell / columns) * cellPx];
  return { minX, minY, maxX: Math.min(width, minX + cellPx), maxY: Math.min(height, minY + cellPx) };
}

/** Area of a cell on the slide, px2. */
export function sizeOfCell(grid: ScreenGrid, cell: number): number {
  const { minX, minY, maxX, maxY } = cellBox(grid, cell);
  return (maxX - minX) * (maxY - minY);
}

/** A set of these cells; without any, the empty set. */
export function cellsOf(grid: ScreenGrid, cells: Iterable<number> = []): Cells {
  const set = new Uint8Array(Math.ceil(cellCount(grid) / 8));
  addCells(set, cells);
  return set;
}

export function addCells(set: Cells, cells: Iterable<number>): void {
  for (const cell of cells) set[cell >> 3] = (set[cell >> 3] ?? 0) | (1 << (cell & 7));
}

export function hasCell(set: Cells, cell: number): boolean {
  return (((set[cell >> 3] ?? 0) >> (cell & 7)) & 1) === 1;
}

/** @returns a new set, as long as the longer of the two */
export function unionOfCells(a: Cells, b: Cells): Cells {
  const union = Uint8Array.from(a.length >= b.length ? a : b);
  for (const [place, byte] of (a.length >= b.length ? b : a).entries()) union[place] = (union[place] ?? 0) | byte;
  return union;
}

/** Cells that lie wholly in a box, as far as they are on the slide. */
export function cellsIn(grid: ScreenGrid, { minX, minY, maxX, maxY }: Bbox): number[] {
  const { cellPx, width, height } = grid;
  const last = (edge: number, size: number, count: number) => (edge >= size ? count : Math.floor(edge / cellPx)) - 1;
  const box = {
    left: Math.max(0, Math.ceil(minX / cellPx)),
    top: Math.max(0, Math.ceil(minY / cellPx)),
    right: last(maxX, width, grid.columns),
    bottom: last(maxY, height, grid.rows),
  };
  return cellsBetween(grid, box);
}

/** Cells that a box touches with more than its edge; of a point or a line, those that it lies in. */
export function cellsTouched(grid: ScreenGrid, { minX, minY, maxX, maxY }: Bbox): number[] {
  const { cellPx } = grid;
  const first = (edge: number) => Math.max(0, Math.floor(edge / cellPx));
  const last = (from: number, edge: number) => Math.max(first(from), Math.ceil(edge / cellPx) - 1);
  const box = { left: first(minX), top: first(minY), right: last(minX, maxX), bottom: last(minY, maxY) };
  return cellsBetween(grid, box);
}

type Range = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

function cellsBetween({ columns, rows }: ScreenGrid, { left, top, right, bottom }: Range): number[] {
  const cells: number[] = [];
  for (let row = top; row <= Math.min(bottom, rows - 1); row++) {
    for (let column = left; column <= Math.min(right, columns - 1); column++) cells.push(row * columns + column);
  }
  return cells;
}

export function cellsToBase64(set: Cells): string {
  let text = "";
  for (const byte of set) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @returns null for what is no set of cells of this grid: no base64, another length, or bits beyond the last cell */
export function cellsFromBase64(grid: ScreenGrid, text: string): Cells | null {
  if (!BASE64.test(text)) return null;
  const set = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const count = cellCount(grid);
  if (set.length !== Math.ceil(count / 8)) return null;
  for (let cell = count; cell < 8 * set.length; cell++) if (hasCell(set, cell)) return null;
  return set;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
