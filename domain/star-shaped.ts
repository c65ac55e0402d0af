import type { Ring } from "./annotation.ts";

/** Of a cross product, relative to its two terms: below it the sign may be rounding. */
const ROUNDING = 1e-12;

/**
 * Whether a ring goes once around the middle of its box without ever turning back, as most outlines of cells and glands do.
 * Its edges then lie in sectors beside one another, so it meets itself nowhere. False says nothing. Cost n.
 */
export function isStarShaped(ring: Ring): boolean {
  const [x, y] = middleOf(ring);
  const last = ring.at(-1) ?? [x, y];
  let [ax, ay] = [last[0] - x, last[1] - y];
  let [turn, crossings] = [0, 0];
  for (const point of ring) {
    const bx = point[0] - x;
    const by = point[1] - y;
    const left = ax * by;
    const right = ay * bx;
    if (Math.abs(left - right) <= ROUNDING * (Math.abs(left) + Math.abs(right))) return false;
    const side = left > right ? 1 : -1;
    if (turn === -side) return false;
    turn = side;
    if (ay < 0 !== by < 0) crossings++;
    ax = bx;
    ay = by;
  }
  return crossings === 2;
}

function middleOf(ring: Ring): readonly [x: number, y: number] {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const point of ring) {
    minX = Math.min(minX, point[0]);
    minY = Math.min(minY, point[1]);
    maxX = Math.max(maxX, point[0]);
    maxY = Math.max(maxY, point[1]);
  }
  return [(minX + maxX) / 2, (minY + maxY) / 2];
}
