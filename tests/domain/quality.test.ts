import { describe, expect, test } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { ClassRules } from "#domain/guideline.ts";
import { attributeId } from "#domain/ids.ts";
import { checkChoice } from "#domain/migration.ts";
import { checkOutline, type OutlineContext, refuseMalformed } from "#domain/quality.ts";
import { micronPerPx } from "#domain/units.ts";
import {
  aClass,
  aClassId,
  aGuideline,
  anAnnotation,
  anAnnotationId,
  square,
  squareRing,
} from "#tests/support/builders.ts";

const slide = { width: 1_000, height: 800 };
const context: OutlineContext = { classDefinition: aClass("a"), mpp: micronPerPx(0.5), slide };
const bowTie: Geometry = {
  type: "polygon",
  rings: [
    [
      [10, 10],
      [50, 50],
      [50, 10],
      [10, 50],
    ],
  ],
};

function codes(geometry: Geometry, change: Partial<OutlineContext> = {}) {
  return checkOutline(anAnnotation("x", { geometry }), { ...context, ...change }).map((finding) => finding.code);
}

describe("findings about one outline", () => {
  test("[QUA1] a sound outline has none", () => {
    expect(codes(square(10, 10, 100))).toEqual([]);
    expect(codes({ type: "point", at: [5, 5] })).toEqual([]);
  });

  test("[QUA2] an area below the limit of the class is measured in um2; without a scale it is not judged", () => {
    const classDefinition = aClass("a", { minAreaUm2: 2_501 });
    expect(checkOutline(anAnnotation("x"), { ...context, classDefinition })).toEqual([
      {
        code: "too-small",
        severity: "warn",
        measured: 2_500,
        limit: 2_501,
        unit: "um2",
        bbox: { minX: 0, minY: 0, maxX: 100, maxY: 100 },
        other: null,
      },
    ]);
    expect(codes(square(0, 0, 100), { classDefinition: aClass("a", { minAreaUm2: 2_500 }) })).toEqual([]);
    expect(codes(square(0, 0, 100), { classDefinition, mpp: null })).toEqual([]);
    expect(codes({ type: "point", at: [5, 5] }, { classDefinition })).toEqual([]);
  });

  test("[PAI15] an area above the limit of the class is measured in um2", () => {
    const ruled = (rules: Partial<ClassRules>) => aClass("a", { rules: { ...aClass("a").rules, ...rules } });
    const large = ruled({ maxAreaUm2: 2_499, severity: "block" });
    expect(checkOutline(anAnnotation("x"), { ...context, classDefinition: large })).toMatchObject([
      { code: "too-large", severity: "block", measured: 2_500, limit: 2_499, unit: "um2" },
    ]);
    expect(codes(square(0, 0, 100), { classDefinition: ruled({ maxAreaUm2: 2_500 }) })).toEqual([]);
  });

  test("[FOV3] an outline without room for the fields of view of its class says for how many it has room", () => {
    const ruled = (rules: Partial<ClassRules>) => aClass("a", { rules: { ...aClass("a").rules, ...rules } });
    // 100 px are 50 um: a square of 57 um has the area of two fields of 40 um, and room for one.
    const fields = ruled({ fieldOfView: { count: 2, sideUm: 40 } });
    expect(
      checkOutline(anAnnotation("x", { geometry: square(0, 0, 114) }), { ...context, classDefinition: fields }),
    ).toMatchObject([{ code: "too-few-fields", severity: "warn", measured: 1, limit: 2, unit: "fields" }]);
    const box = (width: number, height: number): Geometry => ({
      type: "polygon",
      rings: [
        [
          [3, 5],
          [3 + width, 5],
          [3 + width, 5 + height],
          [3, 5 + height],
        ],
      ],
    });
    expect(codes(box(160, 80), { classDefinition: fields })).toEqual([]);
    expect(codes(box(80, 160), { classDefinition: fields })).toEqual([]);
    expect(codes(box(159, 80), { classDefinition: fields })).toEqual(["too-few-fields"]);
    expect(codes(square(0, 0, 9), { classDefinition: fields, mpp: null })).toEqual([]);
    expect(codes({ type: "point", at: [5, 5] }, { classDefinition: fields })).toEqual([]);
  });

  test("[PAI16] what a class requires and an outline does not say is a finding; what is assumed or said is not", () => {
    const grade = { id: attributeId.parse("grade0000"), name: "Grade", kind: "text", required: true };
    const asked = aClass("a", { attributes: [attributeSchema.parse(grade)] });
    const found = (attributes: Record<string, string>, classDefinition = asked) =>
      checkOutline(anAnnotation("x", { attributes }), { ...context, classDefinition }).map(({ code }) => code);
    expect(found({})).toEqual(["attribute-missing"]);
    expect(found({ grade0000: "" })).toEqual(["attribute-missing"]);
    expect(found({ grade0000: "2" })).toEqual([]);
    const assumed = aClass("a", { attributes: [attributeSchema.parse({ ...grade, assumed: "1" })] });
    expect(found({}, assumed)).toEqual([]);
  });

  test("[PAI17] how much others may claim, and which classes may overlap, is what the class says", () => {
    const near = [{ id: anAnnotationId("near"), classId: aClassId("b"), geometry: square(75, 0, 100) }];
    const ruled = (rules: Partial<ClassRules>) => aClass("a", { rules: { ...aClass("a").rules, ...rules } });
    const of = (rules: Partial<ClassRules>) =>
      codes(square(0, 0, 100), { classDefinition: ruled(rules), neighbours: near });
    expect(of({})).toEqual(["overlap-other-class"]);
    expect(of({ maxSharedShare: 0.25 })).toEqual([]);
    expect(of({ maxSharedShare: null })).toEqual([]);
    expect(of({ overlaps: [aClassId("b")] })).toEqual([]);
    expect(of({ nestedIn: [aClassId("b")] })).toEqual([]);
  });

  test("[QUA3] an outline that sticks out of the slide is told by how many pixels", () => {
    const found = checkOutline(anAnnotation("x", { geometry: square(950, 10, 60) }), context);
    expect(found).toMatchObject([{ code: "off-slide", severity: "block", measured: 10, unit: "px" }]);
    expect(codes(square(-1, 10, 60))).toEqual(["off-slide"]);
    expect(codes(square(940, 740, 60))).toEqual([]);
  });

  test("[QUA4] a ring that crosses itself is found with its place", () => {
    const found = checkOutline(anAnnotation("x", { geometry: bowTie }), context);
    expect(found).toMatchObject([{ code: "self-crossing", severity: "block", bbox: { minX: 10, maxX: 50 } }]);
  });

  test("[QUA5] a kind of geometry that the class does not allow, and a retired class, block", () => {
    const points = aClass("a", { geometry: ["point"] });
    expect(codes(square(0, 0, 9), { classDefinition: points })).toEqual(["geometry-not-allowed"]);
    const polygons = aClass("a", { geometry: ["polygon"] });
    const two: Geometry = { type: "multipolygon", polygons: [[squareRing(0, 0, 9)], [squareRing(20, 0, 9)]] };
    expect(codes(two, { classDefinition: polygons })).toEqual([]);
    expect(
      codes(
        {
          type: "line",
          points: [
            [1, 1],
            [2, 2],
          ],
        },
        { classDefinition: polygons },
      ),
    ).toEqual(["geometry-not-allowed"]);
    expect(codes(square(0, 0, 9), { classDefinition: aClass("a", { retired: true }) })).toEqual(["class-retired"]);
  });

  test("[QUA6] tissue that another class claims is measured; a pen's width and the same class are not", () => {
    const neighbour = (x: number, name: string) => ({
      id: anAnnotationId(`near${x}`),
      classId: aClassId(name),
      geometry: square(x, 0, 100),
    });
    const found = checkOutline(anAnnotation("x"), { ...context, neighbours: [neighbour(75, "b"), neighbour(50, "a")] });
    expect(found).toHaveLength(1);
    expect(found).toMatchObject([
      {
        code: "overlap-other-class",
        severity: "warn",
        measured: 625,
        unit: "um2",
        bbox: { minX: 75, minY: 0, maxX: 100, maxY: 100 },
        other: anAnnotationId("near75"),
      },
    ]);
    expect(codes(square(0, 0, 100), { neighbours: [neighbour(99, "b"), neighbour(100, "b")] })).toEqual([]);
    const itself = { ...neighbour(0, "b"), id: anAnnotationId("x") };
    expect(codes(square(0, 0, 100), { neighbours: [itself] })).toEqual([]);
    const unscaled = checkOutline(anAnnotation("x"), { ...context, mpp: null, neighbours: [neighbour(75, "b")] });
    expect(unscaled).toMatchObject([{ measured: 2_500, unit: "px2" }]);
  });
});

