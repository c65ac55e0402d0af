import type { Polygon } from "#domain/annotation.ts";
import { coveredBy, type Shape } from "#domain/overlay.ts";

/**
 * What at least t of the shapes cover, for t = 1 to their number. The areas of all levels add up to the areas of all
 * shapes.
 */
export function voteLevels(shapes: readonly Shape[]): (readonly Polygon[])[] {
  return shapes.map((_, below) => coveredBy(shapes, below + 1));
}
