import { type Bbox, type Geometry, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { bboxOf, geometryArea, geometryBbox } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { difference, normalise, union } from "#domain/overlay.ts";
import { type BoxIndex, buildIndex } from "#domain/spatial-index.ts";

export type Outline = {
  readonly annotationId: AnnotationId;
  readonly classId: ClassId;
  readonly geometry: Geometry;
};

/** One reader's outlines on a slide. The key names the read (its layer id). */
export type Read = { readonly readerKey: string; readonly outlines: readonly Outline[] };

/** A part of the slide to which one read gives one class; label 0 is "not marked", label k the k-th class. */
export type Piece = { readonly label: number; readonly polygon: Polygon; readonly bbox: Bbox };

export type Part = {
  readonly readerKey: string;
  /** Valid outlines with an area, largest first, as they lie on one another. */
  readonly outlines: readonly (Outline & { readonly label: number; readonly bbox: Bbox })[];
  /** What each class covers; pieces do not overlap. */
  readonly pieces: readonly Piece[];
  readonly index: BoxIndex;
};

/**
 * What a read says about each place: where outlines lie on one another the smallest is on top (a lumen in a gland), of
 * equals the later id. Points and lines have no area and say nothing here.
 */
export function partOf(read: Read, classIds: readonly ClassId[]): Part {
  const outlines = read.outlines
    .flatMap((outline) => valid(outline, classIds.indexOf(outline.classId) + 1))
    .sort((a, b) => b.area - a.area || (a.annotationId < b.annotationId ? -1 : 1));
  const boxes = buildIndex(outlines.map((outline) => outline.bbox));
  const visible = outlines.map((outline, place) => {
    const above = boxes
      .search(outline.bbox)
      .filter((other) => other > place && outlines[other]?.label !== outline.label)
      .flatMap((other) => polygonsOf(outlines[other]?.geometry ?? { type: "point", at: [0, 0] }));
    const polygons = polygonsOf(outline.geometry);
    return { label: outline.label, polygons: above.length === 0 ? polygons : difference(polygons, above) };
  });
  const pieces = classIds.flatMap((_, index) => {
    const label = index + 1;
    return piecesOf(label, union(visible.filter((part) => part.label === label).map((part) => part.polygons)));
  });
  return { readerKey: read.readerKey, outlines, pieces, index: buildIndex(pieces.map((piece) => piece.bbox)) };
}

export function piecesOf(label: number, polygons: readonly Polygon[]): Piece[] {
  return polygons.map((polygon) => ({ label, polygon, bbox: bboxOf(polygon[0] ?? []) }));
}

function valid(outline: Outline, label: number) {
  if (label === 0 || polygonsOf(outline.geometry).length === 0) return [];
  const geometry = normalise(outline.geometry);
  return geometry === null
    ? []
    : [{ ...outline, geometry, label, bbox: geometryBbox(geometry), area: geometryArea(geometry) }];
}
