import type { Ratings, Votes } from "./agreement.ts";
import { prepareShapes, type Shapes } from "./overlap.ts";
import { polygonsIn, type Shape } from "./overlay.ts";
import { buildIndex } from "./spatial-index.ts";

/** An area to which one read gives a label, 1 and up; 0 is "did not mark". */
export type Labelled = { readonly label: number; readonly shape: Shape };

/**
 * Ratings whose items are places: the exact area, px2, of every combination of votes, without constructing a region. As
 * with the common area of two shapes there is nothing that could fail on edges that lie on one another.
 * @param reads per reader its labelled areas; where they lie on one another the later one is on top
 * @param regionPx area that was read; what nobody marked in it becomes a row of its own
 * Cost grows with the vertices of what hangs together times how many edges lie above one another there.
 */
export function voteAreas(reads: readonly (readonly Labelled[])[], categories: number, regionPx = 0): Ratings {
  const placed = reads.flatMap((labelled, reader) => labelled.map(({ label, shape }) => ({ reader, label, shape })));
  const shapes = prepareShapes(placed.map(({ shape }) => polygonsIn(shape)));
  const areas = new Map<string, Found>();
  for (const group of groupsOf(shapes)) sweepGroup(group, placed, shapes, reads.length, areas);
  const rows = [...areas.keys()].sort().flatMap((key) => areas.get(key) ?? []);
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

type Placed = { readonly reader: number; readonly label: number };
type Found = { readonly labels: Votes["labels"]; weight: number };

/** Shapes whose boxes hang together, each group in order. */
function groupsOf({ boxes }: Shapes): number[][] {
  const index = buildIndex(boxes);
  const isSeen = new Uint8Array(boxes.length);
  return boxes.flatMap((_, start) => {
    if (isSeen[start] === 1) return [];
    const group: number[] = [];
    const open = [start];
    isSeen[start] = 1;
    for (let shape = open.pop(); shape !== undefined; shape = open.pop()) {
      group.push(shape);
      const box = boxes[shape];
      for (const near of box === undefined ? [] : index.search(box)) {
        if (isSeen[near] === 1) continue;
        isSeen[near] = 1;
        open.push(near);
      }
    }
    return [group.sort((a, b) => a - b)];
  });
}

/** An edge in the group's coordinates, px from a corner of its first shape. */
type Edge = {
  readonly owner: number;
  readonly sign: number;
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly slope: number;
};

/** Between two vertices that follow one another from left to right the same edges lie above one another. */
function sweepGroup(
  group: readonly number[],
  placed: readonly Placed[],
  shapes: Shapes,
  readers: number,
  areas: Map<string, Found>,
): void {
  const edges = edgesOf(group, shapes);
  const stops = [...new Set(edges.flatMap(({ x0, x1 }) => [x0, x1]))].sort((a, b) => a - b);
  const stack = newStack(placed, readers, areas);
  let next = 0;
  let active: Edge[] = [];
  for (const [place, left] of stops.entries()) {
    const right = stops[place + 1];
    if (right === undefined) break;
    active = active.filter((edge) => edge.x1 > left);
    for (; (edges[next]?.x0 ?? Infinity) <= left; next++) active.push(...edges.slice(next, next + 1));
    for (const [from, to] of uncrossed(active, left, right)) {
      const middle = (from + to) / 2;
      active.sort((a, b) => heightAt(a, middle) - heightAt(b, middle));
      stack.addStrip(active, middle, to - from);
    }
  }
}

function edgesOf(group: readonly number[], shapes: Shapes): Edge[] {
  const first = group[0] ?? 0;
  const [originX, originY] = [shapes.originX[first] ?? 0, shapes.originY[first] ?? 0];
  const edges = group.flatMap((owner) => {
    const [dx, dy] = [(shapes.originX[owner] ?? 0) - originX, (shapes.originY[owner] ?? 0) - originY];
    const [start, end] = [shapes.start[owner] ?? 0, shapes.start[owner + 1] ?? 0];
    return Array.from({ length: end - start }, (_, step): Edge => {
      const at = start + step;
      return {
        owner,
        sign: shapes.sign[at] ?? 0,
        x0: (shapes.x0[at] ?? 0) + dx,
        x1: (shapes.x1[at] ?? 0) + dx,
        y0: (shapes.y0[at] ?? 0) + dy,
        slope: shapes.slope[at] ?? 0,
      };
    });
  });
  return edges.sort((a, b) => a.x0 - b.x0);
}

function heightAt({ x0, y0, slope }: Edge, x: number): number {
  return y0 + slope * (x - x0);
}

/** A strip cut where edges cross, so that in each part one order holds from bottom to top. */
function uncrossed(active: Edge[], left: number, right: number): [number, number][] {
  active.sort((a, b) => heightAt(a, left) - heightAt(b, left) || heightAt(a, right) - heightAt(b, right));
  const ends = active.map((edge) => heightAt(edge, right));
  if (ends.every((end, place) => place === 0 || end >= (ends[place - 1] ?? 0))) return [[left, right]];
  const cuts = new Set<number>([left, right]);
  for (const [place, low] of active.entries()) {
    for (const [step, high] of active.slice(place + 1).entries()) {
      if ((ends[place + 1 + step] ?? 0) >= (ends[place] ?? 0)) continue;
      const x = left + (heightAt(high, left) - heightAt(low, left)) / (low.slope - high.slope);
      if (x > left && x < right) cuts.add(x);
    }
  }
  const ordered = [...cuts].sort((a, b) => a - b);
  return ordered.slice(1).map((to, place) => [ordered[place] ?? left, to]);
}

type Stack = { readonly addStrip: (ordered: readonly Edge[], middle: number, width: number) => void };

/**
 * Goes up through a strip and gives what lies between two edges to the votes that hold there. Between lines the height at
 * the middle is the mean height, so it makes the area exact.
 */
function newStack(placed: readonly Placed[], readers: number, areas: Map<string, Found>): Stack {
  const open = Array.from({ length: readers }, () => new Map<number, number>());
  const labels = Array.from({ length: readers }, () => 0);
  const cross = ({ owner, sign }: Edge): void => {
    const shape = placed[owner];
    const own = shape === undefined ? undefined : open[shape.reader];
    if (shape === undefined || own === undefined) return;
    const depth = (own.get(owner) ?? 0) + sign;
    if (depth === 0) own.delete(owner);
    else own.set(owner, depth);
    labels[shape.reader] = own.size === 0 ? 0 : (placed[Math.max(...own.keys())]?.label ?? 0);
  };
  const addArea = (area: number): void => {
    if (!(area > 0) || labels.every((label) => label === 0)) return;
    const key = labels.join();
    const known = areas.get(key);
    if (known === undefined) areas.set(key, { labels: [...labels], weight: area });
    else known.weight += area;
  };
  return {
    addStrip: (ordered, middle, width) => {
      let below = 0;
      for (const edge of ordered) {
        const height = heightAt(edge, middle);
        addArea((height - below) * width);
        cross(edge);
        below = height;
      }
    },
  };
}
