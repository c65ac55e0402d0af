import type { Ratings } from "./agreement.ts";
import type { Bbox } from "./annotation.ts";
import { Memory } from "./consensus/memory.ts";
import type { Outline, Read } from "./consensus/partition.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import type { Cluster } from "./matching/clusters.ts";
import { type Panoptic, panopticOf } from "./matching/detection.ts";
import { type Link, type Objects, type Overlaps, objectsOf, overlapLinks, pointLinks } from "./matching/objects.ts";
import { type Matched, matchedIn } from "./matching/parts.ts";
import type { Regrouping } from "./matching/regroupings.ts";
import type { MicronPerPx } from "./units.ts";

export { bestAssignment, type Candidate, leastCost } from "./matching/assignment.ts";
export { byId, type Cluster } from "./matching/clusters.ts";
export { type Detection, detectionOf, type Panoptic, panopticOf } from "./matching/detection.ts";
export type { Overlaps } from "./matching/objects.ts";
export type { Matched } from "./matching/parts.ts";
export type { Regrouping } from "./matching/regroupings.ts";

/** Two annotations, one of each reader, that mean one object: how well outlines fit (IoU), or how far points are apart (um). */
export type Match = { readonly a: AnnotationId; readonly b: AnnotationId; readonly fit: number };

/** What two readers have in common, by their places in the order of the reads. */
export type PairMatching = {
  readonly a: number;
  readonly b: number;
  /** By the id of a's. */
  readonly matches: readonly Match[];
  readonly onlyA: readonly AnnotationId[];
  readonly onlyB: readonly AnnotationId[];
  /** Where one has a single object and the other several; they may be matched or missed as well. */
  readonly regroupings: readonly Regrouping[];
};

export type Matching = {
  /** Ascending, whatever the order of the input. */
  readonly readerKeys: readonly string[];
  readonly pairs: readonly PairMatching[];
  /** By id. */
  readonly clusters: readonly Cluster[];
};

/** The least IoU that makes two outlines one object. */
export const LEAST_IOU = 0.3;
/** Points of one mitosis lie within this distance. Source: evaluation of the MIDOG challenges. */
export const POINT_RADIUS_UM = 7.5;

/**
 * Which outlines of several reads mean the same object, whatever class each gives it: one-to-one between two readers, so
 * that the sum of IoU over pairs of at least `leastIou` is the largest. Points and lines are left out. The order of reads
 * and outlines changes nothing, nor does where on the slide they lie.
 * @param reads valid outlines; those of one read may lie on one another
 * @throws RangeError where two reads have the same key
 */
export function matchOutlines(reads: readonly Read[], leastIou: Least = LEAST_IOU): Matching {
  const memory = new Memory();
  return matchOverlaps(overlapsOf(reads, memory), leastIou, memory);
}

/** @throws RangeError where two reads have the same key */
export function overlapsOf(reads: readonly Read[], memory: Memory): Overlaps {
  const objects = objectsOf(reads, "outline", memory);
  return { objects, links: overlapLinks(objects.all, memory) };
}

/** The same of some of the outlines only. */
export function overlapsAmong(overlaps: Overlaps, isWanted: (outline: Outline) => boolean): Overlaps {
  const { objects, links } = overlaps;
  const all = objects.all.filter(({ outline }) => isWanted(outline));
  if (all.length === objects.all.length) return overlaps;
  const place = new Int32Array(objects.all.length).fill(-1);
  let next = 0;
  for (const [old, { outline }] of objects.all.entries()) if (isWanted(outline)) place[old] = next++;
  return {
    objects: { readerKeys: objects.readerKeys, all },
    links: links.flatMap((link) => {
      const [first = -1, second = -1] = [place[link.first], place[link.second]];
      return first < 0 || second < 0 ? [] : [{ ...link, first, second }];
    }),
  };
}

/** The matching of outlines whose overlaps are known. */
export function matchOverlaps(overlaps: Overlaps, leastIou: Least, memory: Memory): Matching {
  return matchingOf(overlaps, matchedOverlaps(overlaps, leastIou, memory));
}

/** The same without its lists for every two readers. */
export function matchedOverlaps(overlaps: Overlaps, leastIou: Least, memory: Memory): Matched {
  const { objects, links } = overlaps;
  const isEnough = new Uint8Array(links.length);
  const leasts = leastsOf(leastIou, objects);
  // All links of a slide are gone through after each change: here and below no lists are made along the way.
  let at = 0;
  for (const { first, second, fit } of links) {
    if (fit >= Math.min(leasts[first] ?? 0, leasts[second] ?? 0)) isEnough[at] = 1;
    at++;
  }
  return matchedIn(overlaps, isEnough, memory);
}

