import type { Geometry } from "#domain/annotation.ts";
import { geometryArea, geometryBbox } from "#domain/geometry.ts";
import type { Shape } from "./change.ts";

/** How much of its bounding box a polygon may lack and still be a box; far below a pixel of any slide. */
const BOX_TOLERANCE = 1e-9;

/** What a geometry is drawn as. A box is a polygon that fills its own bounding box. */
export function shapeOf(geometry: Geometry): Shape {
  if (geometry.type === "point" || geometry.type === "line") return geometry.type;
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const boxPx = (maxX - minX) * (maxY - minY);
  return boxPx > 0 && Math.abs(boxPx - geometryArea(geometry)) <= BOX_TOLERANCE * boxPx ? "box" : "polygon";
}

/** True where a class that is drawn as these shapes may have this geometry; a box is a polygon too. */
export function allowsGeometry(shapes: readonly Shape[], geometry: Geometry): boolean {
  const shape = shapeOf(geometry);
  return shapes.includes(shape) || (shape === "box" && shapes.includes("polygon"));
}

/**
 * The geometry that an export has of an annotation whose class is by now drawn as other shapes: the bounding box of a
 * polygon, the middle of a polygon or a box. The original is kept where it is stored.
 * @returns the geometry itself where its class allows it or nothing follows from it; level-0 px
 */
export function exportedGeometry(shapes: readonly Shape[], geometry: Geometry): Geometry {
  if (allowsGeometry(shapes, geometry) || geometry.type === "point") return geometry;
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  if (shapes.includes("box") && shapeOf(geometry) !== "box") {
    const corners = [
      [minX, minY],
      [maxX, minY],
      [maxX, maxY],
      [minX, maxY],
    ] as const;
    return { type: "polygon", rings: [corners] };
  }
  return shapes.includes("point") ? { type: "point", at: [(minX + maxX) / 2, (minY + maxY) / 2] } : geometry;
}