describe("what is refused at the edges", () => {
  const ring = (...points: unknown[]) => ({ type: "polygon", rings: [points] });

  test("[QUA7] a well-formed geometry on the slide passes as it came", () => {
    expect(refuseMalformed(square(10, 10, 5), slide)).toEqual({ ok: true, value: square(10, 10, 5) });
    expect(refuseMalformed(square(-10, 10, 20), slide).ok).toBe(true);
  });

  test("[QUA8] a shape that is none is refused with the place of the fault", () => {
    for (const bad of [null, 7, "x", {}, { type: "circle" }, ring([0, 0], [1, 1]), ring([0, 0], [1, 1], [2])]) {
      expect(refuseMalformed(bad, slide)).toMatchObject({ reason: "outline-malformed" });
    }
    expect(refuseMalformed(ring([0, 0], [1, 1], [2, "3"]), slide)).toMatchObject({ detail: { path: "rings.0.2.1" } });
    expect(refuseMalformed(ring([0, 0], [1, 1], [2, 1e9]), slide)).toMatchObject({ reason: "outline-malformed" });
  });

  test("[QUA9] a coordinate that is no number is refused with its value", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(refuseMalformed(ring([0, 0], [1, value], [2, 2]), slide)).toMatchObject({
        reason: "coordinates-not-finite",
        detail: { value: String(value), path: "rings.0.1.1" },
      });
    }
  });

  test("[QUA10] an outline with nothing on the slide is refused with its box", () => {
    expect(refuseMalformed(square(1_001, 0, 10), slide)).toMatchObject({
      reason: "outline-off-slide",
      detail: { bbox: [1_001, 0, 1_011, 10], slide: [1_000, 800] },
    });
    expect(refuseMalformed({ type: "point", at: [-1, 5] }, slide)).toMatchObject({ reason: "outline-off-slide" });
  });

  test("[QUA11] a class that the guideline does not have, or no longer draws, is refused", () => {
    const content = aGuideline(["a", aClass("b", { retired: true })]);
    const chosen = (name: string) => checkChoice({ verdict: "choose", classId: aClassId(name) }, content, {});
    expect(chosen("a").ok).toBe(true);
    expect(chosen("b")).toMatchObject({ reason: "class-retired" });
    expect(chosen("c")).toMatchObject({ reason: "unknown-class" });
  });
});
