import { type Bbox, type Polygon, sameGeometry } from "#domain/annotation.ts";
import { bboxOf, polygonArea } from "#domain/geometry.ts";
import { commonArea, prepareShapes } from "#domain/overlap.ts";
import { difference, intersection } from "#domain/overlay.ts";
import { isCrumb } from "#domain/rings.ts";
import { boxAround, buildIndex, meet, meetsAny } from "#domain/spatial-index.ts";
import { Bound, BoundAll, differing, Kept, type Memory } from "./memory.ts";
import type { Part, Piece } from "./partition.ts";

/** A connected region where every read says one thing: a label per read, in the order of the reads. */
export type Face = {
  readonly labels: readonly number[];
  readonly polygon: Polygon;
  readonly bbox: Bbox;
  /** px2 */
  readonly areaPx: number;
};

const CRUMB_PX2 = 0.01;

const LAID = new BoundAll<Part, readonly Face[]>();
const FRESH = new BoundAll<Piece, readonly Face[]>();
const SPLIT = new Bound<Face, Split>();
/** The faces of so many reads in the computation before. */
const FORMER = new Kept<readonly Face[]>();

/** What a read with these pieces has cut a face into; null until it is known. */
type Split = { of: readonly Piece[]; made: readonly Face[] | null };

/**
 * The planar map of all reads laid over one another, without the face that nobody marked. Each read in turn splits the
 * faces so far and adds what only it has marked, always among neighbours, so that the cost grows with the outlines and
 * their overlaps and not with the square of their number.
 */
export function facesOf(parts: readonly Part[], memory: Memory): readonly Face[] {
  let faces: readonly Face[] = [];
  const laid: Part[] = [];
  for (const part of parts) {
    const [under, before] = [faces, [...laid]];
    laid.push(part);
    const [bottom = part, ...above] = laid;
    const former = FORMER.find(memory, `${laid.length}`) ?? [];
    faces = LAID.of(memory, [bottom, ...above], `${laid.length}`, () => laidOver(under, before, part, former, memory));
    FORMER.set(memory, `${laid.length}`, faces);
  }
  return faces;
}

/**
 * The faces of some reads with one more laid over them.
 * @param former what an earlier computation had there: a face that is cut out just as before stays the same thing, so that
 * a change ends where it changes nothing
 */
function laidOver(
  faces: readonly Face[],
  before: readonly Part[],
  part: Part,
  former: readonly Face[],
  memory: Memory,
): readonly Face[] {
  const earlier = before.flatMap(({ pieces }) => pieces);
  const index = buildIndex(earlier.map((piece) => piece.bbox));
  const silent = before.map(() => 0);
  const added = part.pieces.flatMap((piece) => {
    const known = pick(earlier, index.search(piece.bbox));
    return FRESH.of(memory, [piece, ...known], `${before.length}`, () =>
      freshFaces(piece, known, silent).map(sameAsIn(former, piece.bbox)),
    );
  });
  return [...splitBy(faces, part, former, memory), ...added];
}

/** Finds a face among others where they meet a box that it lies in; where there is none like it, it is the face itself. */
function sameAsIn(others: readonly Face[], within: Bbox): (face: Face) => Face {
  let byArea: Map<number, Face[]> | null = null;
  return (face) => {
    byArea ??= facesByArea(others.filter(({ bbox }) => meet(bbox, within)));
    return byArea.get(face.areaPx)?.find((other) => isSame(other, face)) ?? face;
  };
}

function facesByArea(faces: readonly Face[]): Map<number, Face[]> {
  const byArea = new Map<number, Face[]>();
  for (const face of faces) {
    const known = byArea.get(face.areaPx);
    if (known === undefined) byArea.set(face.areaPx, [face]);
    else known.push(face);
  }
  return byArea;
}

function isSame(a: Face, b: Face): boolean {
  if (a.bbox.minX !== b.bbox.minX || a.bbox.minY !== b.bbox.minY) return false;
  if (a.labels.some((label, read) => label !== b.labels[read])) return false;
  return sameGeometry({ type: "polygon", rings: a.polygon }, { type: "polygon", rings: b.polygon });
}

