import { byPattern, type Ratings } from "./agreement.ts";
import { type Bbox, polygonsOf } from "./annotation.ts";
import { cutToBox } from "./box-cut.ts";
import { Kept } from "./consensus/memory.ts";
import { matchKnown } from "./consensus/objects.ts";
import { type ClassRule, labelsIn, Memory, type Outline, type Read } from "./consensus.ts";
import { geometryArea, geometryBbox } from "./geometry.ts";
import type { ClassId } from "./ids.ts";
import { overlapsOf } from "./matching.ts";
import type { MicronPerPx } from "./units.ts";
import { voteAreas } from "./vote-areas.ts";

/** Agreement that is kept up to date while people draw is kept by squares of this side, level-0 px. */
export const TILE_PX = 1_024;
/** A square is counted in parts of this side, so that a stroke has only the parts that it met counted again. */
const PART_PX = 256;

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
 * @param memory what was counted before of the same square; outlines that are the same objects are not looked at again
 * Objects are matched among those; a chain of matches that is longer than that may be cut.
 */
export function tileTally(
  reads: readonly Read[],
  key: TileKey,
  { classIds, rules, mpp }: TileSettings,
  memory: Memory = new Memory(),
): TileTally {
  const objectRules = new Map(rules.flatMap((rule) => (rule.objects === null ? [] : [[rule.classId, rule.objects]])));
  const regionIds = classIds.filter((id) => !objectRules.has(id));
  const objectIds = classIds.filter((id) => objectRules.has(id));
  const ordered = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  memory.begin(JSON.stringify([key, classIds, rules, mpp, ordered.map(({ readerKey }) => readerKey)]));
  const boxed = ordered.map(({ outlines }) => outlines.map((outline) => boxedFrom(outline, memory)));
  const box = tileBox(key);
  const objects = objectsNear(boxed, (classId) => objectRules.has(classId), box).map((outlines, reader) => ({
    readerKey: ordered[reader]?.readerKey ?? "",
    outlines,
  }));
  const overlaps = overlapsOf(objects, memory);
  const { clusters } = matchKnown(objects, overlaps, (classId) => objectRules.get(classId) ?? {}, mpp, memory);
  const own = clusters.filter(({ bbox }) => tilesMeeting({ ...bbox, maxX: bbox.minX, maxY: bbox.minY })[0] === key);
  const rows = own.map((cluster) => ({ labels: labelsIn(cluster, objectIds), weight: 1 }));
  return {
    regions: regionVotes(boxed, regionIds, box, memory),
    objects: byPattern({ categories: objectIds.length + 1, rows }),
  };
}

type Boxed = { readonly outline: Outline; readonly bbox: Bbox };

const BOXED = new Kept<Boxed>();

function boxedFrom(outline: Outline, memory: Memory): Boxed {
  return BOXED.of(memory, String(memory.name(outline)), () => ({ outline, bbox: geometryBbox(outline.geometry) }));
}

/**
 * The objects whose matches can reach into a square: within twice the size of the largest of them, so that small cells are
 * not compared with those of a whole neighbourhood.
 */
function objectsNear(
  reads: readonly (readonly Boxed[])[],
  isObject: (classId: ClassId) => boolean,
  box: Bbox,
): Outline[][] {
  const own = reads.map((outlines) => outlines.filter(({ outline }) => isObject(outline.classId)));
  const largest = own
    .flat()
    .reduce((most, { bbox }) => Math.max(most, bbox.maxX - bbox.minX, bbox.maxY - bbox.minY), LEAST_REACH_PX);
  const reach = Math.min(TILE_PX, 2 * largest);
  const around = {
    minX: box.minX - reach,
    minY: box.minY - reach,
    maxX: box.maxX + reach,
    maxY: box.maxY + reach,
  };
  return own.map((outlines) => outlines.filter(({ bbox }) => overlaps(bbox, around)).map(({ outline }) => outline));
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

const PARTS = new Kept<Ratings["rows"]>();

/** Votes on places: part by part, each of what meets it, in one order. */
function regionVotes(
  reads: readonly (readonly Boxed[])[],
  regionIds: readonly ClassId[],
  box: Bbox,
  memory: Memory,
): Ratings {
  const categories = regionIds.length + 1;
  const places = reads.map((outlines) => placesIn(outlines, regionIds, box));
  const rows = partsOf(box).flatMap((part) => {
    const met = places.map((each) => each.filter(({ bbox }) => overlaps(bbox, part)));
    const outlines = met.map((each) => memory.names(each.map(({ outline }) => outline)));
    return PARTS.of(memory, [part.minX, part.minY, ...outlines].join(";"), () => {
      const cut = met.map((each) => each.flatMap((place) => cutTo(place, part)));
      return voteAreas(cut, categories).rows;
    });
  });
  return byPattern({ categories, rows });
}

function partsOf({ minX, minY, maxX, maxY }: Bbox): Bbox[] {
  const parts: Bbox[] = [];
  for (let y = minY; y < maxY; y += PART_PX) {
    for (let x = minX; x < maxX; x += PART_PX) parts.push({ minX: x, minY: y, maxX: x + PART_PX, maxY: y + PART_PX });
  }
  return parts;
}

type Place = Boxed & { readonly label: number; readonly area: number };

/** What meets a square, largest first as they lie on one another. */
function placesIn(outlines: readonly Boxed[], regionIds: readonly ClassId[], box: Bbox): Place[] {
  return outlines
    .flatMap(({ outline, bbox }) => {
      const label = regionIds.indexOf(outline.classId) + 1;
      if (label === 0 || !overlaps(bbox, box) || polygonsOf(outline.geometry).length === 0) return [];
      return [{ outline, bbox, label, area: geometryArea(outline.geometry) }];
    })
    .sort((a, b) => b.area - a.area || (a.outline.annotationId < b.outline.annotationId ? -1 : 1));
}

function cutTo({ outline, bbox, label }: Place, part: Bbox) {
  const polygons = polygonsOf(outline.geometry);
  const shape = isWithin(bbox, part) ? polygons : cutToBox(polygons, part);
  return shape.length === 0 ? [] : [{ label, shape }];
}

function overlaps(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

function isWithin(inner: Bbox, outer: Bbox): boolean {
  return inner.minX >= outer.minX && inner.maxX <= outer.maxX && inner.minY >= outer.minY && inner.maxY <= outer.maxY;
}
