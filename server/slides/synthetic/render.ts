import type { Polygon } from "#domain/annotation.ts";
import { openPyramidWriter } from "#server/slides/tiff-writer.ts";
import { type Artefact, artefactArea, artefactsOf, foldBlock, inkOf } from "./artefacts.ts";
import { paintNuclei } from "./nuclei.ts";
import { blockCells, type Palette, paintGround } from "./paint.ts";
import { type PlanShape, planTissue } from "./plan.ts";
import { regionsOf, type TrueRegion } from "./regions.ts";
import { type Block, blur, develop, newBlock, stainTable, tint } from "./stain.ts";
import { makeTextures } from "./texture.ts";

/** What a generated slide truly shows, level-0 px. */
export type Truth = {
  readonly regions: readonly TrueRegion[];
  /** Places that are nobody's tissue: a fold, a pen mark. */
  readonly artefacts: readonly { readonly label: string; readonly polygon: Polygon }[];
};

const TILE_PX = 256;
const QUALITY = 82;
const INK = [38, 92, 74] as const;

/**
 * Paints a slide row of tiles by row of tiles and writes it as a pyramid. Same shape, same bytes.
 * Cost about 0.15 us of one core per pixel; memory about 30 rows of level-0 tiles. Blocks the event loop: see generate.ts.
 */
export async function renderSlide(
  path: string,
  shape: PlanShape,
  onProgress: (fraction: number) => void,
): Promise<Truth> {
  const map = planTissue(shape);
  const textures = makeTextures(shape.seed);
  const palette: Palette = { map, textures, seed: shape.seed, um: (microns) => microns / shape.mpp };
  const artefacts = artefactsOf(shape);
  const objective = 10 / shape.mpp;
  const writer = await openPyramidWriter(path, { ...shape, tileSize: TILE_PX, objective, quality: QUALITY });
  const table = stainTable();
  try {
    for (let top = 0; top < shape.height; top += TILE_PX) {
      const rows = new Uint8Array(shape.width * Math.min(TILE_PX, shape.height - top) * 3);
      for (let left = 0; left < shape.width; left += TILE_PX) {
        paintBlock(palette, artefacts, table, { shape, left, top }, rows);
      }
      await writer.push(rows);
      onProgress(Math.min(1, (top + TILE_PX) / shape.height));
    }
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return {
    regions: regionsOf(map, shape.width, shape.height, shape.mpp),
    artefacts: artefacts.flatMap((artefact) =>
      artefactArea(artefact).map((polygon) => ({ label: artefact.label, polygon })),
    ),
  };
}

type Corner = { readonly shape: PlanShape; readonly left: number; readonly top: number };

function paintBlock(
  palette: Palette,
  artefacts: readonly Artefact[],
  table: Uint8Array,
  { shape, left, top }: Corner,
  rows: Uint8Array,
): void {
  const size = { width: Math.min(TILE_PX, shape.width - left), height: Math.min(TILE_PX, shape.height - top) };
  const block = newBlock(left, top, size.width, size.height);
  const cells = blockCells(palette, block);
  paintGround(palette, cells, block);
  paintNuclei(palette, cells, block);
  const row = new Float32Array(block.width);
  for (const plane of [block.haematoxylin, block.eosin, block.blood]) blur(plane, block.width, block.height, row);
  const ink = layArtefacts(palette, artefacts, block);
  const strip = { rgb: rows, width: shape.width, top };
  develop(block, table, shape.seed, strip);
  if (ink !== null) tint(block, ink, INK, strip);
}

/** Folds change the stain; ink lies on the glass and is returned. */
function layArtefacts({ textures }: Palette, artefacts: readonly Artefact[], block: Block): Float32Array | null {
  let ink: Float32Array | null = null;
  for (const artefact of artefacts) {
    if (artefact.label === "Fold") foldBlock(artefact, textures, block);
    else ink = inkOf(artefact, textures, block) ?? ink;
  }
  return ink;
}
