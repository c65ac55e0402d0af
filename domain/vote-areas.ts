import type { Ratings } from "./agreement.ts";
import { prepareShapes, type Shapes } from "./overlap.ts";
import { polygonsIn, type Shape } from "./overlay.ts";
import { boxGroups } from "./spatial-index.ts";
import { type Edges, StripMeter, sweep } from "./vote-areas/strips.ts";

/** An area to which one read gives a label, 1 and up; 0 is "did not mark". */
export type Labelled = { readonly label: number; readonly shape: Shape };

/**
 * Ratings whose items are places: the exact area, px2, of every combination of votes, without constructing a region. As
 * with the common area of two shapes there is nothing that could fail on edges that lie on one another.
 * @param reads per reader its labelled areas; where they lie on one another the later one is on top
 * @param regionPx area that was read; what nobody marked in it becomes a row of its own
 * @throws RangeError where there are more combinations of votes than can be told apart (2^53)
 * Cost grows with the vertices times how many edges lie above one another in a band as high as two shapes.
 */
export function voteAreas(reads: readonly (readonly Labelled[])[], categories: number, regionPx = 0): Ratings {
  if (!Number.isSafeInteger(categories ** reads.length)) {
    throw new RangeError(`${reads.length} readers with ${categories} categories have too many combinations of votes`);
  }
  const placed = reads.flatMap((labelled, reader) => labelled.map(({ label, shape }) => ({ reader, label, shape })));
  const shapes = prepareShapes(placed.map(({ shape }) => polygonsIn(shape)));
  const meter = new StripMeter(placed, reads.length, categories);
  for (const group of boxGroups(shapes.boxes)) sweepGroup(group, shapes, meter);
  const rows = [...meter.areas]
    .sort(([a], [b]) => a - b)
    .map(([key, weight]) => ({
      labels: reads.map((_, reader) => Math.floor(key / categories ** reader) % categories),
      weight,
    }));
  const marked = rows.reduce((sum, { weight }) => sum + weight, 0);
  const silent = { labels: reads.map(() => 0), weight: Math.max(0, regionPx - marked) };
  return { categories, rows: silent.weight > 0 ? [silent, ...rows] : rows };
}

/** Area, px2, that at least t readers give a label, for t = 1 to their number; they add up to the areas of all. */
export function votedAtLeast({ rows }: Ratings, label: number): number[] {
  const readers = rows.reduce((most, { labels }) => Math.max(most, labels.length), 0);
  return Array.from({ length: readers }, (_, below) =>
    rows
      .filter(({ labels }) => labels.filter((vote) => vote === label).length > below)
      .reduce((sum, { weight }) => sum + weight, 0),
  );
}

/**
 * Goes through a group band by band, so that few edges lie above one another however large the group is. A band is as high
 * as two of its shapes, weighed by their vertices: then a shape is in few bands, and a large one is not cut finely.
 */
function sweepGroup(group: readonly number[], shapes: Shapes, meter: StripMeter): void {
  const first = group[0] ?? 0;
  const [originX, originY] = [shapes.originX[first] ?? 0, shapes.originY[first] ?? 0];
  const members = group.map((shape): Member => {
    const [start, end] = [shapes.start[shape] ?? 0, shapes.start[shape + 1] ?? 0];
    const box = shapes.boxes[shape];
    return {
      shape,
      start,
      end,
      dx: (shapes.originX[shape] ?? 0) - originX,
      dy: (shapes.originY[shape] ?? 0) - originY,
      low: Math.floor((box?.minY ?? 0) - originY),
      high: Math.ceil((box?.maxY ?? 0) - originY),
    };
  });
  const vertices = members.reduce((sum, { start, end }) => sum + end - start, 0);
  if (vertices === 0) return;
  const weighed = members.reduce((sum, { start, end, low, high }) => sum + (end - start) * (high - low), 0);
  const low = members.reduce((least, member) => Math.min(least, member.low), Infinity);
  const high = members.reduce((most, member) => Math.max(most, member.high), -Infinity);
  const step = Math.max(1, Math.ceil((2 * weighed) / vertices));
  for (let from = low; from < high; from += step) {
    const inBand = members.filter((member) => member.low < from + step && member.high > from);
    sweep(edgesOf(inBand, shapes), { low: from, high: from + step }, meter);
  }
}

/** A shape of a group, with its edges and the way to the group's corner. */
type Member = {
  readonly shape: number;
  readonly start: number;
  readonly end: number;
  readonly dx: number;
  readonly dy: number;
  readonly low: number;
  readonly high: number;
};

/** The edges of members in the group's coordinates. */
function edgesOf(members: readonly Member[], shapes: Shapes): Edges {
  const places = members.flatMap((member) =>
    Array.from({ length: member.end - member.start }, (_, step) => ({ member, edge: member.start + step })),
  );
  const begin = ({ member, edge }: { member: Member; edge: number }) => (shapes.x0[edge] ?? 0) + member.dx;
  places.sort((a, b) => begin(a) - begin(b));
  return {
    count: places.length,
    owner: Int32Array.from(places, ({ member }) => member.shape),
    sign: Float64Array.from(places, ({ edge }) => shapes.sign[edge] ?? 0),
    x0: Float64Array.from(places, begin),
    x1: Float64Array.from(places, ({ member, edge }) => (shapes.x1[edge] ?? 0) + member.dx),
    y0: Float64Array.from(places, ({ member, edge }) => (shapes.y0[edge] ?? 0) + member.dy),
    slope: Float64Array.from(places, ({ edge }) => shapes.slope[edge] ?? 0),
  };
}
