import type { Point, Polygon, Ring } from "#domain/annotation.ts";

/** The outline of a shape as straight pieces in order, with boxes around runs of them for looking up the nearest. */
export type Contour = {
  /** Four numbers a piece: from x, y to x, y, in px from the corner that was given. */
  readonly pieces: Float64Array;
  readonly count: number;
  /** A binary tree over runs of pieces, as in a heap: four numbers a node, its box. */
  readonly boxes: Float64Array;
  /** How many leaves the tree has: a power of two. */
  readonly leaves: number;
};

/** Pieces in a leaf. Neighbours in an outline are neighbours in space, so runs have tight boxes. */
const RUN = 4;

/** All rings of the polygons, holes too. */
export function contourOf(polygons: readonly Polygon[], [originX, originY]: Point): Contour {
  const rings = polygons.flat().filter((ring) => ring.length > 0);
  const count = rings.reduce((sum, ring) => sum + ring.length, 0);
  const pieces = new Float64Array(4 * count);
  let place = 0;
  for (const ring of rings) {
    for (const [[ax, ay], [bx, by]] of sidesOf(ring)) {
      pieces.set([ax - originX, ay - originY, bx - originX, by - originY], 4 * place);
      place++;
    }
  }
  let leaves = 1;
  while (leaves * RUN < count) leaves *= 2;
  return { pieces, count, boxes: boxesOf(pieces, count, leaves), leaves };
}

function sidesOf(ring: Ring): [Point, Point][] {
  return ring.map((from, index) => [from, ring[(index + 1) % ring.length] ?? from]);
}

function boxesOf(pieces: Float64Array, count: number, leaves: number): Float64Array {
  const boxes = new Float64Array(8 * leaves);
  for (let node = 2 * leaves - 1; node > 0; node--) {
    const box = boxes.subarray(4 * node, 4 * node + 4);
    box.set([Infinity, Infinity, -Infinity, -Infinity]);
    if (node < leaves) {
      extend(box, boxes.subarray(8 * node, 8 * node + 4));
      extend(box, boxes.subarray(8 * node + 4, 8 * node + 8));
      continue;
    }
    const first = (node - leaves) * RUN;
    for (let piece = first; piece < Math.min(count, first + RUN); piece++) {
      const [ax = 0, ay = 0, bx = 0, by = 0] = pieces.subarray(4 * piece, 4 * piece + 4);
      extend(box, Float64Array.of(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)));
    }
  }
  return boxes;
}

function extend(box: Float64Array, other: Float64Array): void {
  for (let side = 0; side < 4; side++) {
    const [own, more] = [box[side] ?? 0, other[side] ?? 0];
    box[side] = side < 2 ? Math.min(own, more) : Math.max(own, more);
  }
}

/**
 * Distance from a point to the nearest place of a contour, px.
 * @param atMost a distance that is known not to be exceeded; the nearer it is, the less is looked at
 * @returns Infinity for an empty contour
 */
export function distanceTo(contour: Contour, x: number, y: number, atMost: number): number {
  let best = (atMost * (1 + 1e-9) + 1e-9) ** 2;
  let found = Infinity;
  const open = [1];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (boxDistance(contour, node, x, y) > best) continue;
    if (node < contour.leaves) {
      const [left, right] = [2 * node, 2 * node + 1];
      const leftFirst = boxDistance(contour, left, x, y) <= boxDistance(contour, right, x, y);
      open.push(leftFirst ? right : left, leftFirst ? left : right);
    } else {
      found = Math.min(found, leafDistance(contour, node, x, y));
      best = Math.min(best, found);
    }
  }
  return Math.sqrt(found);
}

/** The pieces that a leaf of the tree holds, up to `end`. */
export function leafPieces({ count, leaves }: Contour, node: number): { readonly first: number; readonly end: number } {
  const first = (node - leaves) * RUN;
  return { first, end: Math.min(count, first + RUN) };
}

/** Squared distance of a point to the nearest piece of a leaf, to the box of a node (0 inside), and to a straight piece. */
function leafDistance(contour: Contour, node: number, x: number, y: number): number {
  const { first, end } = leafPieces(contour, node);
  let nearest = Infinity;
  for (let piece = first; piece < end; piece++) {
    nearest = Math.min(nearest, pieceDistance(contour.pieces, 4 * piece, x, y));
  }
  return nearest;
}

export function boxDistance({ boxes }: Contour, node: number, x: number, y: number): number {
  const at = 4 * node;
  const dx = Math.max((boxes[at] ?? 0) - x, 0, x - (boxes[at + 2] ?? 0));
  const dy = Math.max((boxes[at + 1] ?? 0) - y, 0, y - (boxes[at + 3] ?? 0));
  return dx * dx + dy * dy;
}

/** @param at the place of the piece's first number */
export function pieceDistance(pieces: Float64Array, at: number, x: number, y: number): number {
  const ax = pieces[at] ?? 0;
  const ay = pieces[at + 1] ?? 0;
  const ux = (pieces[at + 2] ?? 0) - ax;
  const uy = (pieces[at + 3] ?? 0) - ay;
  const length = ux * ux + uy * uy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * ux + (y - ay) * uy) / length));
  const dx = x - ax - along * ux;
  const dy = y - ay - along * uy;
  return dx * dx + dy * dy;
}

/** Calls with the middle and the length of each step. */
export function forEachStep(
  { pieces, count }: Contour,
  stepPx: number,
  visit: (x: number, y: number, length: number) => void,
) {
  for (let piece = 0; piece < count; piece++) {
    const ax = pieces[4 * piece] ?? 0;
    const ay = pieces[4 * piece + 1] ?? 0;
    const ux = (pieces[4 * piece + 2] ?? 0) - ax;
    const uy = (pieces[4 * piece + 3] ?? 0) - ay;
    const length = Math.hypot(ux, uy);
    const steps = Math.ceil(length / stepPx);
    for (let step = 0; step < steps; step++) {
      const share = (step + 0.5) / steps;
      visit(ax + share * ux, ay + share * uy, length / steps);
    }
  }
}

/** How many steps there are. */
export function stepsIn({ pieces, count }: Contour, stepPx: number): number {
  let steps = 0;
  for (let piece = 0; piece < count; piece++) {
    const ux = (pieces[4 * piece + 2] ?? 0) - (pieces[4 * piece] ?? 0);
    const uy = (pieces[4 * piece + 3] ?? 0) - (pieces[4 * piece + 1] ?? 0);
    steps += Math.ceil(Math.hypot(ux, uy) / stepPx);
  }
  return steps;
}
