import fc from "fast-check";
import type { Geometry, Point, Ring } from "#domain/annotation.ts";

/** A round outline with some wobble, level-0 px; simple for a wobble below 1. */
export function blob(
  center: Point,
  radius: number,
  options: { vertices?: number; wobble?: number; phase?: number } = {},
): Geometry {
  const { vertices = 60, wobble = 0.2, phase = 0 } = options;
  const ring: Ring = Array.from({ length: vertices }, (_, index): Point => {
    const angle = (2 * Math.PI * index) / vertices;
    const reach = radius * (1 + wobble * Math.sin(3 * angle + phase));
    return [center[0] + reach * Math.cos(angle), center[1] + reach * Math.sin(angle)];
  });
  return { type: "polygon", rings: [ring] };
}

/** A square by its corner with the lowest coordinates. */
export function square(x: number, y: number, side: number): Geometry {
  const ring: Ring = [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
  ];
  return { type: "polygon", rings: [ring] };
}

/** Any ring a hand could draw, self-crossing included, in a field of this many px, on a grid of 1/8 px. */
export function anyRing(field: number): fc.Arbitrary<Ring> {
  const coordinate = fc.integer({ min: 0, max: field * 8 }).map((value) => value / 8);
  return fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 24 });
}

/** Any outline a hand could draw: several parts, holes anywhere, both self-crossing. */
export function anyOutline(field: number): fc.Arbitrary<Geometry> {
  const polygon = fc.array(anyRing(field), { minLength: 1, maxLength: 3 });
  return fc
    .array(polygon, { minLength: 1, maxLength: 3 })
    .map((polygons): Geometry => ({ type: "multipolygon", polygons }));
}
