import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Annotation, annotationSchema, type Geometry, type Point, type Ring } from "#domain/annotation.ts";
import { fromGeoJson, geoJsonText, type ImportOptions, toGeoJson } from "#domain/geojson.ts";
import { geometryArea, ringArea } from "#domain/geometry.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import type { ValueId } from "#domain/ids.ts";
import { normalise } from "#domain/overlay.ts";
import {
  aClass,
  aClassId,
  aGuideline,
  anAnnotation,
  anAnnotationId,
  square,
  squareRing,
} from "#tests/support/builders.ts";
import { describeWithData } from "#tests/support/slides.ts";

const content = aGuideline([aClass("a", { name: "Tumor", colour: "#c80000" }), aClass("b", { name: "Stroma" })]);
const options: ImportOptions = { classes: content.classes, slide: { width: 100_000, height: 200_000 }, under: 3 };

function imported(input: unknown, change: Partial<ImportOptions> = {}) {
  const result = fromGeoJson(input, { ...options, ...change });
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

/** A feature of class Tumor. */
function feature(geometry: unknown, properties: Record<string, unknown> = { classification: { name: "Tumor" } }) {
  return { type: "Feature", geometry, properties };
}

const closed = (...points: number[][]) => ({ type: "Polygon", coordinates: [[...points, points[0]]] });
const box = closed([0, 0], [10, 0], [10, 10], [0, 10]);
const codesOf = (told: readonly { readonly code: string }[]) => told.map((each) => each.code);

describe("export", () => {
  test("[GEJ1] is what QuPath reads: closed rings in pixels, class name and colour", () => {
    const hole = squareRing(40, 40, 10).toReversed();
    const geometry: Geometry = { type: "polygon", rings: [squareRing(0, 0, 100), hole] };
    const { features } = toGeoJson([anAnnotation("x", { geometry })], content);
    expect(features).toMatchObject([
      {
        type: "Feature",
        geometry: { type: "Polygon" },
        properties: { objectType: "annotation", classification: { name: "Tumor", color: [200, 0, 0] } },
      },
    ]);
    expect(features[0]?.geometry.coordinates).toEqual([
      [
        [0, 0],
        [100, 0],
        [100, 100],
        [0, 100],
        [0, 0],
      ],
      [
        [40, 50],
        [50, 50],
        [50, 40],
        [40, 40],
        [40, 50],
      ],
    ]);
  });

  test("[AUD9] names what is said of the class's attributes as it counts by then, beside what is stored", () => {
    const attributes = [
      { id: "attrdepth", name: "Depth", kind: "number", unit: "um" },
      {
        id: "attrgrade",
        name: "Grade",
        kind: "choice",
        values: [
          { id: "gradeone", name: "G1" },
          { id: "gradenew", name: "G2" },
        ],
      },
      { id: "attrgone0", name: "Gone", kind: "text", retired: true },
    ].map((each) => attributeSchema.parse(each));
    const asking = aGuideline([aClass("a", { attributes })]);
    const of = { classId: aClassId("a"), attributeId: attributes[0]!.id };
    const grades = { classId: aClassId("a"), attributeId: attributes[1]!.id };
    const changes: GuidelineChange[] = [
      { kind: "attribute-retype", ...of, factor: 1_000 },
      { kind: "value-merge", ...grades, from: ["gradeold" as ValueId], into: "gradenew" as ValueId },
    ];
    const stored = { attrdepth: "2", attrgrade: "gradeold", attrgone0: "x", imported: "yes" };
    const [drawn, silent] = [
      anAnnotation("x", { attributes: stored }),
      anAnnotation("y", { attributes: { imported: "yes" } }),
    ];
    const { features } = toGeoJson([drawn, silent], asking, [{ number: 2, changes }]);
    expect(features.map(({ properties }) => properties.concord)).toMatchObject([{ attributes: stored }, {}]);
    expect(features.map(({ properties }) => properties.concord.says)).toEqual([
      { Depth: "2000", Grade: "G2" },
      undefined,
    ]);
    const back = imported({ type: "FeatureCollection", features }, { classes: asking.classes });
    expect(back.annotations[0]?.attributes).toEqual(stored);
    expect(back.repairs).toEqual([]);
  });

  test("[GEJ2] is the same text for the same annotations, in whatever order they come, one feature a line", () => {
    const drawn = [
      anAnnotation("x", { attributes: { b: "2", a: "1" } }),
      anAnnotation("w", { classId: aClassId("b") }),
    ];
    const text = geoJsonText(toGeoJson(drawn, content));
    const turned = [drawn[1]!, { ...drawn[0]!, attributes: { a: "1", b: "2" } }];
    expect(geoJsonText(toGeoJson(turned, content))).toBe(text);
    expect(text.split("\n")).toHaveLength(5);
    expect(JSON.parse(text)).toEqual(structuredClone(toGeoJson(drawn, content)));
    expect(JSON.parse(geoJsonText(toGeoJson([], content)))).toEqual({ type: "FeatureCollection", features: [] });
  });

  test("[GEJ3] a class that the guideline does not have shows as its id, grey", () => {
    const { features } = toGeoJson([anAnnotation("x", { classId: aClassId("z") })], content);
    expect(features[0]?.properties.classification).toEqual({ name: "zzzzzzzz", color: [128, 128, 128] });
  });
});

describe("there and back", () => {
  const coordinate = fc.integer({ min: 0, max: 64 * 5_000 }).map((value) => value / 64);
  const point: fc.Arbitrary<Point> = fc.tuple(coordinate, coordinate);
  const ring = fc.array(point, { minLength: 3, maxLength: 12 });
  const shape = fc.oneof(
    point.map((at): Geometry => ({ type: "point", at })),
    fc.array(point, { minLength: 2, maxLength: 9 }).map((points): Geometry => ({ type: "line", points })),
    ring.map((each): Geometry => ({ type: "polygon", rings: [each] })),
    fc
      .array(ring, { minLength: 2, maxLength: 3 })
      .map((rings): Geometry => ({ type: "multipolygon", polygons: rings.map((each) => [each]) })),
  );
  const annotation = fc
    .record({
      geometry: shape,
      under: fc.integer({ min: 1, max: 3 }),
      note: fc.string(),
      value: fc.string({ maxLength: 20 }),
    })
    .map(({ geometry, under, note, value }) => {
      const valid = normalise(geometry);
      return valid === null ? null : anAnnotation("x", { geometry: valid, under, note, attributes: { grade: value } });
    });

  test("[GEJ4] what was exported comes back equal, and nothing is repaired", () => {
    fc.assert(
      fc.property(fc.array(annotation, { maxLength: 5 }), (maybe) => {
        const drawn = maybe
          .filter((each): each is Annotation => each !== null)
          .map((each, index) => ({ ...each, id: anAnnotationId(`x${index}`) }));
        const back = imported(JSON.parse(geoJsonText(toGeoJson(drawn, content))));
        expect(back.annotations).toEqual(drawn);
        expect(back.repairs).toEqual([]);
        expect(back.refused).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("[GEJ5] an outline that another tool wrote out again keeps its id, class and stamp by the texts that it kept", () => {
    const [out] = JSON.parse(geoJsonText(toGeoJson([anAnnotation("x", { under: 2 })], content))).features;
    const { concord, ...kept } = out.properties;
    expect(imported({ ...out, properties: kept }).annotations).toEqual([anAnnotation("x", { under: 2 })]);
    expect(concord.id).toBe(anAnnotationId("x"));
    const renamed = { ...kept, classification: { name: "Stroma" } };
    const changed = imported({ ...out, properties: renamed });
    expect(changed.annotations).toMatchObject([{ id: anAnnotationId("x"), classId: aClassId("b") }]);
    expect(codesOf(changed.repairs)).toEqual(["class-changed"]);
  });

  test("[GEJ6] an outline of a retired class comes back under its own class", () => {
    const retired = { ...content, classes: content.classes.map((each) => ({ ...each, retired: true })) };
    const back = imported(toGeoJson([anAnnotation("x")], retired), { classes: retired.classes });
    expect(back.annotations).toEqual([anAnnotation("x")]);
    expect(codesOf(imported(feature(box), { classes: retired.classes }).refused)).toEqual(["unknown-class"]);
  });
});

describe("what comes in", () => {
  test("[GEJ7] a collection, one feature and a bare list are read, anything else is refused", () => {
    for (const input of [feature(box), [feature(box)], { type: "FeatureCollection", features: [feature(box)] }]) {
      expect(imported(input).annotations).toMatchObject([{ id: null, classId: aClassId("a"), under: 3 }]);
    }
    for (const bad of [null, 7, "x", {}, { type: "FeatureCollection" }, { type: "Polygon" }]) {
      expect(fromGeoJson(bad, options)).toMatchObject({ ok: false, reason: "geojson-malformed" });
    }
    expect(codesOf(imported([7, { type: "Polygon" }, feature(box)]).refused)).toEqual([
      "feature-malformed",
      "feature-malformed",
    ]);
  });

  test("[GEJ8] the class is taken from the classification, else from the name, whatever the case, else from the mapping", () => {
    const classOf = (properties: Record<string, unknown>, mapping?: ImportOptions["mapping"]) =>
      imported(feature(box, properties), mapping === undefined ? {} : { mapping }).annotations[0]?.classId;
    expect(classOf({ classification: { name: " tumor" } })).toBe(aClassId("a"));
    expect(classOf({ classification: "Stroma" })).toBe(aClassId("b"));
    expect(classOf({ name: "Stroma" })).toBe(aClassId("b"));
    expect(classOf({ classification: { names: ["Tumor", "CD8"] } }, { "Tumor: CD8": aClassId("b") })).toBe(
      aClassId("b"),
    );
    expect(classOf({}, { "": aClassId("b") })).toBe(aClassId("b"));
    expect(classOf({ name: "x" }, { x: aClassId("z") })).toBeUndefined();
  });

  test("[GEJ9] an unknown class is refused and listed with its colour and count, a missing one is refused", () => {
    const unknown = { classification: { name: "Invborder", colorRGB: -16711936 } };
    const report = imported([
      feature(box, unknown),
      feature(box, unknown),
      feature(box, { name: "I", color: [255, 0, 1] }),
      feature(box, {}),
    ]);
    expect(codesOf(report.refused)).toEqual(["unknown-class", "unknown-class", "unknown-class", "class-missing"]);
    expect(report.unknownClasses).toEqual([
      { name: "Invborder", colour: "#00ff00", count: 2 },
      { name: "I", colour: "#ff0001", count: 1 },
    ]);
    expect(report.annotations).toEqual([]);
  });

  test("[GEJ10] an open ring is closed, repeated points are dropped, a crossing is normalised: each is told", () => {
    const open = feature({
      type: "Polygon",
      coordinates: [
        [
          [0, 0],
          [10, 0],
          [10, 10],
          [0, 10],
        ],
      ],
    });
    const repeated = feature(closed([0, 0], [10, 0], [10, 0], [10, 10], [0, 10]));
    const bowTie = feature(closed([0, 0], [10, 10], [10, 0], [0, 10]));
    const report = imported([open, repeated, bowTie]);
    expect(report.repairs.map(({ index, code }) => [index, code])).toEqual([
      [0, "ring-closed"],
      [1, "duplicate-points"],
      [2, "self-crossing-normalised"],
    ]);
    expect(report.annotations.map((each) => geometryArea(each.geometry))).toEqual([100, 100, 50]);
    for (const each of report.annotations) expect(normalise(each.geometry)).toEqual(each.geometry);
  });

  test("[GEJ11] coordinates off the grid are rounded, and by how much is told", () => {
    const report = imported(feature(closed([0.1, 0], [10, 0], [10, 10])));
    expect(report.repairs).toMatchObject([{ code: "rounded-to-grid", detail: { maxPx: expect.closeTo(0.00625, 6) } }]);
  });

  test("[GEJ12] several points or lines in one feature become several annotations", () => {
    const points = imported(
      feature({
        type: "MultiPoint",
        coordinates: [
          [1, 1],
          [2, 2],
        ],
      }),
    );
    expect(points.annotations.map((each) => each.geometry)).toEqual([
      { type: "point", at: [1, 1] },
      { type: "point", at: [2, 2] },
    ]);
    expect(points.repairs).toMatchObject([{ code: "parts-separated", detail: { parts: 2 } }]);
    const lines = {
      type: "MultiLineString",
      coordinates: [
        [
          [0, 0],
          [5, 5],
        ],
        [
          [1, 1],
          [2, 2],
        ],
      ],
    };
    expect(imported(feature(lines)).annotations).toHaveLength(2);
    expect(
      imported(
        feature({
          type: "LineString",
          coordinates: [
            [0, 0],
            [5, 5],
          ],
        }),
      ).annotations,
    ).toHaveLength(1);
  });

  test("[GEJ13] what cannot be repaired is refused with the offending value", () => {
    const bad: [unknown, string][] = [
      [null, "outline-malformed"],
      [{ type: "Polygon", coordinates: 5 }, "outline-malformed"],
      [{ type: "Polygon", coordinates: [] }, "outline-malformed"],
      [{ type: "MultiPolygon", coordinates: [] }, "outline-malformed"],
      [
        {
          type: "Polygon",
          coordinates: [
            [
              [0, 0],
              [1, "1"],
              [2, 2],
            ],
          ],
        },
        "outline-malformed",
      ],
      [closed([0, 0], [10, 0]), "outline-malformed"],
      [closed([0, 0], [10, 0], [20, 0]), "outline-malformed"],
      [
        {
          type: "LineString",
          coordinates: [
            [0, 0],
            [0, 0],
          ],
        },
        "outline-malformed",
      ],
      [closed([0, 0], [Number.NaN, 0], [20, 20]), "coordinates-not-finite"],
      [closed([0, 0], [Number.POSITIVE_INFINITY, 0], [20, 20]), "coordinates-not-finite"],
      [{ type: "GeometryCollection", geometries: [] }, "geometry-not-supported"],
      [closed([-30, -30], [-20, -30], [-20, -20]), "outline-off-slide"],
      [closed([1e9, 0], [1e9, 5], [1e9 + 5, 5]), "outline-off-slide"],
    ];
    const report = imported(bad.map(([geometry]) => feature(geometry)));
    expect(report.annotations).toEqual([]);
    expect(report.refused.map(({ index, code }) => [index, code])).toEqual(bad.map(([, code], index) => [index, code]));
    expect(report.refused[8]?.detail).toEqual({ value: "NaN, 0" });
  });

  test("[GEJ14] nothing is dropped in silence: height, planes, cells, measurements, foreign ids and stamps are told", () => {
    const rich = {
      ...feature(
        {
          type: "Polygon",
          coordinates: [
            [
              [0, 0, 5],
              [10, 0, 5],
              [10, 10, 5],
              [0, 0, 5],
            ],
          ],
          plane: { c: -1, z: 2, t: 0 },
        },
        {
          objectType: "cell",
          classification: { name: "Tumor" },
          measurements: { area: 5 },
          isLocked: true,
          metadata: { "concord.id": "NOT OURS", "concord.under": "9", site: "left", long: "x".repeat(300) },
        },
      ),
      nucleusGeometry: box,
    };
    const report = imported(rich);
    expect(codesOf(report.repairs).sort()).toEqual([
      "height-dropped",
      "id-not-ours",
      "nucleus-dropped",
      "object-type-changed",
      "plane-dropped",
      "properties-dropped",
      "stamp-not-ours",
    ]);
    const dropped = report.repairs.find((each) => each.code === "properties-dropped");
    expect(dropped?.detail).toMatchObject({ keys: ["metadata.long", "measurements", "isLocked"] });
    expect(report.annotations).toMatchObject([{ id: null, under: 3, attributes: { site: "left" } }]);
  });

  test("[GEJ15] a repeated id is given once, an outline that sticks out comes in and is told", () => {
    const twice = toGeoJson([anAnnotation("x"), anAnnotation("x")], content);
    const report = imported(twice);
    expect(report.annotations.map((each) => each.id)).toEqual([anAnnotationId("x"), null]);
    expect(codesOf(report.repairs)).toEqual(["id-repeated"]);
    const out = imported(toGeoJson([anAnnotation("x", { geometry: square(-5, 0, 20) })], content));
    expect(out.repairs).toMatchObject([{ code: "partly-off-slide", detail: { beyondPx: 5 } }]);
    expect(out.annotations[0]?.geometry).toEqual(square(-5, 0, 20));
  });

  test("[GEJ16] whatever a file holds, each feature comes in or is refused, and what comes in is valid", () => {
    const textless = fc.constant({ toString: 1, valueOf: 1 });
    const junk = fc.oneof(
      fc.jsonValue(),
      fc.record({ type: textless }),
      fc.record({ type: fc.constant("Feature"), geometry: fc.record({ type: textless }) }),
      fc.record({
        type: fc.constant("Feature"),
        geometry: fc.constant(box),
        properties: fc.record(
          {
            objectType: textless,
            name: fc.oneof(textless, fc.constant("Tumor")),
            color: fc.tuple(textless),
            classification: fc.oneof(textless, fc.record({ names: fc.tuple(textless), color: textless })),
            metadata: fc.record({ "concord.id": textless, "concord.under": textless, other: textless }),
            concord: fc.record({
              id: textless,
              classId: textless,
              under: textless,
              attributes: textless,
              note: textless,
            }),
          },
          { requiredKeys: [] },
        ),
      }),
      fc.record({
        type: fc.constant("Feature"),
        geometry: fc.record({
          type: fc.constantFrom("Polygon", "MultiPolygon", "Point", "LineString", "MultiPoint"),
          coordinates: fc.oneof(
            fc.jsonValue(),
            fc.array(fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.double({ min: -50, max: 50 })))),
          ),
        }),
        properties: fc.oneof(fc.jsonValue(), fc.constant({ name: "Tumor" })),
      }),
    );
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 6 }), (features) => {
        const report = imported(features);
        const seen = new Set(report.refused.map((each) => each.index));
        expect(report.annotations.length + seen.size).toBeGreaterThanOrEqual(features.length);
        for (const each of report.annotations) {
          expect(annotationSchema.safeParse({ ...each, id: each.id ?? "unnamed0" }).success).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describeWithData("real exports of other tools", "annotations", (folder) => {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));

  test("[GEJ17] QuPath 0.2: a bare list, signed colours, the type in the id", () => {
    const report = imported(read("histoqc-qupath-export.geojson"));
    expect(report.annotations).toHaveLength(1);
    expect(report.annotations[0]).toMatchObject({
      id: null,
      classId: aClassId("a"),
      geometry: { type: "multipolygon" },
    });
    expect(report.refused).toMatchObject([{ index: 1, code: "unknown-class", detail: { name: "Invborder" } }]);
    expect(report.unknownClasses).toEqual([{ name: "Invborder", colour: "#00ff00", count: 1 }]);
    const mapped = imported(read("histoqc-qupath-export.geojson"), { mapping: { Invborder: aClassId("b") } });
    expect(mapped.annotations).toHaveLength(2);
    expect(mapped.refused).toEqual([]);
  });

  test("[GEJ18] a single feature with a hole keeps the hole", () => {
    const report = imported(read("histoqc-holed.geojson"), { mapping: { "": aClassId("a") } });
    const [only] = report.annotations;
    expect(only?.geometry.type === "polygon" ? only.geometry.rings.length : 0).toBe(2);
    const [outer, hole] = (read("histoqc-holed.geojson") as { geometry: { coordinates: Ring[] } }).geometry.coordinates;
    expect(geometryArea(only!.geometry)).toBeCloseTo(ringArea(outer!) - ringArea(hole!), -2);
    expect(codesOf(report.repairs)).toEqual(["rounded-to-grid"]);
  });

  test("[GEJ19] QuPath 0.5: names and colours in the properties, areas kept", () => {
    const input = read("dlup-qupath05.geojson") as { features: { geometry: { coordinates: Ring[] } }[] };
    const report = imported(input, { mapping: { UT: aClassId("a"), I: aClassId("b") } });
    expect(report.refused).toEqual([]);
    expect(report.annotations.map((each) => each.classId)).toEqual([aClassId("a"), aClassId("b"), aClassId("b")]);
    for (const [index, each] of report.annotations.entries()) {
      expect(geometryArea(each.geometry)).toBeCloseTo(ringArea(input.features[index]!.geometry.coordinates[0]!), 0);
    }
    const again = imported(
      JSON.parse(
        geoJsonText(
          toGeoJson(
            report.annotations.map((each, index) => ({ ...each, id: anAnnotationId(`x${index}`) })),
            content,
          ),
        ),
      ),
    );
    expect(again.annotations.map((each) => each.geometry)).toEqual(report.annotations.map((each) => each.geometry));
    expect(again.repairs).toEqual([]);
  });
});
