import Flatbush from "flatbush";
import RBush from "rbush";
import type { Bbox, Point } from "./annotation.ts";

/** An index over boxes that do not change; built once in n log n, answers by the boxes' positions in the list. */
export type BoxIndex = {
  /** Positions of the boxes that meet or touch this one, ascending; only those that are wanted, where that is said. */
  readonly search: (bbox: Bbox, isWanted?: (position: number) => boolean) => number[];
  /** Position of the box nearest to a point (0 distance inside; the lower position of equals), or null. */
  readonly nearest: (point: Point, maxDistancePx?: number) => number | null;
};

/** A packed index over boxes in level-0 px. */
export function buildIndex(boxes: readonly Bbox[]): BoxIndex {
  if (boxes.length === 0) return { search: () => [], nearest: () => null };
  const tree = new Flatbush(boxes.length);
  for (const { minX, minY, maxX, maxY } of boxes) tree.add(minX, minY, maxX, maxY);
  tree.finish();
  return {
    search: ({ minX, minY, maxX, maxY }, isWanted) =>
      tree.search(minX, minY, maxX, maxY, isWanted).sort((a, b) => a - b),
    nearest: (point, maxDistancePx = Infinity) => {
      const [first] = tree.neighbors(point[0], point[1], 1, maxDistancePx);
      const box = first === undefined ? undefined : boxes[first];
      if (first === undefined || box === undefined) return null;
      const distance = boxDistance(box, point);
      const ties = tree.search(point[0] - distance, point[1] - distance, point[0] + distance, point[1] + distance);
      return ties.reduce((lowest, index) => {
        const other = boxes[index];
        return index < lowest && other !== undefined && boxDistance(other, point) <= distance ? index : lowest;
      }, first);
    },
  };
}

/** Whether a box meets or touches any of some, which are few beside those that are asked about. */
export function meetsAny(boxes: readonly Bbox[]): (bbox: Bbox) => boolean {
  const index = buildIndex(boxes);
  const around = boxAround(boxes);
  return (box) => meet(box, around) && index.search(box).length > 0;
}

/** The box around several; around none one that meets no other. */
export function boxAround(boxes: readonly Bbox[]): Bbox {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    minX = Math.min(minX, box.minX);
    minY = Math.min(minY, box.minY);
    maxX = Math.max(maxX, box.maxX);
    maxY = Math.max(maxY, box.maxY);
  }
  return { minX, minY, maxX, maxY };
}

/** Whether two boxes meet or touch. */
export function meet(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

/** Positions of boxes that hang together by meeting or touching, each group ascending, the groups by their first. */
export function boxGroups(boxes: readonly Bbox[]): number[][] {
  const index = buildIndex(boxes);
  const isSeen = new Uint8Array(boxes.length);
  return boxes.flatMap((_, start) => {
    if (isSeen[start] === 1) return [];
    const group: number[] = [];
    const open = [start];
    isSeen[start] = 1;
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      group.push(place);
      const box = boxes[place];
      for (const near of box === undefined ? [] : index.search(box)) {
        if (isSeen[near] === 1) continue;
        isSeen[near] = 1;
        open.push(near);
      }
    }
    return [group.sort((a, b) => a - b)];
  });
}

type Entry<Id> = Bbox & { readonly id: Id };

/** An index over boxes that come, change and go, by id; for outlines being drawn. Level-0 px. */
export class LiveIndex<Id extends string = string> {
  readonly #tree = new RBush<Entry<Id>>();
  readonly #entries = new Map<Id, Entry<Id>>();

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a box or replaces the one of this id. */
  set(id: Id, bbox: Bbox): void {
    this.remove(id);
    const entry = { id, minX: bbox.minX, minY: bbox.minY, maxX: bbox.maxX, maxY: bbox.maxY };
    this.#entries.set(id, entry);
    this.#tree.insert(entry);
  }

  /** Takes many boxes in at once, several times faster than one by one; ids must be new. */
  load(boxes: Iterable<readonly [Id, Bbox]>): void {
    const entries: Entry<Id>[] = [];
    for (const [id, { minX, minY, maxX, maxY }] of boxes) {
      this.remove(id);
      const entry = { id, minX, minY, maxX, maxY };
      this.#entries.set(id, entry);
      entries.push(entry);
    }
    this.#tree.load(entries);
  }

  /** @returns whether there was such a box */
  remove(id: Id): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#tree.remove(entry);
    return this.#entries.delete(id);
  }

  clear(): void {
    this.#tree.clear();
    this.#entries.clear();
  }

  bbox(id: Id): Bbox | undefined {
    return this.#entries.get(id);
  }

  /** Ids of the boxes that meet or touch this one, in no particular order. */
  search(bbox: Bbox): Id[] {
    return this.#tree.search(bbox).map((entry) => entry.id);
  }
}

function boxDistance(box: Bbox, [x, y]: Point): number {
  return Math.hypot(Math.max(box.minX - x, 0, x - box.maxX), Math.max(box.minY - y, 0, y - box.maxY));
}
