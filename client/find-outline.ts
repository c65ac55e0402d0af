import type { Annotation } from "#domain/annotation.ts";
import type { AnnotationId } from "#domain/ids.ts";
import type { SlideSession } from "./slide-session.ts";

/** Finds an outline in any layer. */
export function findOutline(
  session: SlideSession,
  id: AnnotationId,
): { layerId: string; annotation: Annotation } | null {
  for (const layer of session.workbench.scene.layers) {
    const shape = layer.shapes.get(id);
    if (shape !== undefined) return { layerId: layer.id, annotation: shape.annotation };
  }
  return null;
}
