import { byPattern, type Ratings } from "./agreement.ts";
import { type Bbox, type Geometry, polygonsOf } from "./annotation.ts";
import { type ClassRule, labelsIn, matchObjects, type Outline, type Read } from "./consensus.ts";
import { geometryArea, geometryBbox } from "./geometry.ts";
import type { ClassId } from "./ids.ts";
import { clipTo } from "./overlay.ts";
import type { MicronPerPx } from "./units.ts";
import { voteAreas } from "./vote-areas.ts";

/** Agreement that is kept up to date while people draw is kept by squares of this side, level-0 px. */
export const TILE_PX = 1_024;

/** Column and row of a square, as `3_5`. */
export type TileKey = string;

/** What the reads say in one square: votes on places by area, px2, and on the objects that have their corner in it. */
export type TileTally = { readonly regions: Ratings; readonly objects: Ratings };

export type TileSettings = {
  readonly classIds: readonly ClassId[];
  readonly rules: readonly ClassRule[];
  readonly mpp: MicronPerPx | null;
};

/** The squares that a box meets; those whose votes a change of an outline there can change. */
export function tilesMeeting({ minX, minY, maxX, maxY }: Bbox): TileKey[] {
  const [left, top] = [Math.floor(minX / TILE_PX), Math.floor(minY / TILE_PX)];
  const [right, bottom] = [Math.floor(maxX / TILE_PX), Math.floor(maxY / TILE_PX)];
  const keys: TileKey[] = [];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) keys.push(`${column}_${row}`);
  }
  return keys;
}

/** Where a square lies, level-0 px. */
export function tileBox(key: TileKey): Bbox {
  const [column = 0, row = 0] = key.split("_").map(Number);
  const [minX, minY] = [column * TILE_PX, row * TILE_PX];
  return { minX, minY, maxX: minX + TILE_PX, maxY: minY + TILE_PX };
}

/** Squares to look at again for the objects of one: an object may be matched with a neighbour's. */
export function tilesAround(key: TileKey): TileKey[] {
  const { minX, minY, maxX, maxY } = tileBox(key);
  return tilesMeeting({ minX: minX - 1, minY: minY - 1, maxX, maxY });
}

/**
 * The votes in one square. The same outlines give the same bytes, in whatever order they come and came to be.
 * @param reads with at least all outlines that meet the square or one beside it
 * Objects are matched among those; a chain of matches that is longer than that may be cut.
 */
export function tileTally(reads: readonly Read[], key: TileKey, { classIds, rules, mpp }: TileSettings): TileTally {
  const objectRules = new Map(rules.flatMap((rule) => (rule.objects === null ? [] : [[rule.classId, rule.objects]])));
  const regionIds = classIds.filter((id) => !objectRules.has(id));
  const objectIds = classIds.filter((id) => objectRules.has(id));
  const ordered = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  const box = tileBox(key);
  const labelled = ordered.map((read) => placesIn(read, regionIds, box));
  const objects = objectsNear(ordered, (classId) => objectRules.has(classId), box);
  const { clusters } = matchObjects(objects, (classId) => objectRules.get(classId) ?? {}, mpp);
  const own = clusters.filter(({ bbox }) => tilesMeeting({ ...bbox, maxX: bbox.minX, maxY: bbox.minY })[0] === key);
  const rows = own.map((cluster) => ({ labels: labelsIn(cluster, objectIds), weight: 1 }));
  return {
    regions: voteAreas(labelled, regionIds.length + 1),
    objects: byPattern({ categories: objectIds.length + 1, rows }),
  };
}

/**
 * The objects whose matches can reach into a square: within twice the size of the largest of them, so that small cells are
 * not compared with those of a whole neighbourhood.
 */
function objectsNear(reads: readonly Read[], isObject: (classId: ClassId) => boolean, box: Bbox): Read[] {
  const own = reads.map(({ readerKey, outlines }) => ({
    readerKey,
    outlines: outlines
      .filter(({ classId }) => isObject(classId))
      .map((outline) => ({ outline, bbox: geometryBbox(outline.geometry) })),
  }));
  const largest = own
    .flatMap(({ outlines }) => outlines)
    .reduce((most, { bbox }) => Math.max(most, bbox.maxX - bbox.minX, bbox.maxY - bbox.minY), LEAST_REACH_PX);
  const reach = Math.min(TILE_PX, 2 * largest);
  const around = {
    minX: box.minX - reach,
    minY: box.minY - reach,
    maxX: box.maxX + reach,
    maxY: box.maxY + reach,
  };
  return own.map(({ readerKey, outlines }) => ({
    readerKey,
    outlines: outlines.filter(({ bbox }) => overlaps(bbox, around)).map(({ outline }) => outline),
  }));
}

/** Points have no size; they are matched within some um. */
const LEAST_REACH_PX = 64;

/** The votes of several squares together, whatever their order. */
export function tilesTogether(tallies: readonly TileTally[], classes: { regions: number; objects: number }): TileTally {
  const all = (basis: keyof TileTally) =>
    byPattern({ categories: classes[basis] + 1, rows: tallies.flatMap((tally) => tally[basis].rows).sort(byWeight) });
  return { regions: all("regions"), objects: all("objects") };
}

/** Sums of the same numbers in the same order have the same last bit. */
function byWeight(a: Ratings["rows"][number], b: Ratings["rows"][number]): number {
  return a.weight - b.weight;
}

/** Largest first as they lie on one another, cut to the square. */
function placesIn({ outlines }: Read, regionIds: readonly ClassId[], box: Bbox) {
  return outlines
    .flatMap((outline) => {
      const label = regionIds.indexOf(outline.classId) + 1;
      return label > 0 && meets(outline.geometry, box)
        ? [{ outline, label, area: geometryArea(outline.geometry) }]
        : [];
    })
    .sort((a, b) => b.area - a.area || (a.outline.annotationId < b.outline.annotationId ? -1 : 1))
    .flatMap(({ outline, label }) => cutTo(outline, label, box));
}

function cutTo({ geometry }: Outline, label: number, box: Bbox) {
  if (isWithin(geometryBbox(geometry), box)) return [{ label, shape: polygonsOf(geometry) }];
  const shape = clipTo(geometry, box);
  return shape === null ? [] : [{ label, shape: polygonsOf(shape) }];
}

function meets(geometry: Geometry, box: Bbox): boolean {
  if (polygonsOf(geometry).length === 0) return false;
  return overlaps(geometryBbox(geometry), box);
}

function overlaps(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

function isWithin(inner: Bbox, outer: Bbox): boolean {
  return inner.minX >= outer.minX && inner.maxX <= outer.maxX && inner.minY >= outer.minY && inner.maxY <= outer.maxY;
}
