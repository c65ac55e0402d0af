import { z } from "zod";
import { type Annotation, type Bbox, type Geometry, geometrySchema, polygonsOf, verticesOf } from "./annotation.ts";
import { bboxOf, geometryArea, geometryBbox, isSimple } from "./geometry.ts";
import { allowsGeometry } from "./guideline/shapes.ts";
import type { ClassDefinition } from "./guideline.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import { intersection, overlapArea } from "./overlay.ts";
import { ok, type Result, refuse } from "./result.ts";
import { type MicronPerPx, toSquareMicron } from "./units.ts";

export const findingCodeSchema = z.enum([
  "class-retired",
  "geometry-not-allowed",
  "off-slide",
  "self-crossing",
  "too-small",
  "overlap-other-class",
]);
export type FindingCode = z.infer<typeof findingCodeSchema>;

/** A failed quality check: what, where, by how much. It warns; a stroke is never swallowed. */
export type Finding = {
  readonly code: FindingCode;
  /** Block stops a submit or a release. */
  readonly severity: "warn" | "block";
  /** In `unit`; null where the check has no number. */
  readonly measured: number | null;
  readonly limit: number | null;
  readonly unit: "um2" | "px" | "px2" | null;
  /** Where to look, level-0 px. */
  readonly bbox: Bbox;
  /** The other outline, for an overlap. */
  readonly other: AnnotationId | null;
};

/** Size of a slide at level 0, px. */
export type Extent = { readonly width: number; readonly height: number };

export type OutlineContext = {
  readonly classDefinition: ClassDefinition;
  /** Null where the slide's scale is not known: rules in um2 are then not checked. */
  readonly mpp: MicronPerPx | null;
  readonly slide: Extent;
  /** Outlines near by with the class that counts for each; only those of another class are looked at. */
  readonly neighbours?: readonly (Pick<Annotation, "id" | "geometry"> & { readonly classId: ClassId })[];
};

/** Below this share of the smaller outline a common area is the width of a pen and no claim. */
export const OVERLAP_TOLERANCE = 0.02;

/**
 * Rules 1 and 2 for one outline: it can be used as it is, is large enough, and shares no tissue with another class.
 * @returns findings in a fixed order, empty where all is well. Cost about n log n in vertices, for each neighbour
 */
export function checkOutline(
  annotation: Pick<Annotation, "id" | "classId" | "geometry">,
  context: OutlineContext,
): Finding[] {
  const bbox = geometryBbox(annotation.geometry);
  return [
    ...checkClass(annotation.geometry, context, bbox),
    ...checkPlace(bbox, context.slide),
    ...checkCrossing(annotation.geometry),
    ...checkSize(annotation.geometry, context, bbox),
    ...checkOverlaps(annotation, context),
  ];
}

export type MalformedReason = "outline-malformed" | "coordinates-not-finite" | "outline-off-slide";

/**
 * What is refused at the edges, before anything is stored: a shape that is none, a coordinate that is no number, an
 * outline with nothing on the slide. An outline that sticks out partly is a finding, not a refusal.
 * @param input what came in from outside
 * @returns the geometry, as it came; the refusal names the offending value
 */
export function refuseMalformed(input: unknown, slide: Extent): Result<Geometry, MalformedReason> {
  const parsed = geometrySchema.safeParse(input);
  if (!parsed.success) {
    const { path = [], message = "" } = parsed.error.issues[0] ?? {};
    const value = valueAt(input, path);
    const detail = { path: path.join("."), problem: message };
    if (typeof value === "number" && !Number.isFinite(value)) {
      return refuse("coordinates-not-finite", { ...detail, value: String(value) });
    }
    return refuse("outline-malformed", detail);
  }
  const geometry: Geometry = parsed.data;
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const outside = maxX < 0 || maxY < 0 || minX > slide.width || minY > slide.height;
  if (outside)
    return refuse("outline-off-slide", { bbox: [minX, minY, maxX, maxY], slide: [slide.width, slide.height] });
  return ok(geometry);
}

const NONE = { measured: null, limit: null, unit: null, other: null } as const;

function checkClass(geometry: Geometry, { classDefinition }: OutlineContext, bbox: Bbox): Finding[] {
  const findings: Finding[] = [];
  if (classDefinition.retired) findings.push({ ...NONE, code: "class-retired", severity: "block", bbox });
  if (!allowsGeometry(classDefinition.geometry, geometry)) {
    findings.push({ ...NONE, code: "geometry-not-allowed", severity: "block", bbox });
  }
  return findings;
}

function checkPlace(bbox: Bbox, { width, height }: Extent): Finding[] {
  const beyond = Math.max(-bbox.minX, -bbox.minY, bbox.maxX - width, bbox.maxY - height);
  if (beyond <= 0) return [];
  return [{ code: "off-slide", severity: "block", measured: beyond, limit: 0, unit: "px", bbox, other: null }];
}

function checkCrossing(geometry: Geometry): Finding[] {
  return polygonsOf(geometry)
    .flat()
    .filter((ring) => !isSimple(ring))
    .map((ring) => ({ ...NONE, code: "self-crossing", severity: "block", bbox: bboxOf(ring) }));
}

function checkSize(geometry: Geometry, { classDefinition, mpp }: OutlineContext, bbox: Bbox): Finding[] {
  const limit = classDefinition.minAreaUm2;
  if (limit === null || mpp === null || polygonsOf(geometry).length === 0) return [];
  const measured = toSquareMicron(geometryArea(geometry), mpp);
  if (measured >= limit) return [];
  return [{ code: "too-small", severity: "warn", measured, limit, unit: "um2", bbox, other: null }];
}

function checkOverlaps(
  annotation: Pick<Annotation, "id" | "classId" | "geometry">,
  { neighbours = [], mpp }: OutlineContext,
): Finding[] {
  const area = geometryArea(annotation.geometry);
  if (area === 0) return [];
  const others = neighbours.filter((each) => each.id !== annotation.id && each.classId !== annotation.classId);
  return others.flatMap((other): Finding[] => {
    const shared = overlapArea(annotation.geometry, other.geometry);
    const limitPx = OVERLAP_TOLERANCE * Math.min(area, geometryArea(other.geometry));
    if (shared <= limitPx) return [];
    const common = intersection(annotation.geometry, other.geometry);
    const bbox = bboxOf(common.length > 0 ? common.flat(2) : verticesOf(other.geometry));
    const [measured, limit] = mpp === null ? [shared, limitPx] : [shared, limitPx].map((px) => toSquareMicron(px, mpp));
    const unit = mpp === null ? "px2" : "um2";
    const numbers = { measured: measured ?? shared, limit: limit ?? limitPx, unit } as const;
    return [{ code: "overlap-other-class", severity: "warn", ...numbers, bbox, other: other.id }];
  });
}

/** What lies at a path of a value of unknown shape. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
