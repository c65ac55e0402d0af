import {
  type Annotation,
  type Bbox,
  type Geometry,
  type Point,
  type Polygon,
  polygonsOf,
  type Ring,
} from "#domain/annotation.ts";
import { bboxOf, containsPoint, geometryArea, polygonArea, simplify } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { difference, intersection, normalise, normaliseAll, strokeArea, union } from "#domain/overlay.ts";
import type { Drawing, ToolHost } from "./tool.ts";

/** Drawn smaller than this on the screen it was a slip of the hand, CSS px2. */
const MIN_DRAWN_AREA = 12;
/** And never smaller than this on the slide, px2. */
const MIN_STORED_AREA = 4;
/** Points of a drawn line closer to it than this are not kept, CSS px. */
const SLACK = 0.6;

/** The smallest area that is kept, px2, at this many CSS px per level-0 px. */
export function smallestArea(scale: number): number {
  return Math.max(MIN_STORED_AREA, MIN_DRAWN_AREA / (scale * scale));
}

/** The valid geometry of a drawn ring, or null where it is too small to be meant. A loop that crosses itself means no hole. */
export function outlineOf(ring: Ring, scale: number): Geometry | null {
  if (ring.length < 3) return null;
  const valid = normalise({ type: "polygon", rings: [ring] });
  const outsides = (valid === null ? [] : polygonsOf(valid))
    .map((polygon) => polygon.slice(0, 1))
    .filter((polygon) => polygonArea(polygon) >= smallestArea(scale));
  return outsides.length === 0 ? null : normaliseAll(outsides);
}

/** As `outlineOf`, for a line drawn by hand: points that add nothing on the screen are left out first. */
export function freehandOutline(points: readonly Point[], scale: number): Geometry | null {
  return outlineOf(simplify(points, SLACK / scale), scale);
}

/** The area that a brush covered, with as few vertices as the screen can tell apart. Radius in level-0 px. */
export function brushedArea(points: readonly Point[], radiusPx: number, scale: number): readonly Polygon[] {
  const path = thinned(points, Math.max(radiusPx / 8, 0.75 / scale));
  return strokeArea(path, radiusPx).map((polygon) => polygon.map((ring) => simplify(ring, (SLACK * 0.5) / scale)));
}

/**
 * The outline that a stroke belongs to: the selected one where the stroke meets it, else the one of the class where the
 * stroke began, else the first of the class that it meets; null where it meets none.
 */
export function strokeTarget(
  drawing: Drawing,
  area: readonly Polygon[],
  wanted: {
    readonly selected: readonly AnnotationId[];
    readonly classId: ClassId | null;
    readonly classOf: (annotation: Annotation) => ClassId;
    readonly start: Point;
  },
): Annotation | null {
  const met = metBy(drawing, area);
  const selected = met.find(({ id }) => wanted.selected.includes(id));
  if (selected !== undefined) return selected;
  const ofClass = met.filter((each) => wanted.classId === null || wanted.classOf(each) === wanted.classId);
  const startBox: Bbox = bboxOf([wanted.start]);
  const atStart = drawing
    .near(startBox)
    .find(({ id, geometry }) => ofClass.some((each) => each.id === id) && containsPoint(geometry, wanted.start));
  return atStart ?? ofClass[0] ?? null;
}

/** Outlines with an area that share some of it with a stroke. */
export function metBy(drawing: Drawing, area: readonly Polygon[]): readonly Annotation[] {
  const points = area.flatMap((polygon) => polygon[0] ?? []);
  if (points.length === 0) return [];
  return drawing
    .near(bboxOf(points))
    .filter(({ geometry }) => geometryArea(geometry) > 0 && intersection(geometry, area).length > 0);
}

/** An outline with a stroke added. */
export function grown(geometry: Geometry, area: readonly Polygon[]): Geometry | null {
  return normaliseAll(union([geometry, area]));
}

/** An outline with a stroke cut out and slivers dropped; null where nothing worth keeping is left. */
export function cut(geometry: Geometry, area: readonly Polygon[], scale: number): Geometry | null {
  const left = difference(geometry, area).filter(
    (polygon) => geometryArea({ type: "polygon", rings: polygon }) >= smallestArea(scale),
  );
  return normaliseAll(left);
}

/** Adds an outline of the active class, and says why where that cannot be. @returns its id, or null */
export function addOutline(host: ToolHost, geometry: Geometry): AnnotationId | null {
  const [drawing, classId] = [host.drawing(), host.classId()];
  if (drawing === null) return null;
  if (classId === null) {
    host.say("Choose a class first.");
    return null;
  }
  const kind = geometry.type === "multipolygon" ? "polygon" : geometry.type;
  if (!host.allows(classId, kind)) {
    host.say(`The guideline does not allow a ${kind} for this class.`);
    return null;
  }
  return drawing.add(geometry, classId);
}

/** A length or nothing where the scale is unknown: "123 µm", "1.24 mm", else pixels. */
export function lengthText(lengthPx: number, mpp: number | null): string {
  if (mpp === null) return `${Math.round(lengthPx)} px`;
  const um = lengthPx * mpp;
  if (um >= 1000) return `${(um / 1000).toFixed(2)} mm`;
  return um >= 100 ? `${Math.round(um)} µm` : `${um.toFixed(1)} µm`;
}

/** An area: "0.84 mm²", "1,240 µm²", or pixels where the scale is unknown. */
export function areaText(areaPx: number, mpp: number | null): string {
  const grouped = (value: number) => Math.round(value).toLocaleString("en");
  if (mpp === null) return `${grouped(areaPx)} px²`;
  const um2 = areaPx * mpp * mpp;
  if (um2 >= 100_000) return `${(um2 / 1_000_000).toFixed(um2 >= 10_000_000 ? 1 : 2)} mm²`;
  return um2 >= 100 ? `${grouped(um2)} µm²` : `${um2.toFixed(1)} µm²`;
}

/** Points at least a step apart; the last always stays. */
function thinned(points: readonly Point[], step: number): readonly Point[] {
  const kept: Point[] = [];
  for (const [index, point] of points.entries()) {
    const [x, y] = kept.at(-1) ?? [Infinity, Infinity];
    if (index === points.length - 1 || !(Math.hypot(point[0] - x, point[1] - y) < step)) kept.push(point);
  }
  return kept;
}
