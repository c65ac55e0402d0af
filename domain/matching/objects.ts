import { type Bbox, type Point, polygonsOf } from "#domain/annotation.ts";
import { Bound, Kept, type Memory } from "#domain/consensus/memory.ts";
import type { Outline, Read } from "#domain/consensus/partition.ts";
import { geometryArea, geometryBbox } from "#domain/geometry.ts";
import { commonArea, iouOf, prepareShapes } from "#domain/overlap.ts";
import { buildIndex } from "#domain/spatial-index.ts";

/** An annotation with the place of its reader; the same thing as long as it has not changed. */
export type Marked = {
  readonly reader: number;
  readonly outline: Outline;
  readonly bbox: Bbox;
  /** px2; 0 for points. */
  readonly areaPx: number;
};

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

/** The outlines of several reads and which of them share some area, by the first and then the second. */
export type Overlaps = { readonly objects: Objects; readonly links: readonly Link[] };

const MARKED = new Bound<Outline, Marked>();
const LISTS = new Bound<Read, readonly Marked[]>();

/**
 * The annotations of reads that are of one kind.
 * @throws RangeError where two reads have the same key
 */
export function objectsOf(reads: readonly Read[], kind: "outline" | "point", memory: Memory): Objects {
  const ordered = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  const readerKeys = ordered.map(({ readerKey }) => readerKey);
  if (new Set(readerKeys).size < readerKeys.length) throw new RangeError("two reads have the same key");
  const all = ordered.flatMap((read, reader) =>
    LISTS.of(memory, read, `${kind} ${reader}`, () => markedIn(read, kind, reader, memory)),
  );
  return { readerKeys, all };
}

function markedIn({ outlines }: Read, kind: "outline" | "point", reader: number, memory: Memory): readonly Marked[] {
  return outlines
    .filter(({ geometry }) => (kind === "point" ? geometry.type === "point" : polygonsOf(geometry).length > 0))
    .map((outline) =>
      MARKED.of(memory, outline, `${reader}`, () => {
        const { geometry } = outline;
        return { reader, outline, bbox: geometryBbox(geometry), areaPx: geometryArea(geometry) };
      }),
    )
    .sort((a, b) => (a.outline.annotationId < b.outline.annotationId ? -1 : 1));
}

/** What was measured last: the links by the first and then the second, and among what. */
type Measured = { readonly objects: readonly Marked[]; readonly links: readonly Link[] };

const MEASURED = new Kept<Measured>();

/** Every two outlines of different readers that share some area; measured only around what an earlier computation had not. */
export function overlapLinks(objects: readonly Marked[], memory: Memory): readonly Link[] {
  const before = MEASURED.find(memory, "") ?? { objects: [], links: [] };
  const placeNow = placesNow(before.objects, objects);
  const around = aroundChanges(before.objects, objects, placeNow);
  const found = linksOf(objects, around);
  const isUnchanged = found.length === 0 && before.objects.length === objects.length && !around.includes(1);
  const links = isUnchanged ? before.links : merged(before.links, found, placeNow, around);
  MEASURED.set(memory, "", { objects, links });
  return links;
}

/** The links among what neither came nor has a neighbour that did, and those found around the others; in their order. */
function merged(
  before: readonly Link[],
  found: readonly Link[],
  placeNow: Int32Array,
  around: Uint8Array,
): readonly Link[] {
  const links: Link[] = [];
  let next = 0;
  const addFound = (upTo: number) => {
    for (let link = found[next]; link !== undefined && link.first < upTo; link = found[next]) {
      links.push(link);
      next++;
    }
  };
  for (const link of before) {
    const first = placeNow[link.first] ?? -1;
    const second = placeNow[link.second] ?? -1;
    if (first < 0 || around[first] === 1) continue;
    addFound(first);
    links.push(first === link.first && second === link.second ? link : { ...link, first, second });
  }
  addFound(Infinity);
  return links;
}

