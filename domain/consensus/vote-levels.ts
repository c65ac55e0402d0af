import type { Polygon } from "#domain/annotation.ts";
import { intersection, type Shape, union } from "#domain/overlay.ts";

/**
 * What at least t of the shapes cover, for t = 1 to their number. The areas of all levels add up to the areas of all
 * shapes: V_t gains what lies in V_(t-1) and in the next shape.
 * @param upTo the highest level that is wanted; cost falls with it
 */
export function voteLevels(shapes: readonly Shape[], upTo: number = shapes.length): (readonly Polygon[])[] {
  const levels: (readonly Polygon[])[] = Array.from({ length: upTo }, () => []);
  for (const [index, shape] of shapes.entries()) {
    for (let level = Math.min(index, upTo - 1); level > 0; level--) {
      levels[level] = union([levels[level] ?? [], intersection(levels[level - 1] ?? [], shape)]);
    }
    if (upTo > 0) levels[0] = union([levels[0] ?? [], shape]);
  }
  return levels;
}
