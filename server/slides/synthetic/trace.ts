import type { Point, Polygon, Ring } from "#domain/annotation.ts";
import { containsPoint, signedRingArea, simplify } from "#domain/geometry.ts";

/** Which vertices of a grid belong to something; `cell` level-0 px lie between two vertices. */
export type Mask = {
  readonly width: number;
  readonly height: number;
  readonly cell: number;
  has(x: number, y: number): boolean;
};

/** Vertices nearer than this to the line between their neighbours are left out, in grid cells. */
const TOLERANCE_CELLS = 0.2;

/**
 * Outlines of what a mask holds, in level-0 px: one polygon per connected piece, holes included.
 * The border runs halfway between a vertex inside and one outside (marching squares; Lorensen and Cline 1987).
 */
export function traceMask(mask: Mask): Polygon[] {
  const rings = closedRings(linkedEdges(mask)).map((edges) => ringOf(edges, mask));
  const outer = rings.filter((ring) => signedRingArea(ring) > 0);
  const holes = rings.filter((ring) => signedRingArea(ring) < 0);
  const polygons = outer.map((ring): { outer: Ring; holes: Ring[] } => ({ outer: ring, holes: [] }));
  for (const hole of holes) {
    const around = polygons.filter((polygon) => encloses(polygon.outer, hole));
    around.sort((a, b) => signedRingArea(a.outer) - signedRingArea(b.outer))[0]?.holes.push(hole);
  }
  return polygons.map((polygon) => [polygon.outer, ...polygon.holes]);
}

function encloses(outer: Ring, hole: Ring): boolean {
  const [point] = hole;
  return point !== undefined && containsPoint({ type: "polygon", rings: [outer] }, point);
}

/**
 * An edge of the grid that the border crosses, as one number: 2 (y stride + x) for the edge to the right of a vertex,
 * one more for the edge below it. One column and row of "outside" surround the grid.
 */
function linkedEdges(mask: Mask): Map<number, number> {
  const next = new Map<number, number>();
  const stride = mask.width + 2;
  for (let y = -1; y < mask.height; y++) {
    for (let x = -1; x < mask.width; x++) {
      const base = 2 * ((y + 1) * stride + x + 1);
      const sides = [base, base + 3, base + 2 * stride, base + 1];
      for (const [from, to] of SEGMENTS[cornersAt(mask, x, y)] ?? []) next.set(sides[from] ?? 0, sides[to] ?? 0);
    }
  }
  return next;
}

function cornersAt(mask: Mask, x: number, y: number): number {
  const upper = (holds(mask, x, y) ? 1 : 0) | (holds(mask, x + 1, y) ? 2 : 0);
  return upper | (holds(mask, x + 1, y + 1) ? 4 : 0) | (holds(mask, x, y + 1) ? 8 : 0);
}

function holds(mask: Mask, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.has(x, y);
}

/** For each pattern of corners (1 upper left, 2 upper right, 4 lower right, 8 lower left) the pieces of border between the
 * sides (0 top, 1 right, 2 bottom, 3 left), with the inside on their right hand on a screen. Diagonals are kept apart. */
const SEGMENTS: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [[0, 3]],
  [[1, 0]],
  [[1, 3]],
  [[2, 1]],
  [
    [0, 3],
    [2, 1],
  ],
  [[2, 0]],
  [[2, 3]],
  [[3, 2]],
  [[0, 2]],
  [
    [1, 0],
    [3, 2],
  ],
  [[1, 2]],
  [[3, 1]],
  [[0, 1]],
  [[3, 0]],
  [],
];

function closedRings(next: Map<number, number>): number[][] {
  const rings: number[][] = [];
  for (const start of next.keys()) {
    const ring: number[] = [];
    let edge: number | undefined = start;
    while (edge !== undefined) {
      const following: number | undefined = next.get(edge);
      if (following === undefined) break;
      ring.push(edge);
      next.delete(edge);
      edge = following;
    }
    if (ring.length > 2) rings.push(ring);
  }
  return rings;
}

function ringOf(edges: readonly number[], { width, cell }: Mask): Ring {
  const stride = width + 2;
  const points = edges.map((edge): Point => {
    const vertex = edge >> 1;
    const x = (vertex % stride) - 1 + (edge % 2 === 0 ? 0.5 : 0);
    const y = Math.floor(vertex / stride) - 1 + (edge % 2 === 0 ? 0 : 0.5);
    return [x * cell, y * cell];
  });
  return simplify(smoothed(points), TOLERANCE_CELLS * cell);
}

/** Each point moved to the mean of itself (twice) and its neighbours: the staircase of the grid goes, corners stay. */
function smoothed(points: readonly Point[]): Ring {
  return points.map(([x, y], index): Point => {
    const [px, py] = points[(index + points.length - 1) % points.length] ?? [x, y];
    const [nx, ny] = points[(index + 1) % points.length] ?? [x, y];
    return [(px + 2 * x + nx) / 4, (py + 2 * y + ny) / 4];
  });
}
