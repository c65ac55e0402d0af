import type { Bbox, Point, Ring } from "./annotation.ts";

/**
 * What of a ring counts in a box: each edge that meets it stays as it is, and on the way round outside of it vertices are left
 * out as long as the ring stays on one side. Around every place in the box it winds as often, and in the same direction, as
 * before; outside it may cross itself, and its area may have another sign. Level-0 px. Cost is linear.
 */
export function ringNear(ring: Ring, box: Bbox): Ring {
  const kept: Point[] = [];
  const sides: number[] = [];
  for (const [place, point] of ring.entries()) {
    const next = ring[place + 1] ?? ring[0] ?? point;
    const side = sidesOf(point, box);
    // The two edges at a vertex lie on the same side as the one that replaces them: between them there is nothing of the box.
    if (place > 0 && side !== 0 && (side & (sides.at(-1) ?? 0) & sidesOf(next, box)) !== 0) continue;
    kept.push(point);
    sides.push(side);
  }
  return kept.length < 3 ? [] : kept;
}

const LEFT = 1;
const RIGHT = 2;
const ABOVE = 4;
const BELOW = 8;

/** On which sides of a box a place lies; 0 in it. */
function sidesOf([x, y]: Point, { minX, minY, maxX, maxY }: Bbox): number {
  const across = x < minX ? LEFT : x > maxX ? RIGHT : 0;
  return across + (y < minY ? ABOVE : y > maxY ? BELOW : 0);
}
