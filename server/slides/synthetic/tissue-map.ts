/** What a place of the slide shows. */
export const TISSUE = {
  glass: 0,
  stroma: 1,
  tumour: 2,
  necrosis: 3,
  gland: 4,
  lymphoid: 5,
  adipose: 6,
  vessel: 7,
  invasion: 8,
} as const;
export type Tissue = (typeof TISSUE)[keyof typeof TISSUE];

/** The slide's plan on a coarse grid: what is where, and how far it is to something else. */
export type TissueMap = {
  /** Level-0 px between two vertices of the grid. */
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  readonly tissue: Uint8Array;
  /** Distance to the nearest vertex of another tissue, level-0 px; tumour and its necrosis count as one. */
  readonly depth: Float32Array;
  /** Which way fibres run, in [0, 1] from the first direction of texture.ts to the last. */
  readonly flow: Float32Array;
  /** How strongly the section took the stain, around 1. */
  readonly wash: Float32Array;
};

/** Tissue at a vertex; beyond the grid, that of its edge. */
export function tissueAt(map: TissueMap, column: number, row: number): number {
  return map.tissue[vertexAt(map, column, row)] ?? TISSUE.glass;
}

export function vertexAt({ columns, rows }: Pick<TissueMap, "columns" | "rows">, column: number, row: number): number {
  const x = Math.min(columns - 1, Math.max(0, column));
  return Math.min(rows - 1, Math.max(0, row)) * columns + x;
}

/** Bilinear value of a layer of the map at a place in level-0 px. */
export function layerAt(map: TissueMap, layer: Float32Array, x: number, y: number): number {
  const ix = Math.floor(x / map.cell);
  const iy = Math.floor(y / map.cell);
  const fx = x / map.cell - ix;
  const fy = y / map.cell - iy;
  const top = mix(layer[vertexAt(map, ix, iy)] ?? 0, layer[vertexAt(map, ix + 1, iy)] ?? 0, fx);
  const bottom = mix(layer[vertexAt(map, ix, iy + 1)] ?? 0, layer[vertexAt(map, ix + 1, iy + 1)] ?? 0, fx);
  return mix(top, bottom, fy);
}

/** The tissue of the nine vertices around (column, row) where they agree, otherwise null. */
export function tissueAround(map: TissueMap, column: number, row: number): number | null {
  const middle = tissueAt(map, column, row);
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) if (tissueAt(map, column + dx, row + dy) !== middle) return null;
  }
  return middle;
}

/**
 * Tissue at a place in level-0 px: the one with the most weight among the nine vertices around it, which rounds the steps
 * of the grid. Source: quadratic B-spline.
 */
export function tissueNear(map: TissueMap, x: number, y: number): number {
  const gx = x / map.cell;
  const gy = y / map.cell;
  const column = Math.round(gx);
  const row = Math.round(gy);
  const uniform = tissueAround(map, column, row);
  if (uniform !== null) return uniform;
  VOTES.fill(0);
  let best: number = TISSUE.glass;
  for (let at = 0; at < 9; at++) {
    const dx = (at % 3) - 1;
    const dy = ((at / 3) | 0) - 1;
    const tissue = tissueAt(map, column + dx, row + dy);
    VOTES[tissue] = (VOTES[tissue] ?? 0) + spline(gx - column - dx) * spline(gy - row - dy);
    if ((VOTES[tissue] ?? 0) > (VOTES[best] ?? 0)) best = tissue;
  }
  return best;
}

/** Kept between calls because this runs for every pixel near a border. */
const VOTES = new Float64Array(16);

/** Weight of a vertex at a distance in cells, which is at most 1.5. */
function spline(distance: number): number {
  const far = Math.abs(distance);
  return far < 0.5 ? 0.75 - far * far : 0.5 * (1.5 - far) ** 2;
}

/** Direction away from the nearest border (uphill in depth), as a unit vector; [0, 0] on flat ground. */
export function inward(map: TissueMap, x: number, y: number): readonly [number, number] {
  const step = map.cell * 1.5;
  const dx = layerAt(map, map.depth, x + step, y) - layerAt(map, map.depth, x - step, y);
  const dy = layerAt(map, map.depth, x, y + step) - layerAt(map, map.depth, x, y - step);
  const length = Math.hypot(dx, dy);
  return length < 1e-6 ? [0, 0] : [dx / length, dy / length];
}

/**
 * Distance of each vertex to the nearest one of another kind, in level-0 px, slightly smoothed.
 * Source: Borgefors 1986, chamfer 3-4.
 */
export function depthsOf(kinds: Uint8Array, columns: number, rows: number, cell: number): Float32Array {
  const depth = new Float32Array(kinds.length).fill(1e9);
  const grid = { kinds, depth, columns };
  const count = columns * rows;
  for (let at = 0; at < count; at++) relaxFrom(grid, at, 1, at >= columns);
  for (let at = count - 1; at >= 0; at--) relaxFrom(grid, at, -1, at < count - columns);
  return blurred(depth, columns, rows).map((value) => (value * cell) / 3);
}

type DepthGrid = { readonly kinds: Uint8Array; readonly depth: Float32Array; readonly columns: number };

/** Takes what the four neighbours already passed offer; `way` is 1 on the way down and -1 on the way up. */
function relaxFrom(grid: DepthGrid, at: number, way: 1 | -1, hasRow: boolean): void {
  const { columns } = grid;
  const column = at % columns;
  const [atStart, atEnd] = way === 1 ? [column === 0, column === columns - 1] : [column === columns - 1, column === 0];
  if (!atStart) relax(grid, at, at - way, 3);
  if (!hasRow) return;
  relax(grid, at, at - way * columns, 3);
  if (!atStart) relax(grid, at, at - way * (columns + 1), 4);
  if (!atEnd) relax(grid, at, at - way * (columns - 1), 4);
}

function relax({ kinds, depth }: DepthGrid, at: number, from: number, cost: number): void {
  const reach = kinds[at] === kinds[from] ? (depth[from] ?? 0) + cost : cost / 2;
  if (reach < (depth[at] ?? 0)) depth[at] = reach;
}

/** Pieces of fewer vertices than `minVertices` become what lies around them: tumour for necrosis, stroma for the rest. */
export function withoutCrumbs(kinds: Uint8Array, columns: number, minVertices: number): void {
  const seen = new Uint8Array(kinds.length);
  for (let start = 0; start < kinds.length; start++) {
    if (seen[start] === 1) continue;
    const piece = floodFrom(kinds, seen, columns, start);
    const kind = kinds[start] ?? 0;
    if (kind === TISSUE.glass || kind === TISSUE.stroma || piece.length >= minVertices) continue;
    for (const at of piece) kinds[at] = kind === TISSUE.necrosis ? TISSUE.tumour : TISSUE.stroma;
  }
}

function floodFrom(kinds: Uint8Array, seen: Uint8Array, columns: number, start: number): number[] {
  const kind = kinds[start];
  const piece = [start];
  seen[start] = 1;
  for (let next = 0; next < piece.length; next++) {
    const at = piece[next] ?? 0;
    const column = at % columns;
    for (const step of [-1, 1, -columns, columns]) {
      if ((step === -1 && column === 0) || (step === 1 && column === columns - 1)) continue;
      const to = at + step;
      if (to < 0 || to >= kinds.length || seen[to] === 1 || kinds[to] !== kind) continue;
      seen[to] = 1;
      piece.push(to);
    }
  }
  return piece;
}

function blurred(values: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) sum += values[vertexAt({ columns, rows }, x + dx, y + dy)] ?? 0;
      }
      out[y * columns + x] = sum / 9;
    }
  }
  return out;
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