/** What a piece marks that no earlier one has. */
function freshFaces(piece: Piece, known: readonly Piece[], silent: readonly number[]): Face[] {
  const polygons = known.map(({ polygon }) => polygon);
  const fresh = known.length === 0 ? [piece.polygon] : difference([piece.polygon], polygons);
  return fresh.flatMap((polygon) => faceOf([...silent, piece.label], polygon));
}

/** The faces cut by what one more read says; those that are not known yet are compared with its pieces all together. */
function splitBy(faces: readonly Face[], part: Part, former: readonly Face[], memory: Memory): Face[] {
  const known = SPLIT.room(memory, `${faces[0]?.labels.length ?? 0}`);
  const splits = splitsOf(faces, part, known);
  const missing = faces.filter((_, at) => splits[at]?.made === null);
  const asBefore = sameAsIn(former, boxAround(missing.map(({ bbox }) => bbox)));
  const shapes = prepareShapes(missing.map(({ polygon }) => [polygon]));
  for (const [place, face] of missing.entries()) {
    const met = metPieces(part, part.index.search(face.bbox), (piece) => commonArea(shapes, place, piece, part.shapes));
    const split = known.get(face);
    if (split !== undefined) split.made = splitFace(face, met).map(asBefore);
  }
  const cut: Face[] = [];
  for (const { made } of splits) for (const face of made ?? []) cut.push(face);
  return cut;
}

/** What is known of faces and a read: all, where no piece near a face has come or gone. */
function splitsOf(faces: readonly Face[], { pieces }: Part, known: WeakMap<Face, Split>): Split[] {
  const changes = new Map<readonly Piece[], (box: Bbox) => boolean>();
  const isChanged = (face: Face, before: Split) => {
    if (before.of === pieces) return false;
    const meets = changes.get(before.of) ?? meetsAny(differing(before.of, pieces).map(({ bbox }) => bbox));
    changes.set(before.of, meets);
    return meets(face.bbox);
  };
  return faces.map((face) => {
    const before = known.get(face);
    if (before !== undefined && !isChanged(face, before)) {
      before.of = pieces;
      return before;
    }
    const split = { of: pieces, made: null };
    known.set(face, split);
    return split;
  });
}

/** A face cut by what one more read says in it. Most lie in one piece or in none and are not cut. */
function splitFace(face: Face, met: readonly Met[]): readonly Face[] {
  const whole = met.find(({ commonPx }) => face.areaPx - commonPx < CRUMB_PX2);
  if (met.length === 0 || whole !== undefined) {
    return [{ ...face, labels: [...face.labels, whole?.piece.label ?? 0] }];
  }
  const pieces = met.map(({ piece }) => piece);
  const cut = [...new Set(pieces.map(({ label }) => label))].flatMap((label) => {
    const own = pieces.filter((piece) => piece.label === label).map(({ polygon }) => polygon);
    return intersection([face.polygon], own).flatMap((polygon) => faceOf([...face.labels, label], polygon));
  });
  // What is left is a crumb where the cuts make up the face.
  const covered = cut.reduce((sum, { areaPx }) => sum + areaPx, 0);
  if (face.areaPx - covered < CRUMB_PX2) return cut;
  const rest = difference(
    [face.polygon],
    pieces.map(({ polygon }) => polygon),
  );
  return [...cut, ...rest.flatMap((polygon) => faceOf([...face.labels, 0], polygon))];
}

/** A piece that shares more than a crumb with a face. */
type Met = { readonly piece: Piece; readonly commonPx: number };

function metPieces({ pieces }: Part, near: readonly number[], commonOf: (piece: number) => number): Met[] {
  return near.flatMap((place): Met[] => {
    const [piece, commonPx] = [pieces[place], commonOf(place)];
    return piece === undefined || commonPx < CRUMB_PX2 ? [] : [{ piece, commonPx }];
  });
}

/** A face, or none where rounding left a crumb. */
function faceOf(labels: readonly number[], polygon: Polygon): Face[] {
  const [outer = [], ...holes] = polygon;
  if (isCrumb(outer)) return [];
  const clean = [outer, ...holes.filter((hole) => !isCrumb(hole))];
  return [{ labels, polygon: clean, bbox: bboxOf(outer), areaPx: polygonArea(clean) }];
}

function pick<Item>(items: readonly Item[], indices: readonly number[]): Item[] {
  return indices.flatMap((index) => items[index] ?? []);
}
