import type { Point, Polygon, Ring } from "#domain/annotation.ts";
import { polygonArea, signedRingArea, simplify } from "#domain/geometry.ts";
import { clipTo, normalise, polygonsIn } from "#domain/overlay.ts";
import { type Random, seededRandom, seedFrom } from "#domain/random.ts";

/**
 * How a simulated reader errs: not at all beyond a hand's tremor; around structures rather than along them; beside them;
 * blind to the rare class; taking some glands for tumour.
 */
export type ReaderHabit = "careful" | "loose" | "shifted" | "misses-rare" | "confuses";

/** What a reader draws around and calls it. */
export type ReaderOutline = { readonly label: string; readonly polygon: Polygon };

export type ReaderSheet = {
  readonly seed: number;
  readonly mpp: number;
  /** Size of the slide, level-0 px: nobody draws beyond it. */
  readonly width: number;
  readonly height: number;
};

const RARE = "Vascular invasion";
const CONFUSED = { from: "Gland", to: "Tumour", share: 0.35 } as const;
/** Distances in um: mean offset of the line, and how far it wanders on either side. */
const LINES: Readonly<Record<ReaderHabit, { readonly offset: number; readonly wander: number }>> = {
  careful: { offset: 0.5, wander: 2 },
  loose: { offset: 11, wander: 8 },
  shifted: { offset: 1, wander: 2.5 },
  "misses-rare": { offset: 1.5, wander: 3 },
  confuses: { offset: 1, wander: 3 },
};
const SHIFT_UM: Point = [12, 8];
const SPACING_UM = 9;
const MIN_VERTICES = 14;
const SMALLEST_UM2 = 600;

/**
 * Outlines that a reader with a habit would draw of the true regions: valid, within the slide, level-0 px.
 * Same regions, habit and seed: same outlines.
 */
export function simulateReader(
  regions: readonly ReaderOutline[],
  habit: ReaderHabit,
  sheet: ReaderSheet,
): ReaderOutline[] {
  const random = seededRandom(sheet.seed ^ seedFrom(habit));
  return regions.flatMap(({ label, polygon }): ReaderOutline[] => {
    if (habit === "misses-rare" && label === RARE) return [];
    const confused = habit === "confuses" && label === CONFUSED.from && random() < CONFUSED.share;
    const drawn = drawnShapes(polygon, habit, sheet, random);
    return drawn.map((shape) => ({ label: confused ? CONFUSED.to : label, polygon: shape }));
  });
}

function drawnShapes(polygon: Polygon, habit: ReaderHabit, sheet: ReaderSheet, random: Random): readonly Polygon[] {
  const um = (microns: number): number => microns / sheet.mpp;
  const [dx, dy] = habit === "shifted" ? [um(SHIFT_UM[0]), um(SHIFT_UM[1])] : [0, 0];
  const { offset, wander } = LINES[habit];
  const rings = polygon.map((ring, index) =>
    redrawn(ring, { isHole: index > 0, offset: um(offset), wander: um(wander), spacing: um(SPACING_UM), random }).map(
      ([x, y]): Point => [x + dx, y + dy],
    ),
  );
  const frame = { minX: 0, minY: 0, maxX: sheet.width, maxY: sheet.height };
  const valid = normalise({ type: "polygon", rings });
  const clipped = valid === null ? null : clipTo(valid, frame);
  const shapes = clipped === null ? [] : polygonsIn(clipped);
  return shapes.filter((shape) => polygonArea(shape) * sheet.mpp * sheet.mpp >= SMALLEST_UM2);
}

type Line = {
  readonly isHole: boolean;
  readonly offset: number;
  readonly wander: number;
  readonly spacing: number;
  readonly random: Random;
};

/** A ring drawn again at a hand's spacing, moved away from what it encloses by an uneven distance; so a hole becomes smaller. */
function redrawn(ring: Ring, { isHole, offset, wander, spacing, random }: Line): Ring {
  const points = evenly(ring, spacing);
  // Away from the material lies left of an outside that runs clockwise on the screen, and left of a hole that does not.
  const away = signedRingArea(ring) > 0 === isHole ? -1 : 1;
  const tremor = waves(random, points.length);
  const moved = points.map(([x, y], index): Point => {
    const [px, py] = points[(index + points.length - 1) % points.length] ?? [x, y];
    const [nx, ny] = points[(index + 1) % points.length] ?? [x, y];
    const length = Math.hypot(nx - px, ny - py) || 1;
    const distance = (offset + wander * tremor(index / points.length)) * away;
    return [x + ((ny - py) / length) * distance, y - ((nx - px) / length) * distance];
  });
  return simplify(moved, spacing / 12);
}

/** Waves in a line are no shorter than so many steps of the hand. */
const SHORTEST_WAVE = 7;

/** A smooth closed curve of random shape in about [-1, 1] over the turn from 0 to 1, for a line of so many points. */
function waves(random: Random, points: number): (turn: number) => number {
  const parts = [1, 2, 3, 4, 7, 11, 19].map((count) => {
    const height = (random() * 0.8 + 0.2) / Math.sqrt(count);
    return { count, phase: random() * 2 * Math.PI, height: points / count < SHORTEST_WAVE ? 0 : height };
  });
  return (turn) =>
    parts.reduce((sum, { count, phase, height }) => sum + height * Math.sin(2 * Math.PI * count * turn + phase), 0);
}

/** Points along a ring at equal steps, at least enough to keep a small ring's shape. */
function evenly(ring: Ring, spacing: number): Point[] {
  const lengths = ring.map(([x, y], index) => {
    const [nx, ny] = ring[(index + 1) % ring.length] ?? [x, y];
    return Math.hypot(nx - x, ny - y);
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const count = Math.max(MIN_VERTICES, Math.round(total / spacing));
  const points: Point[] = [];
  let edge = 0;
  let passed = 0;
  for (let step = 0; step < count; step++) {
    const goal = (step * total) / count;
    while (edge < ring.length - 1 && passed + (lengths[edge] ?? 0) < goal) passed += lengths[edge++] ?? 0;
    const share = Math.min(1, (goal - passed) / (lengths[edge] || 1));
    const [x, y] = ring[edge] ?? [0, 0];
    const [nx, ny] = ring[(edge + 1) % ring.length] ?? [x, y];
    points.push([x + (nx - x) * share, y + (ny - y) * share]);
  }
  return points;
}
