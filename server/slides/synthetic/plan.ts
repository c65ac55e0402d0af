import { seededRandom } from "#domain/random.ts";
import { chance, fractalNoise, hash2, smoothNoise } from "./noise.ts";
import { depthsOf, TISSUE, type Tissue, type TissueMap, withoutCrumbs } from "./tissue-map.ts";

export type PlanShape = {
  readonly width: number;
  readonly height: number;
  readonly mpp: number;
  readonly seed: number;
};

/** The plan stays below this many vertices a side. */
const MAX_VERTICES = 1_024;
const MIN_CELL_PX = 4;
/** Pieces below this are nobody's to outline, um2. */
const CRUMB_UM2 = 1_600;

/**
 * Draws the plan of a section: an irregular piece of tissue with an invasive tumour in nests, glands, fat, lymphoid
 * aggregates, vessels, and a few vessels that hold tumour (the rare class). All borders are bent by noise.
 */
export function planTissue(shape: PlanShape): TissueMap {
  const cell = cellOf(shape);
  const columns = Math.ceil(shape.width / cell) + 1;
  const rows = Math.ceil(shape.height / cell) + 1;
  const scene = sceneOf(shape);
  const tissue = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      tissue[row * columns + column] = layout(scene, column * cell, row * cell);
    }
  }
  const crumb = CRUMB_UM2 / (cell * shape.mpp) ** 2;
  withoutCrumbs(tissue, columns, crumb);
  addNecrosis(scene, tissue, depthsOf(tissue, columns, rows, cell), columns, cell);
  addSpots(scene, tissue, columns, rows, cell);
  withoutCrumbs(tissue, columns, crumb);
  const grid = { cell, columns, rows, tissue };
  return {
    ...grid,
    depth: depthsOf(
      tissue.map((kind) => (kind === TISSUE.necrosis ? TISSUE.tumour : kind)),
      columns,
      rows,
      cell,
    ),
    flow: layerOf(grid, (x, y) => fractalNoise(x / scene.um(420), y / scene.um(420), shape.seed + 61, 2) * 0.5 + 0.5),
    wash: layerOf(grid, (x, y) => 1 + 0.14 * fractalNoise(x / scene.um(700), y / scene.um(700), shape.seed + 67, 3)),
  };
}

/** Sizes of a scene: `um` turns microns into px; `grand` scales what must shrink on a small slide. */
type Scene = PlanShape & { readonly um: (microns: number) => number; readonly side: number; readonly grand: number };

function sceneOf(shape: PlanShape): Scene {
  const side = Math.min(shape.width, shape.height);
  const um = (microns: number): number => microns / shape.mpp;
  // Full-size structures need about 4 mm; a test slide of half a millimetre gets structures of a third.
  const grand = Math.min(1, Math.max(0.3, (side * shape.mpp) / 4_000));
  return { ...shape, um, side, grand };
}

function cellOf({ width, height }: PlanShape): number {
  let cell = MIN_CELL_PX;
  while (Math.max(width, height) / cell > MAX_VERTICES) cell *= 2;
  return cell;
}

function layerOf(
  { cell, columns, rows }: Pick<TissueMap, "cell" | "columns" | "rows">,
  value: (x: number, y: number) => number,
): Float32Array {
  const layer = new Float32Array(columns * rows);
  for (let at = 0; at < layer.length; at++) layer[at] = value((at % columns) * cell, Math.floor(at / columns) * cell);
  return layer;
}

/** Tissue at a place before necrosis and spots, level-0 px. */
function layout(scene: Scene, x: number, y: number): Tissue {
  const { seed, um, side } = scene;
  const bend = um(46) * (0.5 + scene.grand / 2);
  const px = x + bend * fractalNoise(x / um(150), y / um(150), seed + 1, 4);
  const py = y + bend * fractalNoise(x / um(150), y / um(150), seed + 2, 4);
  if (sectionField(scene, px, py) < 0) return TISSUE.glass;
  const [u, v] = [(px - scene.width / 2) / side, (py - scene.height / 2) / side];
  const wander = fractalNoise(px / (side * 0.19), py / (side * 0.19), seed + 11, 3);
  const fat = v - 0.2 + 0.22 * u + 0.13 * wander;
  if (fat > 0) return fatLobule(scene, px, py, fat) ? TISSUE.adipose : TISSUE.stroma;
  const tumour = 0.27 - Math.hypot(u + 0.17, v + 0.04) + 0.12 * wander;
  if (tumour > 0 && inNest(scene, px, py, tumour)) return TISSUE.tumour;
  const glands = 0.19 - Math.hypot(u - 0.24, (v + 0.16) * 0.9) - 0.08 * wander;
  if (glands > 0 && tumour < -0.02 && inGland(scene, x, y)) return TISSUE.gland;
  return TISSUE.stroma;
}

