import { type Bbox, type Geometry, type Polygon, polygonsOf } from "./annotation.ts";
import { geometryBbox } from "./geometry.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import { type History, resolve } from "./migration.ts";
import { closingBetween, normaliseAll, overlapArea, union, widened } from "./overlay.ts";
import { buildIndex } from "./spatial-index.ts";

/** An outline with the class that it is stored with, and the one that counts since a merge; level-0 px. */
export type MergedOutline = {
  readonly id: AnnotationId;
  readonly former: ClassId;
  readonly classId: ClassId;
  readonly geometry: Geometry;
};

/** Outlines that touch and have become one class, and the one outline that they would be. */
export type TouchingGroup = {
  /** Ascending. */
  readonly ids: readonly AnnotationId[];
  readonly classId: ClassId;
  readonly geometry: Geometry;
  readonly bbox: Bbox;
};

/**
 * What a merge has made of an outline; null where its class is not one that a merge made, is open, or is no more.
 * Outlines that were drawn as the merged class itself belong to it too.
 */
export function mergedClassOf(
  { classId, under }: { readonly classId: ClassId; readonly under: number },
  history: History,
): ClassId | null {
  const { state, classId: now } = resolve(classId, under, history);
  if (state !== "current" && state !== "carried-over") return null;
  const isMade = history.some(({ changes }) => changes.some((each) => each.kind === "merge" && each.into === now));
  return isMade ? now : null;
}

/**
 * Groups of outlines that a merge has made alike and that touch: they have one class now, had different ones, and are no
 * further apart than a gap. Outlines that were of one class before are joined only through others. Areas alone touch.
 * @param gapPx level-0 px; 0 for those that share a border or overlap
 * @returns down the slide; cost n log n and one overlay for each pair of boxes that meet
 */
export function touchingGroups(outlines: readonly MergedOutline[], gapPx: number): readonly TouchingGroup[] {
  const areas = outlines.filter(({ geometry }) => polygonsOf(geometry).length > 0);
  const boxes = areas.map(({ geometry }) => geometryBbox(geometry));
  const index = buildIndex(boxes);
  const pairs: Pair[] = [];
  for (const [place, outline] of areas.entries()) {
    const box = boxes[place];
    if (box === undefined) continue;
    const rim = widened(outline.geometry, gapPx + TOUCH_PX);
    for (const other of index.search(grown(box, gapPx + TOUCH_PX))) {
      const neighbour = areas[other];
      if (other <= place || neighbour === undefined || !areAlikeNow(outline, neighbour)) continue;
      if (overlapArea(rim, neighbour.geometry) === 0) continue;
      const between = joining(outline.geometry, neighbour.geometry, gapPx);
      if (between !== null) pairs.push({ place, other, between });
    }
  }
  return componentsOf(areas.length, pairs)
    .flatMap((places) => groupOf(places, { areas, pairs }) ?? [])
    .sort(
      (a, b) =>
        a.bbox.minY - b.bbox.minY || a.bbox.minX - b.bbox.minX || ((a.ids[0] ?? "") < (b.ids[0] ?? "") ? -1 : 1),
    );
}

/** Two outlines that touch, and what lies between them. */
type Pair = { readonly place: number; readonly other: number; readonly between: readonly Polygon[] };

/** What joins two shapes into fewer pieces, nothing where they meet; null where they meet in a corner at most. */
function joining(a: Geometry, b: Geometry, gapPx: number): readonly Polygon[] | null {
  const apart = polygonsOf(a).length + polygonsOf(b).length;
  if (union([a, b]).length < apart) return [];
  const between = closingBetween(a, b, gapPx + TOUCH_PX);
  return union([a, b, between]).length < apart ? between : null;
}

/** Coordinates lie on a grid of 1/64 px: borders that were drawn as one may be that far apart. */
const TOUCH_PX = 1 / 32;

function areAlikeNow(a: MergedOutline, b: MergedOutline): boolean {
  return a.classId === b.classId && a.former !== b.former;
}

function grown({ minX, minY, maxX, maxY }: Bbox, by: number): Bbox {
  return { minX: minX - by, minY: minY - by, maxX: maxX + by, maxY: maxY + by };
}

/** Places that are connected, in groups of two or more. */
function componentsOf(count: number, pairs: readonly Pair[]): readonly (readonly number[])[] {
  const parents = Array.from({ length: count }, (_, place) => place);
  const rootOf = (place: number): number => {
    let root = place;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[place] = root;
    return root;
  };
  for (const { place, other } of pairs) parents[rootOf(other)] = rootOf(place);
  const groups = new Map<number, number[]>();
  for (let place = 0; place < count; place++) {
    const group = groups.get(rootOf(place)) ?? [];
    group.push(place);
    groups.set(rootOf(place), group);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** One outline of all of them; where they do not quite meet, the gap between two is part of it. */
function groupOf(
  places: readonly number[],
  within: { readonly areas: readonly MergedOutline[]; readonly pairs: readonly Pair[] },
): TouchingGroup | null {
  const members = places.flatMap((place) => within.areas[place] ?? []);
  const [first] = members;
  const inside = new Set(places);
  const gaps = within.pairs.flatMap(({ place, between }) => (inside.has(place) ? [between] : []));
  const geometry = normaliseAll(union([...members.map((each) => each.geometry), ...gaps]));
  if (first === undefined || geometry === null) return null;
  const ids = members.map(({ id }) => id).sort();
  return { ids, classId: first.classId, geometry, bbox: geometryBbox(geometry) };
}