/**
 * The same for points: as many pairs within the radius as there can be, and of those the nearest.
 * @throws RangeError where two reads have the same key
 */
export function matchPoints(reads: readonly Read[], mpp: MicronPerPx, radiusUm: Least = POINT_RADIUS_UM): Matching {
  const memory = new Memory();
  const objects = objectsOf(reads, "point", memory);
  const radii = leastsOf(radiusUm, objects);
  const widest = radii.reduce((most, radius) => Math.max(most, radius), 0);
  const links = pointLinks(objects.all, widest / mpp)
    .map((link) => ({ ...link, fit: link.fit * mpp }))
    .filter(({ first, second, fit }) => fit <= Math.max(radii[first] ?? 0, radii[second] ?? 0));
  const points = { objects, links };
  return matchingOf(points, matchedIn(points, new Uint8Array(links.length).fill(1), memory));
}

/** What an object needs to be one with another, the same for all or by what it is; of two the one that asks for less counts. */
export type Least = number | ((outline: Outline) => number);

function leastsOf(least: Least, { all }: Objects): Float64Array {
  if (typeof least === "number") return new Float64Array(all.length).fill(least);
  return Float64Array.from(all, ({ outline }) => least(outline));
}

/** Objects of one class of two reads, `a` and `b`, matched where they overlap by more than a half. */
export type ClassMatching = {
  readonly both: readonly { readonly a: Outline; readonly b: Outline; readonly iou: number }[];
  readonly onlyA: number;
  readonly onlyB: number;
};

/** Only objects of this class are looked at; points and lines are left out. */
export function matchClass(a: Read, b: Read, classId: ClassId): ClassMatching {
  const reads = [
    { readerKey: "a", outlines: a.outlines },
    { readerKey: "b", outlines: b.outlines },
  ];
  const memory = new Memory();
  const overlaps = overlapsOf(reads, memory);
  const [pair] = matchClasses(overlaps, matchedOverlaps(overlaps, LEAST_IOU, memory), [classId]);
  return pair?.classes[0] ?? { both: [], onlyA: 0, onlyB: 0 };
}

/** The objects of each class of every two readers, in the order of the classes. */
export function matchClasses(
  { objects, links }: Overlaps,
  { isOfClass }: Matched,
  classIds: readonly ClassId[],
): { readonly a: number; readonly b: number; readonly classes: readonly ClassMatching[] }[] {
  const { all, readerKeys } = objects;
  const counts = readerKeys.map(() => new Map<ClassId, number>());
  for (const { reader, outline } of all) {
    counts[reader]?.set(outline.classId, (counts[reader]?.get(outline.classId) ?? 0) + 1);
  }
  const pairs = pairsOf(readerKeys.length).map(([a, b]) => {
    const both = new Map<ClassId, ClassMatching["both"][number][]>(classIds.map((classId) => [classId, []]));
    return { a, b, both };
  });
  const pairAt = pairPlaces(readerKeys.length);
  let at = -1;
  for (const { first, second, fit } of links) {
    at++;
    const own = all[first];
    const found = all[second];
    if (isOfClass[at] !== 1 || own === undefined || found === undefined) continue;
    const pair = pairs[pairAt(own.reader, found.reader)];
    pair?.both.get(own.outline.classId)?.push({ a: own.outline, b: found.outline, iou: fit });
  }
  return pairs.map(({ a, b, both }) => {
    const classes = classIds.map((classId): ClassMatching => {
      const matched = both.get(classId) ?? [];
      const only = (reader: number) => (counts[reader]?.get(classId) ?? 0) - matched.length;
      return { both: matched, onlyA: only(a), onlyB: only(b) };
    });
    return { a, b, classes };
  });
}

/** How many objects two readers have in common and alone, and how many regroupings there are between them. */
export type PairCounts = {
  readonly a: number;
  readonly b: number;
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly regroupings: number;
};

