import { type CellGrid, cellGrid, trait } from "./cell-grid.ts";
import { grain, sample, smoothstep } from "./noise.ts";
import type { Block } from "./stain.ts";
import { fibreAt, type Textures } from "./texture.ts";
import { layerAt, TISSUE, type TissueMap, tissueAround, tissueNear, vertexAt } from "./tissue-map.ts";

/** What painters share; sizes by `um`, which turns microns into px. */
export type Palette = {
  readonly map: TissueMap;
  readonly textures: Textures;
  readonly seed: number;
  readonly um: (microns: number) => number;
};

/** Seeds of the cells within one block, used for cytoplasm here and for nuclei in nuclei.ts. */
export type BlockCells = { readonly tumour: CellGrid; readonly fat: CellGrid };

export const TUMOUR_SPACING_UM = 11;

export function blockCells({ um, seed }: Palette, block: Block): BlockCells {
  return {
    tumour: cellGrid(block, um(TUMOUR_SPACING_UM), 0.72, seed + 301),
    fat: cellGrid(block, um(62), 0.74, seed + 311),
  };
}

/** A place to paint: index in the block, level-0 px, and what the map says there. */
type Place = { at: number; x: number; y: number; depth: number; flow: number; wash: number };
type Painter = (palette: Palette, cells: BlockCells, block: Block, place: Place) => void;

/** Lays cytoplasm, fibres and empty spaces of a whole block; nuclei come on top. */
export function paintGround(palette: Palette, cells: BlockCells, block: Block): void {
  const place: Place = { at: 0, x: 0, y: 0, depth: 0, flow: 0, wash: 0 };
  const { cell } = palette.map;
  for (let row = 0; row < block.height; row++) {
    place.y = block.top + row;
    for (let column = 0; column < block.width; ) {
      const vertex = Math.round((block.left + column) / cell);
      const end = Math.min(block.width, Math.max(column + 1, Math.ceil((vertex + 0.5) * cell) - block.left));
      place.at = row * block.width + column;
      place.x = block.left + column;
      paintRun(palette, cells, block, place, vertex, end - column);
      column = end;
    }
  }
}

/** Paints some pixels of a row, all nearest to one column of the map. */
function paintRun(
  palette: Palette,
  cells: BlockCells,
  block: Block,
  place: Place,
  vertex: number,
  count: number,
): void {
  const { map } = palette;
  const tissue = tissueAround(map, vertex, Math.round(place.y / map.cell));
  const paint = tissue === null ? null : (PAINTERS[tissue] ?? null);
  const flat = tissue !== null && FLAT.has(tissue);
  readWide(map, vertex, place);
  for (let step = 0; step < count; step++) {
    if (!flat) place.depth = layerAt(map, map.depth, place.x, place.y);
    (paint ?? painterNear(palette, place.x, place.y))(palette, cells, block, place);
    place.at++;
    place.x++;
  }
}

/** Borders waver by a few px where the grid of the map would show. */
function painterNear({ map, textures }: Palette, x: number, y: number): Painter {
  const waver = map.cell * 0.8;
  const dx = waver * (sample(textures.soft, x * 1.4, y * 1.4) - 0.5);
  const dy = waver * (sample(textures.soft, x * 1.4 + 211, y * 1.4 + 83) - 0.5);
  return PAINTERS[tissueNear(map, x + dx, y + dy)] ?? paintGlass;
}

/** Direction and wash change so slowly that the nearest vertex will do. */
function readWide(map: TissueMap, column: number, place: Place): void {
  const vertex = vertexAt(map, column, Math.round(place.y / map.cell));
  place.flow = map.flow[vertex] ?? 0;
  place.wash = map.wash[vertex] ?? 1;
}

function lay(block: Block, at: number, haematoxylin: number, eosin: number): void {
  block.haematoxylin[at] = haematoxylin;
  block.eosin[at] = eosin;
}

function paintGlass({ textures }: Palette, _cells: BlockCells, block: Block, { at, x, y }: Place): void {
  lay(block, at, 0.004 + 0.008 * grain(textures.cloud, x >> 2, y >> 2), 0.004);
}

