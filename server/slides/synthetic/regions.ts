import type { Polygon } from "#domain/annotation.ts";
import { polygonArea } from "#domain/geometry.ts";
import { clipTo, normalise, polygonsIn } from "#domain/overlay.ts";
import { TISSUE, type TissueMap } from "./tissue-map.ts";
import { traceMask } from "./trace.ts";

/** A true region of a generated slide; level-0 px. */
export type TrueRegion = { readonly label: SyntheticLabel; readonly polygon: Polygon };

/** Labels of generated slides, the rare one last. Plain vessels belong to the stroma, and look a little like the rare class. */
export const SYNTHETIC_LABELS = [
  "Stroma",
  "Tumour",
  "Necrosis",
  "Gland",
  "Lymphoid aggregate",
  "Adipose",
  "Vascular invasion",
] as const;
export type SyntheticLabel = (typeof SYNTHETIC_LABELS)[number];

const TISSUES_OF: Readonly<Record<SyntheticLabel, readonly number[]>> = {
  Stroma: [TISSUE.stroma, TISSUE.vessel],
  Tumour: [TISSUE.tumour],
  Necrosis: [TISSUE.necrosis],
  Gland: [TISSUE.gland],
  "Lymphoid aggregate": [TISSUE.lymphoid],
  Adipose: [TISSUE.adipose],
  "Vascular invasion": [TISSUE.invasion],
};
/** Slivers below this are left out of the truth, um2. */
const SLIVER_UM2 = 800;

/** Outlines of everything on the plan, within the slide, in the order of the labels. */
export function regionsOf(map: TissueMap, width: number, height: number, mpp: number): TrueRegion[] {
  const frame = { minX: 0, minY: 0, maxX: width, maxY: height };
  return SYNTHETIC_LABELS.flatMap((label) => {
    const tissues = new Set(TISSUES_OF[label]);
    const has = (x: number, y: number): boolean => tissues.has(map.tissue[y * map.columns + x] ?? TISSUE.glass);
    return traceMask({ width: map.columns, height: map.rows, cell: map.cell, has })
      .map((rings) => normalise({ type: "polygon", rings }))
      .flatMap((valid) => (valid === null ? [] : polygonsIn(clipTo(valid, frame) ?? [])))
      .filter((polygon) => polygonArea(polygon) * mpp * mpp >= SLIVER_UM2)
      .map((polygon): TrueRegion => ({ label, polygon }));
  });
}
