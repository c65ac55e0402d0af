import type { Bbox, Polygon } from "#domain/annotation.ts";
import { bboxOf, polygonArea } from "#domain/geometry.ts";
import { difference, intersection } from "#domain/overlay.ts";
import { isCrumb } from "#domain/rings.ts";
import { buildIndex } from "#domain/spatial-index.ts";
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

/**
 * The planar map of all reads laid over one another, without the face that nobody marked. Each read in turn splits the
 * faces so far and adds what only it has marked, always among neighbours, so that the cost grows with the outlines and
 * their overlaps and not with the square of their number.
 */
export function facesOf(parts: readonly Part[]): Face[] {
  let faces: Face[] = [];
  const earlier: Piece[] = [];
  for (const [reads, part] of parts.entries()) {
    const before = buildIndex(earlier.map((piece) => piece.bbox));
    const silent = parts.slice(0, reads).map(() => 0);
    const split = faces.flatMap((face) => splitFace(face, part));
    const added = part.pieces.flatMap((piece) => {
      const known = pick(earlier, before.search(piece.bbox)).map(({ polygon }) => polygon);
      const fresh = known.length === 0 ? [piece.polygon] : difference([piece.polygon], known);
      return fresh.flatMap((polygon) => faceOf([...silent, piece.label], polygon));
    });
    faces = [...split, ...added];
    earlier.push(...part.pieces);
  }
  return faces;
}

/** A face cut by what one more read says in it. */
function splitFace(face: Face, part: Part): Face[] {
  const near = pick(part.pieces, part.index.search(face.bbox));
  if (near.length === 0) return [{ ...face, labels: [...face.labels, 0] }];
  const cut = [...new Set(near.map(({ label }) => label))].flatMap((label) => {
    const pieces = near.filter((piece) => piece.label === label).map(({ polygon }) => polygon);
    return intersection([face.polygon], pieces).flatMap((polygon) => faceOf([...face.labels, label], polygon));
  });
  // What is left is a crumb where the cuts make up the face; most faces lie in one piece.
  const covered = cut.reduce((sum, { areaPx }) => sum + areaPx, 0);
  if (face.areaPx - covered < CRUMB_PX2) return cut;
  const rest = difference(
    [face.polygon],
    near.map(({ polygon }) => polygon),
  );
  return [...cut, ...rest.flatMap((polygon) => faceOf([...face.labels, 0], polygon))];
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