/** Collagen in wavy bundles, pale clefts between them. */
function paintStroma({ textures }: Palette, _cells: BlockCells, block: Block, { at, x, y, flow, wash }: Place): void {
  const bundle = fibreAt(textures, flow, x, y, 0.42);
  const strand = fibreAt(textures, flow, x, y, 1.35);
  const cloud = sample(textures.cloud, x * 0.22, y * 0.22);
  const cleft = smoothstep(0.04, 0.16, bundle + 0.14 * (strand - 0.5));
  const dense = 0.14 + 0.32 * bundle + 0.34 * (strand - 0.4) + 0.24 * cloud;
  lay(block, at, (0.05 + 0.07 * (1 - cloud) * strand) * cleft, Math.max(0.02, dense * wash * (0.1 + 0.9 * cleft)));
}

/** Cytoplasm of tumour cells with their borders; the nest shrinks a little from the stroma around it. */
function paintTumour(palette: Palette, cells: BlockCells, block: Block, place: Place): void {
  const { textures, um } = palette;
  const { at, x, y, depth, wash } = place;
  const mottle = sample(textures.soft, x, y);
  const wide = sample(textures.cloud, x * 0.6 + 77, y * 0.6);
  const gap = um(9) * Math.max(0, wide - 0.55);
  const shrunk = gap <= 0 ? 1 : smoothstep(gap - um(0.6), gap + um(0.8), depth);
  cells.tumour.seek(x + 5 * mottle, y + 5 * sample(textures.soft, x + 190, y + 60));
  const { near, next, id } = cells.tumour.found;
  const border = 1 - smoothstep(um(0.5), um(1.6), next - near);
  const tint = trait(id, 1);
  const haematoxylin = 0.2 + 0.14 * tint + 0.12 * (mottle - 0.5) + 0.06 * (wide - 0.5);
  const eosin = 0.34 + 0.16 * (1 - tint) + 0.16 * (mottle - 0.5) - 0.1 * border;
  lay(
    block,
    at,
    haematoxylin * wash * (1 - 0.35 * border) * shrunk,
    Math.max(0.02, eosin * wash * (0.08 + 0.92 * shrunk)),
  );
}

/** Dead tumour: pink, granular, without cells. */
function paintNecrosis({ textures }: Palette, _cells: BlockCells, block: Block, place: Place): void {
  const { at, x, y, wash } = place;
  const mottle = sample(textures.soft, x * 0.7, y * 0.7);
  const speck = grain(textures.fine, x, y);
  const wide = sample(textures.cloud, x * 0.5, y * 0.5 + 99);
  const hole = smoothstep(0.1, 0.24, mottle);
  const haematoxylin = 0.05 + 0.16 * mottle * wide + 0.05 * speck;
  lay(
    block,
    at,
    haematoxylin * hole,
    (0.34 + 0.3 * wide + 0.22 * (mottle - 0.5) + 0.14 * (speck - 0.5)) * wash * (0.15 + 0.85 * hole),
  );
}

export const GLAND_WALL_UM = 21;

/** Tall cells around a lumen: pale where they hold mucin, a pink edge towards the lumen. */
function paintGland({ textures, um }: Palette, _cells: BlockCells, block: Block, place: Place): void {
  const { at, x, y, depth, wash } = place;
  const mottle = sample(textures.soft, x, y);
  const wall = um(GLAND_WALL_UM) + um(7) * (sample(textures.soft, x * 0.4, y * 0.4) - 0.5);
  if (depth > wall) {
    const clot = sample(textures.cloud, x * 0.9, y * 0.9);
    const secretion = smoothstep(0.62, 0.72, clot) * smoothstep(wall + um(3), wall + um(9), depth);
    lay(block, at, 0.01 + 0.05 * secretion, 0.012 + 0.3 * secretion * (0.7 + 0.5 * mottle));
    return;
  }
  const base = smoothstep(0, um(1.4), depth);
  const height = depth / wall;
  const mucin = smoothstep(0.4, 0.62, height) * (1 - smoothstep(0.9, 0.98, height));
  const rim = smoothstep(0.9, 0.99, height);
  const haematoxylin = 0.17 + 0.1 * (mottle - 0.5) - 0.12 * mucin;
  lay(block, at, haematoxylin * base, (0.4 + 0.14 * (mottle - 0.5) - 0.17 * mucin + 0.14 * rim) * wash);
}

