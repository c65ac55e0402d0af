import type { Ratings } from "./agreement.ts";
import { type Bbox, polygonsOf } from "./annotation.ts";
import { Memory } from "./consensus/memory.ts";
import type { Outline, Read } from "./consensus/partition.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import { bestAssignment } from "./matching/assignment.ts";
import { type Cluster, clustersOf } from "./matching/clusters.ts";
import { type Panoptic, panopticOf } from "./matching/detection.ts";
import { type Link, type Objects, objectsOf, overlapLinks, pointLinks } from "./matching/objects.ts";
import { type Regrouping, regroupingsOf } from "./matching/regroupings.ts";
import type { MicronPerPx } from "./units.ts";

export { bestAssignment, type Candidate, leastCost } from "./matching/assignment.ts";
export { byId, type Cluster } from "./matching/clusters.ts";
export { type Detection, detectionOf, type Panoptic, panopticOf } from "./matching/detection.ts";
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

/** The outlines of several reads and which of them share some area. */
export type Overlaps = { readonly objects: Objects; readonly links: readonly Link[] };

/** @throws RangeError where two reads have the same key */
export function overlapsOf(reads: readonly Read[], memory: Memory): Overlaps {
  const objects = objectsOf(reads, ({ geometry }) => polygonsOf(geometry).length > 0);
  return { objects, links: overlapLinks(objects.all, memory) };
}

/** The same of some of the outlines only. */
export function overlapsAmong({ objects, links }: Overlaps, isWanted: (outline: Outline) => boolean): Overlaps {
  const place = new Int32Array(objects.all.length).fill(-1);
  const all = objects.all.filter(({ outline }) => isWanted(outline));
  if (all.length === objects.all.length) return { objects, links };
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
export function matchOverlaps({ objects, links }: Overlaps, leastIou: Least, memory: Memory): Matching {
  const enough = links.filter((link) => link.fit >= leastOf(leastIou, objects, link));
  return matchingOf(objects, enough, links, (pairLinks) => regroupingsOf(objects.all, pairLinks, memory));
}

/**
 * The same for points: as many pairs within the radius as there can be, and of those the nearest.
 * @throws RangeError where two reads have the same key
 */
export function matchPoints(reads: readonly Read[], mpp: MicronPerPx, radiusUm: Least = POINT_RADIUS_UM): Matching {
  const objects = objectsOf(reads, ({ geometry }) => geometry.type === "point");
  const widest =
    typeof radiusUm === "number"
      ? radiusUm
      : objects.all.reduce((most, { outline }) => Math.max(most, radiusUm(outline, outline)), 0);
  const links = pointLinks(objects.all, widest / mpp)
    .map((link) => ({ ...link, fit: link.fit * mpp }))
    .filter((link) => link.fit <= leastOf(radiusUm, objects, link));
  return matchingOf(objects, links, [], () => []);
}

/** What two objects need to be one, the same for all or by what they are. */
export type Least = number | ((a: Outline, b: Outline) => number);

function leastOf(least: Least, { all }: Objects, { first, second }: Link): number {
  if (typeof least === "number") return least;
  const [a, b] = [all[first]?.outline, all[second]?.outline];
  return a === undefined || b === undefined ? 0 : least(a, b);
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
  const [pair] = matchClasses(overlapsOf(reads, new Memory()), [classId]);
  return pair?.classes[0] ?? { both: [], onlyA: 0, onlyB: 0 };
}

/** The objects of each class of every two reads, in the order of the classes. */
export function matchClasses(
  { objects, links }: Overlaps,
  classIds: readonly ClassId[],
): { readonly a: number; readonly b: number; readonly classes: readonly ClassMatching[] }[] {
  const readers = objects.readerKeys.length;
  const classAt = (place: number) => objects.all[place]?.outline.classId;
  const close = links.filter(({ first, second, fit }) => fit > 0.5 && classAt(first) === classAt(second));
  const pairs = byPair(objects, close);
  const counts = objects.readerKeys.map(() => new Map<ClassId, number>());
  for (const { reader, outline } of objects.all) {
    counts[reader]?.set(outline.classId, (counts[reader]?.get(outline.classId) ?? 0) + 1);
  }
  return pairsOf(readers).map(([a, b]) => {
    const both = new Map<ClassId, ClassMatching["both"][number][]>(classIds.map((classId) => [classId, []]));
    for (const { first, second, fit } of assigned(pairs.get(a * readers + b) ?? [])) {
      const [own, found] = [objects.all[first]?.outline, objects.all[second]?.outline];
      if (own !== undefined && found !== undefined) both.get(own.classId)?.push({ a: own, b: found, iou: fit });
    }
    const classes = classIds.map((classId): ClassMatching => {
      const matched = both.get(classId) ?? [];
      const only = (reader: number) => (counts[reader]?.get(classId) ?? 0) - matched.length;
      return { both: matched, onlyA: only(a), onlyB: only(b) };
    });
    return { a, b, classes };
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

function matchingOf(
  objects: Objects,
  links: readonly Link[],
  all: readonly Link[],
  regroupings: (links: readonly Link[]) => readonly Regrouping[],
): Matching {
  const readers = objects.readerKeys.length;
  const [candidates, overlaps] = [byPair(objects, links), byPair(objects, all)];
  const places = objects.readerKeys.map((): number[] => []);
  for (const [place, { reader }] of objects.all.entries()) places[reader]?.push(place);
  const pairs = pairsOf(readers).map(([a, b]) => {
    const key = a * readers + b;
    const matched = assigned(candidates.get(key) ?? []);
    return { a, b, matched, regroupings: regroupings(overlaps.get(key) ?? []) };
  });
  const idOf = (place: number) => objects.all[place]?.outline.annotationId ?? [];
  const others = (reader: number, taken: readonly number[]) => {
    const set = new Set(taken);
    return (places[reader] ?? []).filter((place) => !set.has(place)).flatMap(idOf);
  };
  return {
    readerKeys: objects.readerKeys,
    pairs: pairs.map(({ a, b, matched, regroupings: found }) => ({
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
      regroupings: found,
    })),
    clusters: clustersOf(
      objects,
      pairs.flatMap(({ matched }) => matched),
    ),
  };
}

function pairsOf(readers: number): [number, number][] {
  return Array.from({ length: readers }, (_, a) => a).flatMap((a) =>
    Array.from({ length: readers - a - 1 }, (_, step): [number, number] => [a, a + 1 + step]),
  );
}

function byPair({ readerKeys, all }: Objects, links: readonly Link[]): Map<number, Link[]> {
  const pairs = new Map<number, Link[]>();
  for (const link of links) {
    const key = (all[link.first]?.reader ?? 0) * readerKeys.length + (all[link.second]?.reader ?? 0);
    const known = pairs.get(key);
    if (known === undefined) pairs.set(key, [link]);
    else known.push(link);
  }
  return pairs;
}

function assigned(links: readonly Link[]): Link[] {
  return bestAssignment(links.map((link) => ({ ...link, row: link.first, column: link.second })));
}

function matchOf({ all }: Objects, { first, second, fit }: Link): Match[] {
  const [a, b] = [all[first]?.outline.annotationId, all[second]?.outline.annotationId];
  return a === undefined || b === undefined ? [] : [{ a, b, fit }];
}
