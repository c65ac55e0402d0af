import { type Bbox, type Polygon, polygonsOf } from "#domain/annotation.ts";
import {
  matchObjects,
  type ObjectMatching,
  objectProbabilityLevels,
  type ProbabilityOf,
  probabilityLevels,
  voteLevels,
} from "#domain/consensus.ts";
import { bboxOf, geometryBbox, polygonsArea } from "#domain/geometry.ts";
import type { ClassId } from "#domain/ids.ts";
import { intersection, union } from "#domain/overlay.ts";
import type { MicronPerPx } from "#domain/units.ts";
import type { Standing } from "./class-standing.ts";
import type { Scene, Shape } from "./scene.ts";

/** What at least so many reads give to a class, or where it is at least so probable; level-0 px, the widest first. */
export type Band = { readonly level: number; readonly polygons: readonly Polygon[] };

/** The reads around one dispute, and the class that the bands are of. */
export type BandsAsked = {
  readonly scene: Scene;
  /** Layers of the reads in the order of their votes. */
  readonly layerIds: readonly string[];
  readonly classId: ClassId;
  readonly box: Bbox;
  readonly standingOf: (annotation: Shape["annotation"]) => Pick<Standing, "classId">;
};

/** From here on a class is likely, very likely, and all but sure. */
export const PROBABILITIES = [0.5, 0.8, 0.95] as const;

/** How the line of a band is broken: the last one, which says the most, is whole. */
export function bandDash(place: number, bands: number): readonly number[] {
  if (place === bands - 1) return [];
  return place === 0 ? [2, 4] : [6, 3];
}

/** More outlines than this around one dispute are a tissue and not a structure: their bands would take too long. */
const MOST_OUTLINES = 400;
/** Less than this beside the structures at hand is the rounding of an edge. */
const CRUMB_PX2 = 0.01;

/**
 * Nested outlines of what at least 1, 2, ... of the reads give to a class around a box. Outlines that reach into the box
 * are taken whole, so that a structure is not cut at the border of a dispute.
 * @returns null where there are too many outlines
 */
export function voteBands(asked: BandsAsked): readonly Band[] | null {
  const around = structuresAt(asked);
  if (around === null) return null;
  const areas = around.reads.map((shapes) =>
    union(shapes.filter((shape) => isOf(asked, shape)).map(({ annotation }) => polygonsOf(annotation.geometry))),
  );
  return bandsIn(
    voteLevels(areas).map((polygons, below) => ({ level: below + 1, polygons })),
    around.area,
  );
}

/**
 * Nested outlines of where a class is at least so probable by how far readers fit one another, of whole structures too.
 * @param classIds the classes that are voted on by place, in the order of their labels
 * @returns null where there are too many outlines
 */
export function probabilityBands(
  asked: BandsAsked,
  classIds: readonly ClassId[],
  probabilityOf: ProbabilityOf,
): readonly Band[] | null {
  const around = structuresAt(asked);
  if (around === null) return null;
  const reads = around.reads.map((shapes, read) => readOf(asked, read, shapes));
  const levels = probabilityLevels(reads, classIds, asked.classId, probabilityOf, PROBABILITIES);
  return bandsIn(
    levels.map((polygons, place) => ({ level: PROBABILITIES[place] ?? 0, polygons })),
    around.area,
  );
}

/** How single objects of a slide are told apart. */
export type ObjectRules = {
  /** In the order of their labels. */
  readonly classIds: readonly ClassId[];
  readonly matchingOf: (classId: ClassId) => ObjectMatching;
  readonly mpp: MicronPerPx | null;
};

/**
 * The objects that reach into the box, each within the lines of what it is so probable as: an object is voted on as a whole.
 * @returns null where there are too many outlines
 */
export function objectBands(
  asked: BandsAsked,
  rules: ObjectRules,
  probabilityOf: ProbabilityOf,
): readonly Band[] | null {
  const { minX, minY, maxX, maxY } = asked.box;
  // What is matched with an object lies on it; what that could be matched with instead lies on that.
  const [width, height] = [maxX - minX, maxY - minY];
  const around = { minX: minX - width, minY: minY - height, maxX: maxX + width, maxY: maxY + height };
  const isObject = ({ annotation }: Shape) => rules.classIds.includes(asked.standingOf(annotation).classId);
  const shapes = asked.layerIds.map((id) => (asked.scene.layer(id)?.search(around) ?? []).filter(isObject));
  if (shapes.reduce((sum, own) => sum + own.length, 0) > MOST_OUTLINES) return null;
  const reads = shapes.map((own, read) => readOf(asked, read, own));
  const { clusters } = matchObjects(reads, rules.matchingOf, rules.mpp);
  const here = clusters.filter(({ members }) =>
    members.some((member) => member !== null && meet(geometryBbox(member.geometry), asked.box)),
  );
  const levels = objectProbabilityLevels(
    { clusters: here },
    rules.classIds,
    asked.classId,
    probabilityOf,
    PROBABILITIES,
  );
  return levels
    .map((polygons, place) => ({ level: PROBABILITIES[place] ?? 0, polygons }))
    .filter(({ polygons }) => polygons.length > 0);
}

function readOf({ layerIds, standingOf }: BandsAsked, read: number, shapes: readonly Shape[]) {
  return {
    readerKey: layerIds[read] ?? "",
    outlines: shapes.map(({ annotation }) => ({
      annotationId: annotation.id,
      classId: standingOf(annotation).classId,
      geometry: annotation.geometry,
    })),
  };
}

function meet(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
}

/**
 * What the outlines of the class that reach into the box cover, and everything that any read says there: with less of it
 * a structure would lack votes where it leaves the box.
 */
function structuresAt(
  asked: BandsAsked,
): { readonly area: readonly Polygon[]; readonly reads: readonly (readonly Shape[])[] } | null {
  const near = (box: Bbox) => asked.layerIds.map((id) => asked.scene.layer(id)?.search(box) ?? []);
  const own = near(asked.box)
    .flat()
    .filter((shape) => isOf(asked, shape))
    .map(({ annotation }) => polygonsOf(annotation.geometry));
  if (own.length > MOST_OUTLINES) return null;
  const area = union(own);
  const reads = area.length === 0 ? [] : near(bboxOf(area.flat(2)));
  return reads.reduce((sum, shapes) => sum + shapes.length, 0) > MOST_OUTLINES ? null : { area, reads };
}

function isOf({ classId, standingOf }: BandsAsked, { annotation }: Shape): boolean {
  return standingOf(annotation).classId === classId;
}

/** Bands of the structures at hand alone, with their edges as they are where nothing is beside them. */
function bandsIn(bands: readonly Band[], area: readonly Polygon[]): Band[] {
  return bands
    .map(({ level, polygons }) => {
      const common = intersection(polygons, area);
      const isWithin = polygonsArea(polygons) - polygonsArea(common) < CRUMB_PX2;
      return { level, polygons: isWithin ? polygons : common };
    })
    .filter(({ polygons }) => polygons.length > 0);
}
