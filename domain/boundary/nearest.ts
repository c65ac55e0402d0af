import { boxDistance, type Contour, leafPieces, pieceDistance } from "./contour.ts";

/**
 * Distances to a contour from places that follow one another closely. The piece that was nearest and its neighbours are
 * looked at first; how far every other piece was when all were last looked at says how far one can go until one of them
 * may be nearer. Exact, whatever the places.
 */
export class NearestWalk {
  readonly #contour: Contour;
  readonly #lookAheadPx: number;
  readonly #open: Int32Array;
  /** The piece that was nearest; no piece but it and its neighbours was nearer to `#x`, `#y` than `#others`. */
  #piece = -1;
  #x = 0;
  #y = 0;
  #others = 0;

  /** @param lookAheadPx so far others are looked for beyond the nearest; the further, the longer it lasts */
  constructor(contour: Contour, lookAheadPx: number) {
    this.#contour = contour;
    this.#lookAheadPx = lookAheadPx;
    this.#open = new Int32Array(2 * Math.ceil(Math.log2(2 * contour.leaves)) + 4);
  }

  /** Distance, px, from a place to the nearest of the contour; Infinity for an empty one. */
  distance(x: number, y: number): number {
    if (this.#piece >= 0) {
      const near = this.#besideLast(x, y);
      const [dx, dy] = [x - this.#x, y - this.#y];
      if (near <= this.#others - Math.sqrt(dx * dx + dy * dy) - ROUNDING_PX) return near;
    }
    return this.#search(x, y);
  }

  #besideLast(x: number, y: number): number {
    const { pieces, count } = this.#contour;
    let nearest = Infinity;
    const end = Math.min(count - 1, this.#piece + 1);
    for (let piece = Math.max(0, this.#piece - 1); piece <= end; piece++) {
      nearest = Math.min(nearest, pieceDistance(pieces, 4 * piece, x, y));
    }
    return Math.sqrt(nearest);
  }

  #search(x: number, y: number): number {
    const upTo = this.#piece < 0 ? Infinity : this.#besideLast(x, y) + ROUNDING_PX;
    const nearest = this.#nearest(x, y, upTo * upTo, -1);
    if (nearest < 0) return Infinity;
    const distance = Math.sqrt(pieceDistance(this.#contour.pieces, 4 * nearest, x, y));
    const reach = distance + this.#lookAheadPx;
    const other = this.#nearest(x, y, reach * reach, nearest);
    this.#others = other < 0 ? reach : Math.sqrt(pieceDistance(this.#contour.pieces, 4 * other, x, y));
    this.#piece = nearest;
    this.#x = x;
    this.#y = y;
    return distance;
  }

  /** The nearest piece within a squared distance, but for one piece and its neighbours; -1 where there is none. */
  #nearest(x: number, y: number, within: number, but: number): number {
    const found = { piece: -1, squared: within };
    const open = this.#open;
    let depth = 0;
    open[depth++] = 1;
    while (depth > 0) {
      const node = open[--depth] ?? 0;
      if (boxDistance(this.#contour, node, x, y) > found.squared) continue;
      if (node >= this.#contour.leaves) {
        this.#lookInLeaf(node, x, y, but, found);
        continue;
      }
      const left = 2 * node;
      const leftFirst = boxDistance(this.#contour, left, x, y) <= boxDistance(this.#contour, left + 1, x, y);
      open[depth++] = leftFirst ? left + 1 : left;
      open[depth++] = leftFirst ? left : left + 1;
    }
    return found.piece;
  }

  #lookInLeaf(leaf: number, x: number, y: number, but: number, found: { piece: number; squared: number }): void {
    const { first, end } = leafPieces(this.#contour, leaf);
    for (let piece = first; piece < end; piece++) {
      if (but >= 0 && Math.abs(piece - but) <= 1) continue;
      const squared = pieceDistance(this.#contour.pieces, 4 * piece, x, y);
      if (squared > found.squared || (squared === found.squared && found.piece >= 0)) continue;
      found.squared = squared;
      found.piece = piece;
    }
  }
}

const ROUNDING_PX = 1e-9;
