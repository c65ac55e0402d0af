import { type Bbox, type Geometry, type Polygon, polygonsOf, sameGeometry } from "#domain/annotation.ts";
import { bboxOf, geometryArea, geometryBbox } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { prepareShapes, type Shapes } from "#domain/overlap.ts";
import { difference, normalise } from "#domain/overlay.ts";
import { type BoxIndex, buildIndex } from "#domain/spatial-index.ts";
import { Bound, BoundAll, Kept, type Memory } from "./memory.ts";
import { type Covered, unionByGroups } from "./union-by-groups.ts";

export type Outline = {
  readonly annotationId: AnnotationId;
  readonly classId: ClassId;
  readonly geometry: Geometry;
};

/** One reader's outlines on a slide. The key names the read (its layer id). */
export type Read = { readonly readerKey: string; readonly outlines: readonly Outline[] };

/** A part of the slide to which one read gives one class; label 0 is "not marked", label k the k-th class. */
export type Piece = {
  readonly label: number;
  readonly polygon: Polygon;
  /** The same as a shape. */
  readonly polygons: readonly [Polygon];
  readonly bbox: Bbox;
};

/** A valid outline with an area. */
export type Placed = Outline & { readonly bbox: Bbox; readonly areaPx: number };

export type Part = {
  readonly readerKey: string;
  /** Largest first, as they lie on one another. */
  readonly outlines: readonly (Placed & { readonly label: number })[];
  /** What each class covers; pieces do not overlap. */
  readonly pieces: readonly Piece[];
  readonly index: BoxIndex;
  /** The pieces, to be compared. */
  readonly shapes: Shapes;
};

const READS = new Kept<{ readonly read: Read; readonly byId: ReadonlyMap<AnnotationId, Outline> }>();
const STACKS = new Bound<Read, Part["outlines"]>();
const VALID = new Bound<Outline, Placed | "nothing">();
const LABELLED = new Bound<Placed, Placed & { readonly label: number }>();
const VISIBLE = new BoundAll<Placed, Covered>();
const PARTS = new Kept<{ readonly read: Read; readonly part: Part }>();

/** The outlines as an earlier computation knew them where they have not changed, and the whole read where nothing has. */
export function knownRead({ readerKey, outlines }: Read, memory: Memory): Read {
  const before = READS.find(memory, readerKey);
  let changed = before === null || before.read.outlines.length !== outlines.length;
  const known = outlines.map((outline, at) => {
    const beside = before?.read.outlines[at];
    if (beside !== undefined && isSame(beside, outline)) return beside;
    changed = true;
    const moved = before?.byId.get(outline.annotationId);
    return moved !== undefined && isSame(moved, outline) ? moved : outline;
  });
  if (before !== null && !changed) {
    READS.set(memory, readerKey, before);
    return before.read;
  }
  const read = { readerKey, outlines: known };
  READS.set(memory, readerKey, { read, byId: new Map(known.map((outline) => [outline.annotationId, outline])) });
  return read;
}

function isSame(a: Outline, b: Outline): boolean {
  if (a === b) return true;
  return a.annotationId === b.annotationId && a.classId === b.classId && sameGeometry(a.geometry, b.geometry);
}

/**
 * What a read says about each place: where outlines lie on one another the smallest is on top (a lumen in a gland), of
 * equals the later id. Points and lines have no area and say nothing here.
 */
export function partOf(read: Read, classIds: readonly ClassId[], memory: Memory): Part {
  const key = `${read.readerKey} ${classIds.join()}`;
  const known = PARTS.find(memory, key);
  const part = known?.read === read ? known.part : madePart(read, classIds, known?.part.pieces ?? [], memory);
  PARTS.set(memory, key, { read, part });
  return part;
}

/** @param before the pieces of an earlier computation: those that are still there stay the same things */
function madePart(read: Read, classIds: readonly ClassId[], before: readonly Piece[], memory: Memory): Part {
  const outlines = stackOf(read, classIds, memory);
  const boxes = buildIndex(outlines.map((outline) => outline.bbox));
  const visible = outlines.map((outline, place) => {
    const isAbove = (other: number) => other > place && outlines[other]?.label !== outline.label;
    const above = boxes.search(outline.bbox, isAbove).flatMap((other) => outlines[other] ?? []);
    return VISIBLE.of(memory, [outline, ...above], "", () => visibleOf(outline, above));
  });
  const known = new Map(before.map((piece) => [pieceKey(piece), piece]));
  const pieces = classIds.flatMap((_, index) => {
    const label = index + 1;
    const own = visible.filter((__, place) => outlines[place]?.label === label);
    return piecesOf(label, unionByGroups(own, memory), known);
  });
  return {
    readerKey: read.readerKey,
    outlines,
    pieces,
    index: buildIndex(pieces.map((piece) => piece.bbox)),
    shapes: prepareShapes(pieces.map(({ polygon }) => [polygon])),
  };
}

/** The valid outlines of some classes as they lie on one another, from the lowest. */
export function stackOf(read: Read, classIds: readonly ClassId[], memory: Memory): Part["outlines"] {
  return STACKS.of(memory, read, classIds.join(), () => stacked(read, classIds, memory));
}

function stacked(read: Read, classIds: readonly ClassId[], memory: Memory): Part["outlines"] {
  const labels = new Map(classIds.map((classId, index) => [classId, index + 1]));
  return read.outlines
    .flatMap((outline) => {
      const label = labels.get(outline.classId);
      if (label === undefined || polygonsOf(outline.geometry).length === 0) return [];
      const valid = VALID.of(memory, outline, "", () => validOf(outline) ?? "nothing");
      if (valid === "nothing") return [];
      return [LABELLED.of(memory, valid, `${label}`, () => ({ ...valid, label }))];
    })
    .sort((a, b) => b.areaPx - a.areaPx || (a.annotationId < b.annotationId ? -1 : 1));
}

function validOf(outline: Outline): Placed | null {
  const geometry = normalise(outline.geometry);
  if (geometry === null) return null;
  return { ...outline, geometry, bbox: geometryBbox(geometry), areaPx: geometryArea(geometry) };
}

function visibleOf(outline: Placed, above: readonly Placed[]): Covered {
  const polygons = polygonsOf(outline.geometry);
  if (above.length === 0) return { polygons, bbox: outline.bbox };
  const left = difference(
    polygons,
    above.flatMap(({ geometry }) => polygonsOf(geometry)),
  );
  return { polygons: left, bbox: left.length === 0 ? outline.bbox : bboxOf(left.flatMap(([outer = []]) => outer)) };
}

function piecesOf(label: number, polygons: readonly Polygon[], known: ReadonlyMap<string, Piece>): Piece[] {
  return polygons.map((polygon) => {
    const [outer = []] = polygon;
    const piece: Piece = { label, polygon, polygons: [polygon], bbox: bboxOf(outer) };
    const before = known.get(pieceKey(piece));
    return before !== undefined && isSamePiece(before, piece) ? before : piece;
  });
}

function pieceKey({ label, polygon: [outer = []] }: Piece): string {
  return `${label} ${outer[0]?.[0]} ${outer[0]?.[1]} ${outer.length}`;
}

function isSamePiece(a: Piece, b: Piece): boolean {
  if (a.polygon === b.polygon) return true;
  return sameGeometry({ type: "polygon", rings: a.polygon }, { type: "polygon", rings: b.polygon });
}