function paintLymphoid({ textures, um }: Palette, _cells: BlockCells, block: Block, place: Place): void {
  const { at, x, y, depth, flow, wash } = place;
  const mottle = sample(textures.soft, x, y);
  const strand = fibreAt(textures, flow, x, y, 1.2);
  const edge = smoothstep(0, um(14), depth);
  lay(block, at, 0.1 + 0.14 * edge + 0.08 * (mottle - 0.5), (0.36 - 0.12 * edge + 0.16 * (strand - 0.5)) * wash);
}

/** Empty cells with thin walls. */
function paintAdipose({ textures, um }: Palette, cells: BlockCells, block: Block, { at, x, y, wash }: Place): void {
  const bend = um(9);
  cells.fat.seek(
    x + bend * (sample(textures.soft, x * 0.3, y * 0.3) - 0.5),
    y + bend * (sample(textures.soft, x * 0.3 + 99, y * 0.3) - 0.5),
  );
  const { near, next } = cells.fat.found;
  const width = um(0.9) + um(1.7) * sample(textures.cloud, x, y) ** 2;
  const wall = 1 - smoothstep(width * 0.7, width * 1.9, next - near);
  lay(block, at, 0.008 + 0.06 * wall, 0.015 + 0.46 * wall * wash);
}

export const VESSEL_WALL_UM = 12;

/** A muscular wall in layers around a lumen. */
function paintVessel({ textures, um }: Palette, _cells: BlockCells, block: Block, place: Place): void {
  const { at, x, y, depth, wash } = place;
  const mottle = sample(textures.soft, x, y);
  const layers = Math.sin((depth / um(2.1)) * Math.PI + 5 * mottle);
  if (depth > um(VESSEL_WALL_UM) + um(4) * (mottle - 0.5)) lay(block, at, 0.008, 0.02);
  else lay(block, at, 0.1 + 0.04 * layers, (0.58 + 0.14 * layers + 0.14 * (mottle - 0.5)) * wash);
}

export const INVASION_WALL_UM = 8;
/** A tumour plug floats in the lumen; it comes closer to the wall on one side. */
export function plugStart({ textures, um }: Palette, x: number, y: number): number {
  return um(15) + um(20) * (sample(textures.cloud, x * 0.55, y * 0.55) - 0.3);
}

function paintInvasion(palette: Palette, cells: BlockCells, block: Block, place: Place): void {
  const wall = palette.um(INVASION_WALL_UM);
  const start = plugStart(palette, place.x, place.y);
  if (place.depth > Math.max(wall + 2, start)) {
    paintTumour(palette, cells, block, { ...place, depth: place.depth - start });
  } else if (place.depth > wall) lay(block, place.at, 0.008, 0.02);
  else paintVessel(palette, cells, block, place);
}

/** Tissues that look the same at their border as in their middle. */
const FLAT: ReadonlySet<number> = new Set([TISSUE.glass, TISSUE.stroma, TISSUE.necrosis, TISSUE.adipose]);

const PAINTERS: Readonly<Record<number, Painter>> = {
  [TISSUE.glass]: paintGlass,
  [TISSUE.stroma]: paintStroma,
  [TISSUE.tumour]: paintTumour,
  [TISSUE.necrosis]: paintNecrosis,
  [TISSUE.gland]: paintGland,
  [TISSUE.lymphoid]: paintLymphoid,
  [TISSUE.adipose]: paintAdipose,
  [TISSUE.vessel]: paintVessel,
  [TISSUE.invasion]: paintInvasion,
};
