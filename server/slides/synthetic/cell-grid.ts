import { chance, hash2 } from "./noise.ts";

/** Seeds of a jittered grid within one block, level-0 px; the same places whichever block asks. */
export type CellGrid = {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** A random 32-bit number of each cell. */
  readonly id: Uint32Array;
  /** Distances to the nearest seed and the next, and the nearest one's id, of the last place asked for. */
  readonly found: { near: number; next: number; id: number };
  seek(x: number, y: number): void;
};

export type Area = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** @param jitter share of its cell in which a seed may lie, 0 to 1 */
export function cellGrid(area: Area, spacing: number, jitter: number, seed: number): CellGrid {
  const firstColumn = Math.floor(area.left / spacing) - 2;
  const firstRow = Math.floor(area.top / spacing) - 2;
  const columns = Math.ceil(area.width / spacing) + 5;
  const rows = Math.ceil(area.height / spacing) + 5;
  const count = columns * rows;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const id = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    const [column, row] = [firstColumn + (at % columns), firstRow + Math.floor(at / columns)];
    x[at] = (column + 0.5 + jitter * (chance(column, row, seed) - 0.5)) * spacing;
    y[at] = (row + 0.5 + jitter * (chance(column, row, seed + 1) - 0.5)) * spacing;
    id[at] = hash2(column, row, seed + 2);
  }
  const found = { near: 0, next: 0, id: 0 };
  const seek = (px: number, py: number): void => {
    const base = (Math.floor(py / spacing) - firstRow - 1) * columns + Math.floor(px / spacing) - firstColumn - 1;
    let near = 1e9;
    let next = 1e9;
    let nearest = 0;
    for (let step = 0; step < 9; step++) {
      const at = base + (step % 3) + ((step / 3) | 0) * columns;
      const dx = px - (x[at] ?? 0);
      const dy = py - (y[at] ?? 0);
      const square = dx * dx + dy * dy;
      if (square >= next) continue;
      if (square < near) {
        next = near;
        near = square;
        nearest = at;
      } else next = square;
    }
    found.near = Math.sqrt(near);
    found.next = Math.sqrt(next);
    found.id = id[nearest] ?? 0;
  };
  return { count, x, y, id, found, seek };
}

/** The n-th random number in [0, 1) that belongs to a cell. */
export function trait(id: number, n: number): number {
  return hash2(id | 0, n, 977) / 4_294_967_296;
}
