import { type Bbox, type Point, polygonsOf } from "#domain/annotation.ts";
import { Kept, type Memory } from "#domain/consensus/memory.ts";
import type { Outline, Read } from "#domain/consensus/partition.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { commonArea, iouOf, prepareShapes } from "#domain/overlap.ts";
import { buildIndex } from "#domain/spatial-index.ts";

/** An annotation with the place of its reader. */
export type Marked = { readonly reader: number; readonly outline: Outline; readonly bbox: Bbox };

/** What is to be matched, in the order of readers' keys and then of ids: places in it do not depend on the input's order. */
export type Objects = { readonly readerKeys: readonly string[]; readonly all: readonly Marked[] };

/** Two objects of different readers, the earlier first, that may be one; worth more the better they fit. */
export type Link = {
  readonly first: number;
  readonly second: number;
  readonly worth: number;
  /** IoU of outlines, or distance of points in px. */
  readonly fit: number;
  /** px2 that both cover; 0 for points. */
  readonly commonPx: number;
};

/**
 * The annotations of reads that are of one kind.
 * @throws RangeError where two reads have the same key
 */
export function objectsOf(reads: readonly Read[], isOfKind: (outline: Outline) => boolean): Objects {
  const ordered = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  const readerKeys = ordered.map(({ readerKey }) => readerKey);
  if (new Set(readerKeys).size < readerKeys.length) throw new RangeError("two reads have the same key");
  const all = ordered.flatMap(({ outlines }, reader) =>
    outlines
      .filter(isOfKind)
      .map((outline): Marked => ({ reader, outline, bbox: geometryBbox(outline.geometry) }))
      .sort((a, b) => (a.outline.annotationId < b.outline.annotationId ? -1 : 1)),
  );
  return { readerKeys, all };
}

/** What an outline shares with each of those near it, in their order. */
type Shared = { readonly commonPx: Float64Array; readonly fit: Float64Array };

const SHARED = new Kept<Shared>();

/** Every two outlines of different readers that share some area. */
export function overlapLinks(objects: readonly Marked[], memory: Memory): Link[] {
  const index = buildIndex(objects.map(({ bbox }) => bbox));
  const near = objects.map(({ reader, bbox }, first) =>
    index.search(bbox).filter((second) => second > first && objects[second]?.reader !== reader),
  );
  const keys = near.map((places, first) => (places.length === 0 ? "" : keyOf(objects, first, places, memory)));
  const missing = [...keys.keys()].filter(
    (first) => keys[first] !== "" && SHARED.find(memory, keys[first] ?? "") === null,
  );
  const measure = measureOf(objects, near, missing);
  return near.flatMap((places, first): Link[] => {
    if (places.length === 0) return [];
    const { commonPx, fit } = SHARED.of(memory, keys[first] ?? "", () => measure(first));
    return places.flatMap((second, at): Link[] => {
      const [common = 0, iou = 0] = [commonPx[at], fit[at]];
      return common > 0 ? [{ first, second, worth: iou, fit: iou, commonPx: common }] : [];
    });
  });
}

function keyOf(objects: readonly Marked[], first: number, places: readonly number[], memory: Memory): string {
  let key = "";
  for (const place of [first, ...places]) key += `${memory.name(objects[place]?.outline ?? {})},`;
  return key;
}

/** Makes the outlines ready that are to be measured, all at once. */
function measureOf(
  objects: readonly Marked[],
  near: readonly (readonly number[])[],
  missing: readonly number[],
): (first: number) => Shared {
  const isNeeded = new Uint8Array(objects.length);
  for (const first of missing) for (const place of [first, ...(near[first] ?? [])]) isNeeded[place] = 1;
  const needed = [...objects.keys()].filter((place) => isNeeded[place] === 1);
  const at = new Map(needed.map((place, ready) => [place, ready]));
  const shapes = prepareShapes(needed.map((place) => polygonsOf(objects[place]?.outline.geometry ?? NOTHING)));
  return (first) => {
    const places = near[first] ?? [];
    const made = { commonPx: new Float64Array(places.length), fit: new Float64Array(places.length) };
    for (const [place, second] of places.entries()) {
      const [a, b] = [at.get(first) ?? -1, at.get(second) ?? -1];
      const common = commonArea(shapes, a, b);
      made.commonPx[place] = common;
      made.fit[place] = iouOf(shapes, a, b, common);
    }
    return made;
  };
}

const NOTHING = { type: "multipolygon", polygons: [] } as const;

/** Every two points of different readers within a radius, worth so much that more pairs always beat nearer ones. */
export function pointLinks(objects: readonly Marked[], radiusPx: number): Link[] {
  const index = buildIndex(objects.map(({ bbox }) => bbox));
  const most = (objects.length + 1) * radiusPx + 1;
  return objects.flatMap(({ reader, bbox }, first) => {
    const around = {
      minX: bbox.minX - radiusPx,
      minY: bbox.minY - radiusPx,
      maxX: bbox.maxX + radiusPx,
      maxY: bbox.maxY + radiusPx,
    };
    return index.search(around).flatMap((second): Link[] => {
      const other = objects[second];
      if (other === undefined || second <= first || other.reader === reader) return [];
      const fit = distance([bbox.minX, bbox.minY], [other.bbox.minX, other.bbox.minY]);
      return fit <= radiusPx ? [{ first, second, worth: most - fit, fit, commonPx: 0 }] : [];
    });
  });
}

function distance([ax, ay]: Point, [bx, by]: Point): number {
  return Math.hypot(ax - bx, ay - by);
}
