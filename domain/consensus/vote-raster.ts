import { voteEntropy } from "#domain/agreement.ts";
import type { Bbox, Polygon } from "#domain/annotation.ts";
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

/** Spread of the votes at the middle of each cell of a grid over a box (all that was marked). Null box: an empty raster. */
export function voteRaster(parts: readonly Part[], categories: number, box: Bbox | null): VoteRaster {
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
  const labels = parts.map((part) => {
    const cells = new Uint16Array(grid.columns * grid.rows);
    for (const { label, polygon } of part.pieces) fill(polygon, label, cells, grid);
    return cells;
  });
  return { ...grid, entropy: entropies(labels, categories, grid.columns * grid.rows) };
}

type Grid = Omit<VoteRaster, "entropy">;

/** Gives a label to the cells whose middle lies in a polygon, by the even-odd rule along each row. */
function fill(polygon: Polygon, label: number, cells: Uint16Array, grid: Grid): void {
  const crossings = new Map<number, number[]>();
  for (const ring of polygon) {
    let [fromX, fromY] = ring.at(-1) ?? [0, 0];
    for (const [toX, toY] of ring) {
      const [top, bottom] = [Math.min(fromY, toY), Math.max(fromY, toY)];
      const first = Math.max(0, Math.ceil((top - grid.originY) / grid.cellPx - 0.5));
      const end = Math.min(grid.rows, Math.ceil((bottom - grid.originY) / grid.cellPx - 0.5));
      for (let row = first; row < end; row++) {
        const y = grid.originY + (row + 0.5) * grid.cellPx;
        const x = fromX + ((y - fromY) * (toX - fromX)) / (toY - fromY);
        const known = crossings.get(row);
        if (known === undefined) crossings.set(row, [x]);
        else known.push(x);
      }
      fromX = toX;
      fromY = toY;
    }
  }
  const column = (x: number) => Math.max(0, Math.min(grid.columns, Math.ceil((x - grid.originX) / grid.cellPx - 0.5)));
  for (const [row, xs] of crossings) {
    xs.sort((a, b) => a - b);
    for (let index = 1; index < xs.length; index += 2) {
      const [left = 0, right = 0] = [xs[index - 1], xs[index]];
      cells.fill(label, row * grid.columns + column(left), row * grid.columns + column(right));
    }
  }
}

function entropies(labels: readonly Uint16Array[], categories: number, count: number): Uint8Array {
  const entropy = new Uint8Array(count);
  const known = new Map<string, number>();
  const [first, ...others] = labels;
  for (let cell = 0; cell < count; cell++) {
    if (others.every((cells) => cells[cell] === first?.[cell])) continue;
    const votes = labels.map((cells) => cells[cell] ?? 0);
    const key = votes.join();
    let value = known.get(key);
    if (value === undefined) {
      value = Math.round(255 * voteEntropy(votes, categories));
      known.set(key, value);
    }
    entropy[cell] = value;
  }
  return entropy;
}
