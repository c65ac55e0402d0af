import { z } from "zod";
import { type Annotation, type Bbox, type Geometry, geometrySchema, polygonsOf, verticesOf } from "./annotation.ts";
import { fieldSidePx, fieldsWithin } from "./fields-of-view.ts";
import { bboxOf, geometryArea, geometryBbox, isSimple } from "./geometry.ts";
import { unsaidAttributes } from "./guideline/attribute-values.ts";
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
  "too-large",
  "too-few-fields",
  "overlap-other-class",
  "attribute-missing",
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
  readonly unit: "um2" | "px" | "px2" | "fields" | null;
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

/**
 * Rules 1 and 2 for one outline: it can be used as it is, is neither too small nor too large, shares no more tissue with
 * another class than its own allows, and says what its class requires.
 * @param annotation attributes are looked at where they are given
 * @returns findings in a fixed order, empty where all is well. Cost about n log n in vertices, for each neighbour
 */
export function checkOutline(
  annotation: Pick<Annotation, "id" | "classId" | "geometry"> & Partial<Pick<Annotation, "attributes">>,
  context: OutlineContext,
): Finding[] {
  const bbox = geometryBbox(annotation.geometry);
  return [
    ...checkClass(annotation.geometry, context, bbox),
    ...checkPlace(bbox, context.slide),
    ...checkCrossing(annotation.geometry),
    ...checkSize(annotation.geometry, context, bbox),
    ...checkFields(annotation.geometry, context, bbox),
    ...checkOverlaps(annotation, context),
    ...checkAttributes(annotation.attributes, context, bbox),
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

/** Sizes in um2: what is large enough, and what one structure can have. */
function checkSize(geometry: Geometry, { classDefinition, mpp }: OutlineContext, bbox: Bbox): Finding[] {
  if (mpp === null || polygonsOf(geometry).length === 0) return [];
  const { minAreaUm2, rules } = classDefinition;
  const { maxAreaUm2, severity } = rules;
  const measured = toSquareMicron(geometryArea(geometry), mpp);
  const about = { severity, measured, unit: "um2", bbox, other: null } as const;
  const findings: Finding[] = [];
  if (minAreaUm2 !== null && measured < minAreaUm2) findings.push({ ...about, code: "too-small", limit: minAreaUm2 });
  if (maxAreaUm2 !== null && measured > maxAreaUm2) findings.push({ ...about, code: "too-large", limit: maxAreaUm2 });
  return findings;
}

/** For how many fields of view there is room, where that are fewer than the class asks for. */
function checkFields(geometry: Geometry, { classDefinition, mpp }: OutlineContext, bbox: Bbox): Finding[] {
  const { fieldOfView, severity } = classDefinition.rules;
  if (fieldOfView === null || mpp === null || polygonsOf(geometry).length === 0) return [];
  const { count, sideUm } = fieldOfView;
  const measured = fieldsWithin(geometry, fieldSidePx(sideUm, mpp), count);
  if (measured >= count) return [];
  return [{ code: "too-few-fields", severity, measured, limit: count, unit: "fields", bbox, other: null }];
}

/** What the class requires and nobody has said; what was said under an earlier version is followed by the history. */
function checkAttributes(
  attributes: Annotation["attributes"] | undefined,
  { classDefinition }: OutlineContext,
  bbox: Bbox,
): Finding[] {
  if (attributes === undefined) return [];
  const unsaid = unsaidAttributes(classDefinition, attributes);
  return unsaid.length === 0
    ? []
    : [{ ...NONE, code: "attribute-missing", severity: "warn", measured: unsaid.length, bbox }];
}

function checkOverlaps(
  annotation: Pick<Annotation, "id" | "classId" | "geometry">,
  { classDefinition, neighbours = [], mpp }: OutlineContext,
): Finding[] {
  const area = geometryArea(annotation.geometry);
  const { maxSharedShare, overlaps, nestedIn, severity } = classDefinition.rules;
  if (area === 0 || maxSharedShare === null) return [];
  const free = new Set([annotation.classId, ...overlaps, ...nestedIn]);
  const others = neighbours.filter((each) => each.id !== annotation.id && !free.has(each.classId));
  const limitPx = maxSharedShare * area;
  return others.flatMap((other): Finding[] => {
    const shared = overlapArea(annotation.geometry, other.geometry);
    if (shared <= limitPx) return [];
    const common = intersection(annotation.geometry, other.geometry);
    const bbox = bboxOf(common.length > 0 ? common.flat(2) : verticesOf(other.geometry));
    const [measured = shared, limit = limitPx] =
      mpp === null ? [shared, limitPx] : [shared, limitPx].map((px) => toSquareMicron(px, mpp));
    const unit = mpp === null ? "px2" : "um2";
    return [{ code: "overlap-other-class", severity, measured, limit, unit, bbox, other: other.id }];
  });
}

/** What lies at a path of a value of unknown shape. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
