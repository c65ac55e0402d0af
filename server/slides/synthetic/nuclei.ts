import { type CellGrid, cellGrid, trait } from "./cell-grid.ts";
import { grain, sample, smoothstep } from "./noise.ts";
import { type BlockCells, GLAND_WALL_UM, INVASION_WALL_UM, type Palette, plugStart, VESSEL_WALL_UM } from "./paint.ts";
import type { Block } from "./stain.ts";
import { fibreAngle } from "./texture.ts";
import { inward, layerAt, TISSUE, tissueNear } from "./tissue-map.ts";

/** One nucleus: place and half axes in level-0 px. */
type Nucleus = {
  readonly x: number;
  readonly y: number;
  readonly long: number;
  readonly short: number;
  readonly angle: number;
  /** Haematoxylin in its middle. */
  readonly dark: number;
  /** How much paler the inside is than the rim, 0 to 1. */
  readonly open: number;
  /** Strength of chromatin clumps. */
  readonly clumps: number;
  readonly bend: number;
  readonly id: number;
};

/** A cell that may get a nucleus. */
type Site = {
  readonly x: number;
  readonly y: number;
  readonly id: number;
  readonly tissue: number;
  readonly depth: number;
};

/** Stamps all nuclei, debris and red cells whose shapes can reach into a block. */
export function paintNuclei(palette: Palette, cells: BlockCells, block: Block): void {
  const { um, seed } = palette;
  const grid = (microns: number, jitter: number, salt: number): CellGrid =>
    cellGrid(block, um(microns), jitter, seed + salt);
  for (const site of sitesOf(palette, grid(14, 0.95, 401))) stampIf(palette, block, spindle(palette, site));
  for (const site of sitesOf(palette, grid(5.4, 0.6, 411))) stampIf(palette, block, epithelial(palette, site));
  for (const site of sitesOf(palette, cells.tumour)) stampIf(palette, block, malignant(palette, site));
  for (const site of sitesOf(palette, grid(6.5, 0.75, 421))) {
    stampIf(palette, block, small(palette, site));
    stampRedCell(palette, block, site);
  }
}

function* sitesOf({ map }: Palette, cells: CellGrid): Generator<Site> {
  for (let at = 0; at < cells.count; at++) {
    const [x, y] = [cells.x[at] ?? 0, cells.y[at] ?? 0];
    const tissue = tissueNear(map, x, y);
    if (tissue === TISSUE.glass) continue;
    yield { x, y, id: cells.id[at] ?? 0, tissue, depth: layerAt(map, map.depth, x, y) };
  }
}

/** Fibroblasts along the fibres, muscle and endothelium along a vessel's wall, flat nuclei between fat cells. */
function spindle(palette: Palette, site: Site): Nucleus | null {
  const { um, map } = palette;
  const { x, y, id, tissue, depth } = site;
  const inWall = isVesselWall(palette, site);
  if (tissue !== TISSUE.stroma && !inWall) return null;
  if (trait(id, 1) > (inWall ? 0.85 : 0.55) || (!inWall && depth < um(2.5))) return null;
  const [ix, iy] = inWall ? inward(map, x, y) : [0, 0];
  const angle = inWall ? Math.atan2(iy, ix) + Math.PI / 2 : fibreAngle(layerAt(map, map.flow, x, y));
  const slim = trait(id, 2);
  return {
    x,
    y,
    long: um(3.4 + 4.2 * trait(id, 3)),
    short: um(0.9 + 0.9 * slim),
    angle: angle + 0.7 * (trait(id, 4) - 0.5),
    dark: 1.05 + 0.5 * (1 - slim),
    open: 0.3 * slim,
    clumps: 0.4,
    bend: 0.5 * (trait(id, 5) - 0.5),
    id,
  };
}

function isVesselWall({ um }: Palette, { tissue, depth }: Site): boolean {
  return (
    (tissue === TISSUE.vessel && depth < um(VESSEL_WALL_UM) && depth > um(1)) ||
    (tissue === TISSUE.invasion && depth < um(INVASION_WALL_UM) && depth > um(1))
  );
}

