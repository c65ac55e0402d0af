import type { Annotation, Geometry, Point, Polygon, Ring } from "./annotation.ts";
import type { ClassDefinition, GuidelineContent } from "./guideline.ts";
import { effectiveAttributes } from "./migration/attributes.ts";
import type { History } from "./migration.ts";

export { fromGeoJson, type ImportedAnnotation, type ImportOptions, type ImportReport } from "./geojson-import.ts";

type Position = readonly [x: number, y: number];
type GeoJsonGeometry =
  | { readonly type: "Polygon"; readonly coordinates: readonly (readonly Position[])[] }
  | { readonly type: "MultiPolygon"; readonly coordinates: readonly (readonly (readonly Position[])[])[] }
  | { readonly type: "Point"; readonly coordinates: Position }
  | { readonly type: "LineString"; readonly coordinates: readonly Position[] };

export type GeoJsonFeature = {
  readonly type: "Feature";
  readonly geometry: GeoJsonGeometry;
  readonly properties: {
    readonly objectType: "annotation";
    readonly classification: { readonly name: string; readonly color: readonly [number, number, number] };
    /** Text values that QuPath keeps and writes out again, so that an outline is known when it comes back. */
    readonly metadata: Readonly<Record<string, string>>;
    readonly concord: {
      readonly id: string;
      readonly classId: string;
      readonly under: number;
      readonly attributes: Readonly<Record<string, string>>;
      readonly note: string;
      /** What is said of the class's attributes by their names, as it counts now; left out where nothing is. */
      readonly says?: Readonly<Record<string, string>>;
    };
  };
};

export type GeoJsonCollection = { readonly type: "FeatureCollection"; readonly features: readonly GeoJsonFeature[] };

/**
 * Annotations as GeoJSON that QuPath reads, in level-0 pixels with y down, class names and colours included.
 * Sorted by id and with keys in one order, so that the same annotations give the same text. Rings are closed.
 * @param annotations with the class that is to be shown; one that the guideline does not have shows as its id, grey
 * @param history up to the guideline, for what was said in units and values of before
 */
export function toGeoJson(
  annotations: readonly Annotation[],
  content: GuidelineContent,
  history: History = [],
): GeoJsonCollection {
  const classes = new Map<string, ClassDefinition>(content.classes.map((each) => [each.id, each]));
  const sorted = annotations.toSorted((left, right) => compare(left.id, right.id));
  return {
    type: "FeatureCollection",
    features: sorted.map((each) => featureOf(each, classes.get(each.classId), history)),
  };
}

/** The bytes of a collection: one feature a line, so that two files can be compared by line. */
export function geoJsonText(collection: GeoJsonCollection): string {
  const lines = collection.features.map((feature) => JSON.stringify(feature));
  return `{"type":"FeatureCollection","features":[${lines.length === 0 ? "" : `\n${lines.join(",\n")}\n`}]}\n`;
}

function featureOf(annotation: Annotation, definition: ClassDefinition | undefined, history: History): GeoJsonFeature {
  const { id, classId, under, note } = annotation;
  const attributes = Object.fromEntries(Object.entries(annotation.attributes).sort(([a], [b]) => compare(a, b)));
  const says = definition === undefined ? null : namedAttributes(annotation, definition, history);
  return {
    type: "Feature",
    geometry: coordinatesOf(annotation.geometry),
    properties: {
      objectType: "annotation",
      classification: { name: definition?.name ?? classId, color: rgbOf(definition?.colour ?? "#808080") },
      metadata: { "concord.id": id, "concord.classId": classId, "concord.under": String(under) },
      concord: { id, classId, under, attributes, note, ...(says !== null && { says }) },
    },
  };
}

/** By name, in the order of the guideline; null where nothing is said of what is asked today. */
function namedAttributes(
  { under: stamp, attributes }: Annotation,
  { id: classId, attributes: asked }: ClassDefinition,
  history: History,
): Record<string, string> | null {
  const now = effectiveAttributes({ classId, stamp, attributes }, history);
  const named = asked.flatMap(({ id, name, retired, values }) => {
    const value = now[id] ?? "";
    return retired || value === "" ? [] : [[name, values.find((each) => each.id === value)?.name ?? value] as const];
  });
  return named.length === 0 ? null : Object.fromEntries(named);
}

function coordinatesOf(geometry: Geometry): GeoJsonGeometry {
  switch (geometry.type) {
    case "polygon":
      return { type: "Polygon", coordinates: closedRings(geometry.rings) };
    case "multipolygon":
      return { type: "MultiPolygon", coordinates: geometry.polygons.map(closedRings) };
    case "point":
      return { type: "Point", coordinates: position(geometry.at) };
    case "line":
      return { type: "LineString", coordinates: geometry.points.map(position) };
    default:
      return geometry satisfies never;
  }
}

function closedRings(polygon: Polygon): Position[][] {
  return polygon.map((ring: Ring) => [...ring, ...ring.slice(0, 1)].map(position));
}

function position([x, y]: Point): Position {
  return [x, y];
}

function rgbOf(colour: string): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
