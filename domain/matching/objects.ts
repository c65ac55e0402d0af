import { type Bbox, type Point, polygonsOf } from "#domain/annotation.ts";
import type { Outline, Read } from "#domain/consensus/partition.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { commonArea, iouOf, prepareShapes, type Shapes } from "#domain/overlap.ts";
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

/** Every two outlines of different readers that share some area. */
export function overlapLinks(objects: readonly Marked[]): { readonly links: Link[]; readonly shapes: Shapes } {
  const shapes = prepareShapes(objects.map(({ outline }) => polygonsOf(outline.geometry)));
  const index = buildIndex(shapes.boxes);
  const links: Link[] = [];
  for (const [first, { reader }] of objects.entries()) {
    const box = shapes.boxes[first];
    for (const second of box === undefined ? [] : index.search(box)) {
      if (second <= first || objects[second]?.reader === reader) continue;
      const commonPx = commonArea(shapes, first, second);
      const fit = iouOf(shapes, first, second, commonPx);
      if (commonPx > 0) links.push({ first, second, worth: fit, fit, commonPx });
    }
  }
  return { links, shapes };
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