/** A row of long nuclei near the outer border of a gland, upright on it. */
function epithelial({ um, map }: Palette, { x, y, id, tissue, depth }: Site): Nucleus | null {
  if (tissue !== TISSUE.gland || depth > um(GLAND_WALL_UM * 0.55) || depth < um(1.5)) return null;
  if (trait(id, 1) > 0.62) return null;
  const [ix, iy] = inward(map, x, y);
  const shift = um(7.2 + 3 * (trait(id, 2) - 0.5)) - depth;
  const long = um(4 + 1.5 * trait(id, 3));
  return {
    x: x + ix * shift * 0.8,
    y: y + iy * shift * 0.8,
    long,
    short: long * (0.52 + 0.16 * trait(id, 4)),
    angle: Math.atan2(iy, ix) + 0.35 * (trait(id, 5) - 0.5),
    dark: 0.95 + 0.35 * trait(id, 6),
    open: 0.3,
    clumps: 0.55,
    bend: 0,
    id,
  };
}

/** Large nuclei of uneven size and shape; a few in division. */
function malignant(palette: Palette, { x, y, id, tissue, depth }: Site): Nucleus | null {
  const { um } = palette;
  const inPlug = tissue === TISSUE.invasion && depth > plugStart(palette, x, y) + um(4);
  if (tissue !== TISSUE.tumour && !inPlug) return null;
  if ((tissue === TISSUE.tumour && depth < um(4)) || trait(id, 2) < 0.05) return null;
  const dividing = trait(id, 3) < 0.008;
  const giant = trait(id, 4) < 0.04 ? 1.45 : 1;
  const long = um(dividing ? 4.6 : 3.7 + 2.4 * trait(id, 5)) * giant;
  const pale = trait(id, 6);
  return {
    x,
    y,
    long,
    short: long * (dividing ? 0.34 : 0.62 + 0.34 * trait(id, 7)),
    angle: trait(id, 8) * Math.PI,
    dark: dividing ? 2.1 : 1 + 0.65 * trait(id, 9),
    open: dividing ? 0 : 0.25 + 0.5 * pale,
    clumps: dividing ? 0.3 : 0.75,
    bend: 0.15 * (trait(id, 10) - 0.5),
    id,
  };
}

/** Lymphocytes, and the dust of dead nuclei in necrosis. */
function small(palette: Palette, { x, y, id, tissue, depth }: Site): Nucleus | null {
  const { um } = palette;
  const crowd = crowding(palette, x, y, tissue);
  if (trait(id, 1) > crowd) return null;
  const debris = tissue === TISSUE.necrosis;
  const centre = tissue === TISSUE.lymphoid && depth > um(78);
  const radius = um(
    debris ? 0.5 + 1.2 * trait(id, 2) ** 2 : centre ? 3.3 + 1.1 * trait(id, 2) : 2.7 + 0.7 * trait(id, 2),
  );
  return {
    x,
    y,
    long: radius * (1 + 0.18 * trait(id, 3)),
    short: radius * (debris ? 0.7 : 0.92),
    angle: trait(id, 4) * Math.PI,
    dark: centre ? 0.85 + 0.3 * trait(id, 5) : 1.4 + 0.45 * trait(id, 5),
    open: centre ? 0.5 : 0.1,
    clumps: debris ? 0.2 : 0.5,
    bend: 0,
    id,
  };
}

/** Share of places that hold a small cell. */
function crowding({ textures }: Palette, x: number, y: number, tissue: number): number {
  switch (tissue) {
    case TISSUE.lymphoid:
      return 0.94;
    case TISSUE.necrosis:
      return 0.06 + 0.5 * Math.max(0, sample(textures.cloud, x * 0.8, y * 0.8) - 0.5);
    case TISSUE.stroma:
      return 0.012 + 0.9 * Math.max(0, sample(textures.cloud, x * 0.16 + 300, y * 0.16) - 0.72);
    case TISSUE.tumour:
      return 0.014;
    default:
      return 0;
  }
}