/** Of each object of before its place now, or -1 where it has gone; both are in the order of objects. */
function placesNow(before: readonly Marked[], objects: readonly Marked[]): Int32Array {
  const placeNow = new Int32Array(before.length).fill(-1);
  let place = 0;
  for (let old = 0; old < before.length; old++) {
    const object = before[old];
    while (object !== undefined && comesBefore(objects[place], object)) place++;
    if (object !== undefined && objects[place] === object) placeNow[old] = place++;
  }
  return placeNow;
}

function comesBefore(a: Marked | undefined, b: Marked): boolean {
  if (a === undefined || a === b) return false;
  return a.reader < b.reader || (a.reader === b.reader && a.outline.annotationId < b.outline.annotationId);
}

/** Of each object: 1 where its box meets that of one that has come or gone, as its own does where it has come. */
function aroundChanges(before: readonly Marked[], objects: readonly Marked[], placeNow: Int32Array): Uint8Array {
  const around = new Uint8Array(objects.length).fill(1);
  if (before.length === 0) return around;
  for (const place of placeNow) if (place >= 0) around[place] = 0;
  const changed = [
    ...objects.filter((_, place) => around[place] === 1),
    ...before.filter((_, old) => placeNow[old] === -1),
  ];
  const index = buildIndex(changed.map(({ bbox }) => bbox));
  const isClose = meetsAny(changed);
  for (const [place, object] of objects.entries()) {
    if (around[place] === 0 && isClose(object) && index.search(object.bbox).length > 0) around[place] = 1;
  }
  return around;
}

/** What some objects share with those after them, by the first and then the second; only what is compared is made ready. */
function linksOf(objects: readonly Marked[], isWanted: Uint8Array): Link[] {
  const isClose = meetsAny(objects.filter((_, place) => isWanted[place] === 1));
  const close = Int32Array.from(objects.keys()).filter((place) => isClose(objects[place]));
  const index = buildIndex(Array.from(close, (place) => objects[place]?.bbox ?? NOWHERE));
  const near = [...close.entries()].flatMap(([first, place]) => {
    const object = objects[place];
    if (object === undefined || isWanted[place] !== 1) return [];
    const isOther = (second: number) => second > first && objects[close[second] ?? -1]?.reader !== object.reader;
    const places = index.search(object.bbox, isOther);
    return places.length === 0 ? [] : [{ first, places }];
  });
  const isNeeded = new Uint8Array(close.length);
  for (const { first, places } of near) for (const place of [first, ...places]) isNeeded[place] = 1;
  const geometryOf = (place: number) => objects[place]?.outline.geometry ?? NOTHING;
  const shapes = prepareShapes(
    Array.from(close, (place, at) => (isNeeded[at] === 1 ? polygonsOf(geometryOf(place)) : [])),
  );
  const links: Link[] = [];
  for (const { first, places } of near) {
    for (const second of places) {
      const commonPx = commonArea(shapes, first, second);
      if (!(commonPx > 0)) continue;
      const fit = iouOf(shapes, first, second, commonPx);
      links.push({ first: close[first] ?? 0, second: close[second] ?? 0, worth: fit, fit, commonPx });
    }
  }
  return links;
}

const NOWHERE: Bbox = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
const NOTHING = { type: "multipolygon", polygons: [] } as const;

/** Whether a box meets the box around all of some objects. */
function meetsAny(objects: readonly Marked[]): (object: Marked | undefined) => boolean {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { bbox } of objects) {
    minX = Math.min(minX, bbox.minX);
    minY = Math.min(minY, bbox.minY);
    maxX = Math.max(maxX, bbox.maxX);
    maxY = Math.max(maxY, bbox.maxY);
  }
  return (object) => {
    if (object === undefined) return false;
    const { bbox } = object;
    return bbox.minX <= maxX && bbox.maxX >= minX && bbox.minY <= maxY && bbox.maxY >= minY;
  };
}

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
