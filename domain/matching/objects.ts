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

/** Those near an object that come after it, in their order, and what it shares with each. */
type Near = { readonly objects: readonly Marked[]; readonly commonPx: Float64Array; readonly fit: Float64Array };

const NEAR = new Kept<ReadonlyMap<Marked, Near>>();

/** Every two outlines of different readers that share some area; measured only around what an earlier computation had not. */
export function overlapLinks(objects: readonly Marked[], memory: Memory): Link[] {
  const before = NEAR.find(memory, "") ?? new Map<Marked, Near>();
  const around = aroundChanges(objects, before);
  const found = measuredNear(objects, around);
  const near = new Map<Marked, Near>();
  const placeOf = new Map<Marked, number>();
  for (const [place, object] of objects.entries()) {
    const known = around[place] === 1 ? found.get(object) : before.get(object);
    if (known !== undefined) near.set(object, known);
    placeOf.set(object, place);
  }
  NEAR.set(memory, "", near);
  const links: Link[] = [];
  for (const [first, object] of objects.entries()) {
    const own = near.get(object);
    if (own === undefined) continue;
    for (const [at, other] of own.objects.entries()) {
      const [commonPx = 0, fit = 0] = [own.commonPx[at], own.fit[at]];
      if (commonPx > 0) links.push({ first, second: placeOf.get(other) ?? 0, worth: fit, fit, commonPx });
    }
  }
  return links;
}

/** Of each object: 1 where its box meets that of one that has come or gone, as its own does where it has come. */
function aroundChanges(objects: readonly Marked[], before: ReadonlyMap<Marked, Near>): Uint8Array {
  if (before.size === 0) return new Uint8Array(objects.length).fill(1);
  const now = new Set(objects);
  const come = objects.filter((object) => !before.has(object));
  const gone = [...before.keys()].filter((object) => !now.has(object));
  const changed = [...come, ...gone];
  const index = buildIndex(changed.map(({ bbox }) => bbox));
  const isClose = meetsAny(changed);
  const around = new Uint8Array(objects.length);
  for (const [place, object] of objects.entries()) {
    if (isClose(object) && index.search(object.bbox).length > 0) around[place] = 1;
  }
  return around;
}

/** The neighbours of some objects, measured; only what is compared is made ready for it. */
function measuredNear(objects: readonly Marked[], isWanted: Uint8Array): Map<Marked, Near> {
  const wanted = objects.filter((_, place) => isWanted[place] === 1);
  const close = objects.filter(meetsAny(wanted));
  const index = buildIndex(close.map(({ bbox }) => bbox));
  const placeOf = new Map(close.map((object, place) => [object, place]));
  const isNeeded = new Uint8Array(close.length);
  const near = wanted.map((object) => {
    const first = placeOf.get(object) ?? -1;
    const isOther = (second: number) => second > first && close[second]?.reader !== object.reader;
    const places = index.search(object.bbox, isOther);
    for (const place of places) isNeeded[place] = 1;
    if (places.length > 0) isNeeded[first] = 1;
    return { object, first, places };
  });
  const shapes = prepareShapes(
    close.map(({ outline }, place) => (isNeeded[place] === 1 ? polygonsOf(outline.geometry) : [])),
  );
  return new Map(
    near.map(({ object, first, places }): [Marked, Near] => {
      const commonPx = Float64Array.from(places, (second) => commonArea(shapes, first, second));
      const fit = Float64Array.from(places, (second, at) => iouOf(shapes, first, second, commonPx[at] ?? 0));
      return [object, { objects: places.flatMap((place) => close[place] ?? []), commonPx, fit }];
    }),
  );
}

/** Whether a box meets the box around all of some objects. */
function meetsAny(objects: readonly Marked[]): (object: Marked) => boolean {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { bbox } of objects) {
    minX = Math.min(minX, bbox.minX);
    minY = Math.min(minY, bbox.minY);
    maxX = Math.max(maxX, bbox.maxX);
    maxY = Math.max(maxY, bbox.maxY);
  }
  return ({ bbox }) => bbox.minX <= maxX && bbox.maxX >= minX && bbox.minY <= maxY && bbox.maxY >= minY;
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
