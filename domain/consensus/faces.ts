import type { Bbox, Polygon } from "#domain/annotation.ts";
import { bboxOf, polygonArea } from "#domain/geometry.ts";
import { commonArea, prepareShapes } from "#domain/overlap.ts";
import { difference, intersection } from "#domain/overlay.ts";
import { isCrumb } from "#domain/rings.ts";
import { buildIndex } from "#domain/spatial-index.ts";
import { Kept, type Memory } from "./memory.ts";
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

const FRESH = new Kept<readonly Face[]>();
const SPLIT = new Kept<readonly Face[]>();

/**
 * The planar map of all reads laid over one another, without the face that nobody marked. Each read in turn splits the
 * faces so far and adds what only it has marked, always among neighbours, so that the cost grows with the outlines and
 * their overlaps and not with the square of their number.
 */
export function facesOf(parts: readonly Part[], memory: Memory): Face[] {
  let faces: Face[] = [];
  const earlier: Piece[] = [];
  for (const [reads, part] of parts.entries()) {
    const before = buildIndex(earlier.map((piece) => piece.bbox));
    const silent = parts.slice(0, reads).map(() => 0);
    const split = splitBy(faces, part, memory);
    const added = part.pieces.flatMap((piece) => {
      const known = pick(earlier, before.search(piece.bbox));
      const key = `${silent.length} ${memory.name(piece)}-${memory.names(known)}`;
      return FRESH.of(memory, key, () => freshFaces(piece, known, silent));
    });
    faces = [...split, ...added];
    earlier.push(...part.pieces);
  }
  return faces;
}

/** What a piece marks that no earlier one has. */
function freshFaces(piece: Piece, known: readonly Piece[], silent: readonly number[]): Face[] {
  const polygons = known.map(({ polygon }) => polygon);
  const fresh = known.length === 0 ? [piece.polygon] : difference([piece.polygon], polygons);
  return fresh.flatMap((polygon) => faceOf([...silent, piece.label], polygon));
}

/** The faces cut by what one more read says; those that are not known yet are compared with its pieces all together. */
function splitBy(faces: readonly Face[], part: Part, memory: Memory): Face[] {
  const cuts = faces.map((face) => {
    const near = part.index.search(face.bbox);
    return { face, near, key: `${memory.name(face)}/${memory.names(pick(part.pieces, near))}` };
  });
  const missing = cuts.filter(({ near, key }) => near.length > 0 && SPLIT.find(memory, key) === null);
  const shapes = prepareShapes(missing.map(({ face }) => [face.polygon]));
  const placeOf = new Map(missing.map(({ face }, place) => [face, place]));
  return cuts.flatMap(({ face, near, key }) =>
    SPLIT.of(memory, key, () => {
      const place = placeOf.get(face) ?? -1;
      return splitFace(
        face,
        metPieces(part, near, (piece) => commonArea(shapes, place, piece, part.shapes)),
      );
    }),
  );
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
