import { type Bbox, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { voteLevels } from "#domain/consensus.ts";
import { union } from "#domain/overlay.ts";
import type { Standing } from "./class-standing.ts";
import type { Scene, Shape } from "./scene.ts";

/** What so many reads or more give to a class, level-0 px; the first band is the widest. */
export type VoteBand = { readonly votes: number; readonly polygons: readonly Polygon[] };

/** More outlines than this around one dispute are a tissue and not a structure: their bands would take too long. */
const MOST_OUTLINES = 400;

/**
 * Nested outlines of what at least 1, 2, ... of the reads give to a class around a box. Outlines that reach into the box
 * are taken whole, so that a structure is not cut at the border of a dispute.
 */
export function voteBands(
  scene: Scene,
  readLayerIds: readonly string[],
  classId: string,
  box: Bbox,
  standingOf: (annotation: Shape["annotation"]) => Standing,
): VoteBand[] {
  const perRead = readLayerIds.map((id) =>
    (scene.layer(id)?.search(box) ?? []).filter(({ annotation }) => standingOf(annotation).classId === classId),
  );
  if (perRead.reduce((sum, shapes) => sum + shapes.length, 0) > MOST_OUTLINES) return [];
  const areas = perRead.map((shapes) => union(shapes.map(({ annotation }) => polygonsOf(annotation.geometry))));
  return voteLevels(areas)
    .map((polygons, below) => ({ votes: below + 1, polygons }))
    .filter(({ polygons }) => polygons.length > 0);
}