/** Red cells lie in clumps in the lumen of vessels. */
function stampRedCell(palette: Palette, block: Block, { x, y, id, tissue, depth }: Site): void {
  const { um, textures } = palette;
  const free =
    tissue === TISSUE.invasion && depth > um(INVASION_WALL_UM + 3) && depth < plugStart(palette, x, y) - um(3);
  if (!free && !(tissue === TISSUE.vessel && depth > um(VESSEL_WALL_UM + 4))) return;
  if (sample(textures.cloud, x * 1.1 + 40, y * 1.1) < 0.42 || trait(id, 2) < 0.12) return;
  const radius = um(3.1 + 0.6 * trait(id, 3));
  eachPixel(block, x, y, radius + 1, (at, dx, dy) => {
    const r = Math.hypot(dx, dy * (1 + 0.3 * trait(id, 4))) / radius;
    const cover = smoothstep(1.08, 0.9, r);
    if (cover > 0) block.blood[at] = Math.max(block.blood[at] ?? 0, cover * (0.62 + 0.3 * smoothstep(0.2, 0.8, r)));
  });
}

function stampIf(palette: Palette, block: Block, nucleus: Nucleus | null): void {
  if (nucleus !== null) stampNucleus(palette, block, nucleus);
}

/** Border and chromatin come from noise that is shifted by the nucleus' own id, so no two look alike. */
function stampNucleus({ textures, um }: Palette, block: Block, nucleus: Nucleus): void {
  const { long, short, dark, open, clumps, bend, id } = nucleus;
  const [cos, sin] = [Math.cos(nucleus.angle), Math.sin(nucleus.angle)];
  const [shiftX, shiftY] = [id & 511, (id >>> 9) & 511];
  const sharp = short / 1.3;
  const nucleolus = { u: long * 0.5 * (trait(id, 11) - 0.5), v: short * 0.5 * (trait(id, 12) - 0.5), radius: um(0.95) };
  eachPixel(block, nucleus.x, nucleus.y, long * 1.25 + 1, (at, dx, dy, x, y) => {
    const u = dx * cos + dy * sin;
    const v = dy * cos - dx * sin - (bend * u * u) / long;
    const square = (u * u) / (long * long) + (v * v) / (short * short);
    if (square > 1.7) return;
    const wobble = 0.36 * (sample(textures.soft, x * 1.3 + shiftX, y * 1.3 + shiftY) - 0.5);
    const r = Math.sqrt(square) * (1 + wobble);
    const cover = Math.min(1, (1 - r) * sharp + 0.5);
    if (cover <= 0) return;
    const chromatin = grain(textures.fine, x + shiftX, y + shiftY) - 0.5;
    const hollow = open * (1 - smoothstep(0.5, 0.92, r));
    const dot = open > 0.3 ? smoothstep(1.25, 0.6, Math.hypot(u - nucleolus.u, v - nucleolus.v) / nucleolus.radius) : 0;
    const density = dark * (1 - 0.62 * hollow + clumps * chromatin * 0.75) + 0.7 * dot;
    block.haematoxylin[at] = (block.haematoxylin[at] ?? 0) * (1 - cover) + Math.max(0.2, density) * cover;
    block.eosin[at] = (block.eosin[at] ?? 0) * (1 - 0.55 * cover) + 0.1 * cover;
  });
}

/** Calls for each pixel of a block within a square around a place, with its offset from it. */
function eachPixel(
  block: Block,
  centreX: number,
  centreY: number,
  reach: number,
  paint: (at: number, dx: number, dy: number, x: number, y: number) => void,
): void {
  const left = Math.max(block.left, Math.floor(centreX - reach));
  const right = Math.min(block.left + block.width - 1, Math.ceil(centreX + reach));
  const top = Math.max(block.top, Math.floor(centreY - reach));
  const bottom = Math.min(block.top + block.height - 1, Math.ceil(centreY + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      paint((y - block.top) * block.width + x - block.left, x - centreX, y - centreY, x, y);
    }
  }
}
