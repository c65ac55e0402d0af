import initGeosJs from "geos-wasm";
import { geojsonToGeosGeom } from "geos-wasm/helpers";
import type { Polygon } from "#domain/annotation.ts";

type AreaOfTwo = (a: readonly Polygon[], b: readonly Polygon[]) => number;

/** Areas by GEOS, an implementation that is not ours: the oracle of overlays in tests. Level-0 px, px2. */
export type Oracle = {
  readonly intersection: AreaOfTwo;
  readonly union: AreaOfTwo;
  /** Of the first without the second. */
  readonly difference: AreaOfTwo;
};

export async function geosOracle(): Promise<Oracle> {
  const geos = await initGeosJs({
    errorHandler: (message) => {
      throw new Error(`GEOS: ${message}`);
    },
  });
  const areaAt = geos.Module._malloc(8);

  /** GEOS refuses invalid input; what its repair makes of it covers the same places, by the even-odd rule. */
  function geometryOf(polygons: readonly Polygon[]): number {
    const coordinates = polygons.map((polygon) =>
      polygon.map((ring) => [...ring, ring[0] ?? [0, 0]].map(([x, y]) => [x, y])),
    );
    const made = geojsonToGeosGeom({ type: "MultiPolygon", coordinates }, geos);
    if (geos.GEOSisValid(made) === 1) return made;
    const repaired = geos.GEOSMakeValid(made);
    geos.GEOSGeom_destroy(made);
    return repaired;
  }

  function overlay(operation: (a: number, b: number) => number): AreaOfTwo {
    return (a, b) => {
      const [first, second] = [geometryOf(a), geometryOf(b)];
      const result = operation(first, second);
      geos.GEOSArea(result, areaAt);
      for (const geometry of [first, second, result]) geos.GEOSGeom_destroy(geometry);
      return geos.Module.getValue(areaAt, "double");
    };
  }

  return {
    intersection: overlay((a, b) => geos.GEOSIntersection(a, b)),
    union: overlay((a, b) => geos.GEOSUnion(a, b)),
    difference: overlay((a, b) => geos.GEOSDifference(a, b)),
  };
}