/** Above zero inside the section: a squarish piece with a ragged edge and a tear. */
function sectionField({ width, height, seed, side, um }: Scene, x: number, y: number): number {
  const [u, v] = [Math.abs(x - width / 2) / (width * 0.455), Math.abs(y - height / 2) / (height * 0.44)];
  const body = 1 - u ** 2.7 - v ** 2.7;
  const edge = 0.24 * fractalNoise(x / (side * 0.28), y / (side * 0.28), seed + 21, 3);
  const ragged = 0.05 * fractalNoise(x / um(60), y / um(60), seed + 23, 3);
  const along = (x - width * 0.57) / (side * 0.5);
  const tear = Math.abs(y - height * (0.06 + 0.03 * smoothNoise(x / (side * 0.1), 0, seed + 25)) - along * side * 0.3);
  const torn = along > 0 && along < 0.42 ? 0.5 * Math.max(0, 1 - tear / (um(20) * (1 - along * 2.2) + um(4))) : 0;
  return body + edge + ragged - torn;
}

/** Fat comes in lobules with septa between them; it thins out towards the rest of the tissue. */
function fatLobule({ seed, um, grand }: Scene, x: number, y: number, amount: number): boolean {
  const size = um(620) * grand;
  const cells = cellsAround(x / size, y / size, seed + 31, 0.8);
  const near = nearest(cells);
  const next = nearest(cells.filter((cell) => cell !== near));
  return (next.distance - near.distance) * size > um(16) + um(26) * Math.max(0, 1 - amount * 14);
}

/**
 * Tumour grows in nests: cells of a Voronoi diagram parted by septa, some of them fused, the septa wider towards the front.
 * `amount` is 0 at the invasive front.
 */
function inNest({ seed, um, grand }: Scene, x: number, y: number, amount: number): boolean {
  const size = Math.max(um(95), um(300) * grand);
  const cells = cellsAround(x / size, y / size, seed + 41, 0.9);
  const near = nearest(cells);
  const sparse = 0.1 + 0.35 * Math.max(0, 1 - amount * 9);
  if (near.chance < sparse) return false;
  const fused = (cell: Cell): boolean => cell.chance > 0.45 && hash2(near.id ^ cell.id, 5, seed) < FUSED;
  const apart = cells.filter((cell) => cell !== near && !fused(cell));
  const septum = um(14) + um(60) * grand * Math.max(0, 1 - amount * 8);
  return (nearest(apart).distance - near.distance) * size > septum * 1.6;
}

/** Share of neighbouring nests that are one, of 2^32. */
const FUSED = 0.38 * 4_294_967_296;

/** Glands of a lobule: round or long, each with its own size. */
function inGland({ seed, um, grand }: Scene, x: number, y: number): boolean {
  const spacing = Math.max(um(88), um(138) * grand);
  const bend = um(16);
  const px = x + bend * fractalNoise(x / um(60), y / um(60), seed + 51, 3);
  const py = y + bend * fractalNoise(x / um(60), y / um(60), seed + 52, 3);
  const [gx, gy] = [Math.floor(px / spacing), Math.floor(py / spacing)];
  for (let row = gy - 1; row <= gy + 1; row++) {
    for (let column = gx - 1; column <= gx + 1; column++) {
      if (chance(column, row, seed + 53) < 0.16) continue;
      const cx = (column + 0.5 + 0.7 * (chance(column, row, seed + 54) - 0.5)) * spacing;
      const cy = (row + 0.5 + 0.7 * (chance(column, row, seed + 55) - 0.5)) * spacing;
      const angle = chance(column, row, seed + 56) * Math.PI;
      const [dx, dy] = [px - cx, py - cy];
      const along = dx * Math.cos(angle) + dy * Math.sin(angle);
      const across = dy * Math.cos(angle) - dx * Math.sin(angle);
      const radius = spacing * (0.25 + 0.16 * chance(column, row, seed + 57));
      const stretch = 1 + 0.35 * chance(column, row, seed + 58);
      if (Math.hypot(along / stretch, across * stretch ** 0.5) < radius) return true;
    }
  }
  return false;
}

type Cell = { readonly id: number; readonly chance: number; readonly distance: number };

/** The seeds around a place of a jittered grid, distances in grid units. Source: Worley 1996, SIGGRAPH. */
function cellsAround(x: number, y: number, seed: number, jitter: number): Cell[] {
  const cells: Cell[] = [];
  const [ix, iy] = [Math.floor(x), Math.floor(y)];
  for (let row = iy - 2; row <= iy + 2; row++) {
    for (let column = ix - 2; column <= ix + 2; column++) {
      const dx = x - column - 0.5 - jitter * (chance(column, row, seed) - 0.5);
      const dy = y - row - 0.5 - jitter * (chance(column, row, seed + 1) - 0.5);
      const distance = Math.hypot(dx, dy);
      if (distance > 2.2) continue;
      cells.push({ id: hash2(column, row, seed + 2), chance: chance(column, row, seed + 3), distance });
    }
  }
  return cells;
}