/** The counts of every two readers. */
export function countsOfPairs(
  { objects: { all, readerKeys }, links }: Overlaps,
  { isMatched, regroupings }: Matched,
): PairCounts[] {
  const pairs = pairsOf(readerKeys.length);
  const pairAt = pairPlaces(readerKeys.length);
  const [marked, both, regrouped] = [
    new Uint32Array(readerKeys.length),
    new Uint32Array(pairs.length),
    new Uint32Array(pairs.length),
  ];
  const count = (counts: Uint32Array, place: number) => {
    counts[place] = (counts[place] ?? 0) + 1;
  };
  for (const { reader } of all) count(marked, reader);
  let at = 0;
  for (const { first, second } of links) {
    if (isMatched[at++] === 1) count(both, pairAt(all[first]?.reader ?? 0, all[second]?.reader ?? 0));
  }
  for (const { a, b } of regroupings) count(regrouped, pairAt(a, b));
  return pairs.map(([a, b], place) => {
    const common = both[place] ?? 0;
    const only = (reader: number) => (marked[reader] ?? 0) - common;
    return { a, b, both: common, onlyA: only(a), onlyB: only(b), regroupings: regrouped[place] ?? 0 };
  });
}

/** Panoptic quality of each class between two reads, in the order of the classes; other classes are left out. */
export function panopticByClass(a: Read, b: Read, classIds: readonly ClassId[]): Panoptic[] {
  return classIds.map((classId) => {
    const { both, onlyA, onlyB } = matchClass(a, b, classId);
    return panopticOf(
      both.map(({ iou }) => iou),
      both.length + onlyA,
      both.length + onlyB,
    );
  });
}

/**
 * Votes on objects: per cluster the class that each reader gives it, 0 for "did not mark", k for the k-th class. A class
 * that is not among them is no vote.
 * @param hasRead whether a reader has read the place of a cluster; where not there is no vote either
 */
export function ratingsOfClusters(
  clusters: readonly Cluster[],
  classIds: readonly ClassId[],
  hasRead: (reader: number, bbox: Bbox) => boolean = () => true,
): Ratings {
  const labels = new Map(classIds.map((classId, index) => [classId, index + 1]));
  const rows = clusters.map(({ members, bbox }) => ({
    labels: members.map((member, reader) => {
      if (member !== null) return labels.get(member.classId) ?? null;
      return hasRead(reader, bbox) ? 0 : null;
    }),
    weight: 1,
  }));
  return { categories: classIds.length + 1, rows };
}

function matchingOf({ objects, links }: Overlaps, { isMatched, clusters, regroupings }: Matched): Matching {
  const { all, readerKeys } = objects;
  const pairAt = pairPlaces(readerKeys.length);
  const pairs = pairsOf(readerKeys.length).map(([a, b]) => {
    return { a, b, matched: [] as Link[], regrouped: [] as Regrouping[] };
  });
  for (const [at, link] of links.entries()) {
    if (isMatched[at] !== 1) continue;
    pairs[pairAt(all[link.first]?.reader ?? 0, all[link.second]?.reader ?? 0)]?.matched.push(link);
  }
  for (const { a, b, found } of regroupings) pairs[pairAt(a, b)]?.regrouped.push(found);
  const places = readerKeys.map((): number[] => []);
  for (const [place, { reader }] of all.entries()) places[reader]?.push(place);
  const others = (reader: number, taken: readonly number[]) => {
    const set = new Set(taken);
    const left = (places[reader] ?? []).filter((place) => !set.has(place));
    return left.flatMap((place) => all[place]?.outline.annotationId ?? []);
  };
  return {
    readerKeys,
    pairs: pairs.map(({ a, b, matched, regrouped }) => ({
      a,
      b,
      matches: matched.flatMap((link) => matchOf(objects, link)),
      onlyA: others(
        a,
        matched.map(({ first }) => first),
      ),
      onlyB: others(
        b,
        matched.map(({ second }) => second),
      ),
      regroupings: regrouped.sort(byKindAndId),
    })),
    clusters,
  };
}

/** Splits before merges, each by the id of the one. */
function byKindAndId(a: Regrouping, b: Regrouping): number {
  if (a.kind !== b.kind) return a.kind === "split" ? -1 : 1;
  if (a.one === b.one) return 0;
  return a.one < b.one ? -1 : 1;
}

function pairsOf(readers: number): [number, number][] {
  return Array.from({ length: readers }, (_, a) => a).flatMap((a) =>
    Array.from({ length: readers - a - 1 }, (_, step): [number, number] => [a, a + 1 + step]),
  );
}

/** Where `pairsOf` has two readers. */
function pairPlaces(readers: number): (a: number, b: number) => number {
  return (a, b) => (a * (2 * readers - a - 1)) / 2 + b - a - 1;
}

function matchOf({ all }: Objects, { first, second, fit }: Link): Match[] {
  const [a, b] = [all[first]?.outline.annotationId, all[second]?.outline.annotationId];
  return a === undefined || b === undefined ? [] : [{ a, b, fit }];
}