function nearest(cells: readonly Cell[]): Cell {
  let best: Cell = { id: 0, chance: 0, distance: 9 };
  for (const cell of cells) if (cell.distance < best.distance) best = cell;
  return best;
}

/** The middle of large nests dies. */
function addNecrosis(scene: Scene, tissue: Uint8Array, depth: Float32Array, columns: number, cell: number): void {
  const { um, seed, grand } = scene;
  for (let at = 0; at < tissue.length; at++) {
    if (tissue[at] !== TISSUE.tumour) continue;
    const [x, y] = [(at % columns) * cell, Math.floor(at / columns) * cell];
    const ragged = um(30) * grand * fractalNoise(x / um(70), y / um(70), seed + 71, 3);
    if ((depth[at] ?? 0) + ragged > um(84) * grand) tissue[at] = TISSUE.necrosis;
  }
}

type Spot = { readonly kind: Tissue; readonly radiusUm: number; readonly count: number };
const SPOTS: readonly Spot[] = [
  { kind: TISSUE.lymphoid, radiusUm: 165, count: 3 },
  { kind: TISSUE.invasion, radiusUm: 92, count: 3 },
  { kind: TISSUE.lymphoid, radiusUm: 95, count: 4 },
  { kind: TISSUE.vessel, radiusUm: 62, count: 6 },
  { kind: TISSUE.vessel, radiusUm: 34, count: 8 },
];

/** Aggregates and vessels in the stroma, clear of each other, largest first. */
function addSpots(scene: Scene, tissue: Uint8Array, columns: number, rows: number, cell: number): void {
  const random = seededRandom(scene.seed + 81);
  const depth = depthsOf(tissue, columns, rows, cell);
  const placed: Circle[] = [];
  for (const { kind, radiusUm, count } of SPOTS) {
    for (let spot = 0; spot < count; spot++) {
      const radius = scene.um(radiusUm) * Math.max(0.42, scene.grand) * (0.8 + 0.4 * random());
      const room = (x: number, y: number): boolean =>
        placed.every((other) => Math.hypot(other.x - x, other.y - y) > other.radius + radius * 1.3);
      const place = tightest(tissue, depth, random, radius * 1.15, (at) =>
        room((at % columns) * cell, Math.floor(at / columns) * cell),
      );
      if (place === null) continue;
      const circle = { x: (place % columns) * cell, y: Math.floor(place / columns) * cell, radius };
      placed.push(circle);
      stamp(scene, tissue, { ...circle, columns, rows, cell, kind, tilt: random() * Math.PI });
    }
  }
}

type Circle = { readonly x: number; readonly y: number; readonly radius: number };

/** A stroma vertex with just enough room for the radius around it, so that spots nestle against other structures. */
function tightest(
  tissue: Uint8Array,
  depth: Float32Array,
  random: () => number,
  radius: number,
  free: (at: number) => boolean,
): number | null {
  let best: number | null = null;
  for (let attempt = 0; attempt < 3_000; attempt++) {
    const at = Math.floor(random() * tissue.length);
    if (tissue[at] !== TISSUE.stroma || (depth[at] ?? 0) < radius) continue;
    if (best !== null && (depth[at] ?? 0) >= (depth[best] ?? 0)) continue;
    if (free(at)) best = at;
  }
  return best;
}

type Stamp = {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
  readonly cell: number;
  readonly radius: number;
  readonly kind: Tissue;
  readonly tilt: number;
};

function stamp({ seed, um }: Scene, tissue: Uint8Array, spot: Stamp): void {
  const { cell, columns, rows, radius } = spot;
  const reach = Math.ceil((radius * 1.4) / cell);
  const [cx, cy] = [Math.round(spot.x / cell), Math.round(spot.y / cell)];
  const roughness = spot.kind === TISSUE.lymphoid ? 0.34 : 0.14;
  for (let row = Math.max(0, cy - reach); row <= Math.min(rows - 1, cy + reach); row++) {
    for (let column = Math.max(0, cx - reach); column <= Math.min(columns - 1, cx + reach); column++) {
      const [dx, dy] = [column * cell - spot.x, row * cell - spot.y];
      const along = dx * Math.cos(spot.tilt) + dy * Math.sin(spot.tilt);
      const across = dy * Math.cos(spot.tilt) - dx * Math.sin(spot.tilt);
      const noise = fractalNoise((column * cell) / um(60), (row * cell) / um(60), seed + 91, 4);
      const at = row * columns + column;
      const inside = Math.hypot(along * 0.86, across * 1.14) < radius * (1 + roughness * noise);
      if (inside && tissue[at] === TISSUE.stroma) tissue[at] = spot.kind;
    }
  }
}
