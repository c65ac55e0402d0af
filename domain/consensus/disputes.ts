import { type Ratings, voteEntropy } from "#domain/agreement.ts";
import { type Bbox, type Geometry, geometryOf, type Point, polygonsOf } from "#domain/annotation.ts";
import { geometryPerimeter } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { commonArea, prepareShapes, type Shapes } from "#domain/overlap.ts";
import { seedFrom } from "#domain/random.ts";
import { type BoxIndex, buildIndex, meetsAny } from "#domain/spatial-index.ts";
import { type MicronPerPx, toSquareMicron } from "#domain/units.ts";
import type { Face } from "./faces.ts";
import { Bound, BoundAll, differing, type Memory, sameThings } from "./memory.ts";
import type { Judge, Verdict } from "./method.ts";
import type { Part, Placed } from "./partition.ts";

/** What one read says in a dispute; class null is "did not mark". */
export type Vote = {
  readonly readerKey: string;
  readonly classId: ClassId | null;
  /** The read's outlines of that class that reach into the dispute, by id. */
  readonly annotationIds: readonly AnnotationId[];
  /** Where it did not mark: its outlines there whose class is still to be chosen. Absent where there are none. */
  readonly waitingIds?: readonly AnnotationId[];
};

/**
 * `boundary`: a thin, long strip, as two hands leave along one edge; `regrouped`: an object that one drew as one and
 * another as several; else `class-conflict` where reads name different classes; else `missed`: some marked it and some
 * did not.
 */
export type DisputeKind = "class-conflict" | "missed" | "boundary" | "regrouped";

/** A connected region in which the reads differ, each saying one thing throughout, or an object on which they do. */
export type Dispute = {
  readonly basis: "region" | "object";
  /** Made of the region (to the px) and the votes: the same dispute has the same key whenever it is computed. */
  readonly key: string;
  readonly kind: DisputeKind;
  readonly geometry: Geometry;
  readonly bbox: Bbox;
  readonly areaPx: number;
  /** Null where the slide's scale is not known. */
  readonly areaUm2: number | null;
  /** In the order of the reads. */
  readonly votes: readonly Vote[];
  /** What each read says: 0 "did not mark", k the k-th class of its basis. */
  readonly labels: readonly number[];
  /** The object that it is about; null for a region. */
  readonly clusterId: AnnotationId | null;
  /** The class that the reads give it; null where they say "not marked", or where they do not say. */
  readonly majority: ClassId | null;
  readonly verdict: Verdict["standing"];
  /** How divided the votes are, 0 to 1. */
  readonly spread: number;
  /** Area, um2 (px2 without a scale), by rarity of the rarest class named, by spread: the worst is the highest. */
  readonly score: number;
};

/** What is still to be found out about a dispute once its place and votes are known. */
export type Unranked = Omit<Dispute, "spread" | "score">;

/** A strip is thin below this mean width, and long where its perimeter squared is this much larger than a disc's. */
const BOUNDARY_WIDTH_UM = 25;
const BOUNDARY_WIDTH_PX = 100;
const BOUNDARY_ELONGATION = 4;
/** Faces narrower than half a pixel or smaller than 4 px2 cannot be seen, let alone decided. */
const LEAST_AREA_PX = 4;
const LEAST_WIDTH_PX = 0.5;
/** An outline reaches into a dispute with more than the rounding of an edge. */
const REACH_PX2 = 0.25;

/** What a face is as the place of a dispute, whatever is said about it. */
type Place = { readonly geometry: Geometry; readonly width: number; readonly key: string };

/** What is known of a face where reads differ: what they said in it, with the outlines that this was found in. */
type Known = {
  readonly place: Place;
  stacks: readonly Stack[];
  votes: readonly Vote[];
  dispute: Unranked | null;
};

const KNOWN = new Bound<Face, Known>();
const REACHING = new BoundAll<Face | Placed, readonly AnnotationId[]>();

/** How regions are named and judged. */
type RegionRules = { readonly judge: Judge; readonly minDisputeUm2: number; readonly mpp: MicronPerPx | null };

/** All disputed regions that are large enough. */
export function disputesOf(
  faces: readonly Face[],
  parts: readonly Part[],
  classIds: readonly ClassId[],
  rules: RegionRules,
  memory: Memory,
): Unranked[] {
  const room = KNOWN.room(memory, "");
  const vote = voting(parts, classIds, memory);
  const disputes: Unranked[] = [];
  for (const face of faces) {
    if (!differ(face.labels) || !isSeen(face, rules)) continue;
    let known = room.get(face);
    if (known === undefined) {
      known = { place: placeOf(face, parts, classIds), stacks: [], votes: [], dispute: null };
      room.set(face, known);
    }
    if (known.place.width < LEAST_WIDTH_PX) continue;
    vote(face, known);
    disputes.push(disputeIn(face, known, classIds, rules));
  }
  return disputes;
}

function isSeen({ areaPx }: Face, { minDisputeUm2, mpp }: RegionRules): boolean {
  return areaPx >= LEAST_AREA_PX && (mpp === null || toSquareMicron(areaPx, mpp) >= minDisputeUm2);
}

/** The dispute of before where nothing else is said. */
function disputeIn(face: Face, known: Known, classIds: readonly ClassId[], { judge, mpp }: RegionRules): Unranked {
  const { label, standing } = judge(face.labels);
  const majority = label === null ? null : (classIds[label - 1] ?? null);
  const before = known.dispute;
  if (before !== null && before.majority === majority && before.verdict === standing) return before;
  const { place, votes } = known;
  known.dispute = {
    basis: "region",
    key: place.key,
    kind: kindOf(face.labels, face.areaPx, place.width, mpp),
    geometry: place.geometry,
    bbox: face.bbox,
    areaPx: face.areaPx,
    areaUm2: mpp === null ? null : toSquareMicron(face.areaPx, mpp),
    votes,
    labels: face.labels,
    clusterId: null,
    majority,
    verdict: standing,
  };
  return known.dispute;
}

/** Brings the votes in a face up to date: what a read says where none of its outlines came or went is known. */
function voting(
  parts: readonly Part[],
  classIds: readonly ClassId[],
  memory: Memory,
): (face: Face, known: Known) => void {
  const indexes = parts.map((part) => buildIndex(part.outlines.map((outline) => outline.bbox)));
  const reach = reachIn(memory);
  const stacks = parts.map(({ outlines }) => outlines);
  const changes = stacks.map(changesIn);
  return (face, known) => {
    if (sameThings(known.stacks, stacks)) return;
    let votes: Vote[] | null = null;
    for (const [read, part] of parts.entries()) {
      const before = known.stacks[read];
      if (before !== undefined && changes[read]?.(before, face.bbox) === false) continue;
      const annotationIds = reaching(part, indexes[read], face, read, reach);
      votes ??= [...known.votes];
      votes[read] = {
        readerKey: part.readerKey,
        classId: classIds[(face.labels[read] ?? 0) - 1] ?? null,
        annotationIds,
      };
    }
    known.stacks = stacks;
    if (votes === null) return;
    known.votes = votes;
    known.dispute = null;
  };
}

type Stack = Part["outlines"];

/** Whether outlines have come or gone since an earlier stack that meet a box; what differs is looked for once. */
function changesIn(stack: Stack): (before: Stack, box: Bbox) => boolean {
  const known = new Map<Stack, (box: Bbox) => boolean>();
  return (before, box) => {
    if (before === stack) return false;
    const found = known.get(before);
    if (found !== undefined) return found(box);
    const meets = meetsAny(differing(before, stack).map(({ bbox }) => bbox));
    known.set(before, meets);
    return meets(box);
  };
}

function differ(labels: readonly number[]): boolean {
  return labels.some((label) => label !== labels[0]);
}

function placeOf(face: Face, parts: readonly Part[], classIds: readonly ClassId[]): Place {
  const geometry = geometryOf([face.polygon]);
  const said = parts.map(({ readerKey }, read) => ({
    readerKey,
    classId: classIds[(face.labels[read] ?? 0) - 1] ?? null,
  }));
  return { geometry, width: (2 * face.areaPx) / geometryPerimeter(geometry), key: disputeKey(geometry, said) };
}

/** A class as frequent as the mean of its fellows has rarity 1; a hundred times as rare is as rare as can be. */
const MOST_RARE = 100;

/**
 * How much a dispute weighs: by area, by how rare the rarest class is that somebody names (a slip on a rare class costs more of
 * it), and by how divided the votes are.
 * @param ratings of all regions, or all objects: what share of the votes each class has
 */
export function ranked(disputes: readonly Unranked[], ratings: Ratings): Dispute[] {
  const rarity = raritiesIn(ratings);
  const known = new Map<string, { readonly rarest: number; readonly spread: number }>();
  const judged = (labels: readonly number[]) => {
    const key = labels.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const named = labels.filter((label) => label > 0).map((label) => rarity[label] ?? 1);
    const made = { rarest: Math.max(0, ...named), spread: voteEntropy(labels, ratings.categories) };
    known.set(key, made);
    return made;
  };
  return disputes.map((dispute) => {
    const { rarest, spread } = judged(dispute.labels);
    return withScore(dispute, spread, (dispute.areaUm2 ?? dispute.areaPx) * rarest * spread);
  });
}

/** Written out: there are thousands, and a spread of each takes ten times as long. */
function withScore(dispute: Unranked, spread: number, score: number): Dispute {
  return {
    basis: dispute.basis,
    key: dispute.key,
    kind: dispute.kind,
    geometry: dispute.geometry,
    bbox: dispute.bbox,
    areaPx: dispute.areaPx,
    areaUm2: dispute.areaUm2,
    votes: dispute.votes,
    labels: dispute.labels,
    clusterId: dispute.clusterId,
    majority: dispute.majority,
    verdict: dispute.verdict,
    spread,
    score,
  };
}

/** By score, the highest first; equals by area and key. */
export function worstFirst(disputes: readonly Dispute[]): Dispute[] {
  const scores = Float64Array.from(disputes, ({ score }) => score);
  const places = [...disputes.keys()].sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || tie(disputes[a], disputes[b]),
  );
  return places.flatMap((place) => disputes[place] ?? []);
}

function tie(a: Dispute | undefined, b: Dispute | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return b.areaPx - a.areaPx || (a.key < b.key ? -1 : 1);
}

function raritiesIn({ categories, rows }: Ratings): number[] {
  const votes = Array.from({ length: categories }, () => 0);
  for (const { labels, weight } of rows) {
    for (const label of labels) if (label !== null && label > 0) votes[label] = (votes[label] ?? 0) + weight;
  }
  const used = votes.filter((count) => count > 0);
  const mean = used.reduce((sum, count) => sum + count, 0) / Math.max(1, used.length);
  return votes.map((count) => (count > 0 ? Math.min(MOST_RARE, mean / count) : 1));
}

type Reach = (face: Face, near: Part["outlines"], read: number) => readonly AnnotationId[];

/** A read's outlines of a class that reach into a face, by id. The only one near is what gave the face its class. */
function reaching(
  { outlines }: Part,
  index: BoxIndex | undefined,
  face: Face,
  read: number,
  reach: Reach,
): readonly AnnotationId[] {
  const label = face.labels[read] ?? 0;
  if (label === 0 || index === undefined) return [];
  const places = index.search(face.bbox, (place) => outlines[place]?.label === label);
  const near = places.flatMap((place) => outlines[place] ?? []);
  return near.length < 2 ? near.map(({ annotationId }) => annotationId) : reach(face, near, read);
}

/** Which of several outlines reach into a face; an outline is made ready to be compared once. */
function reachIn(memory: Memory): Reach {
  const ready = new Map<Placed, Shapes>();
  const ofOutline = (outline: Placed): Shapes => {
    const known = ready.get(outline) ?? prepareShapes([polygonsOf(outline.geometry)]);
    ready.set(outline, known);
    return known;
  };
  return (face, near, read) =>
    REACHING.of(memory, [face, ...near], `${read}`, () => {
      const own = prepareShapes([[face.polygon]]);
      return near
        .filter((outline) => commonArea(ofOutline(outline), 0, 0, own) > REACH_PX2)
        .map(({ annotationId }) => annotationId)
        .sort();
    });
}

function kindOf(labels: readonly number[], areaPx: number, width: number, mpp: MicronPerPx | null): DisputeKind {
  const perimeter = (2 * areaPx) / width;
  const thin = width < (mpp === null ? BOUNDARY_WIDTH_PX : BOUNDARY_WIDTH_UM / mpp);
  if (thin && perimeter ** 2 / (4 * Math.PI * areaPx) > BOUNDARY_ELONGATION) return "boundary";
  return new Set(labels.filter((label) => label > 0)).size > 1 ? "class-conflict" : "missed";
}

/** 64 bits of FNV-1a in 16 hexadecimal digits; not a secret, only a name. */
export function disputeKey(geometry: Geometry, votes: readonly Pick<Vote, "readerKey" | "classId">[]): string {
  const said = votes.map(({ readerKey, classId }) => [readerKey, classId]);
  const whole = ([x, y]: Point) => [Math.round(x), Math.round(y)];
  const place =
    geometry.type === "point"
      ? whole(geometry.at)
      : polygonsOf(geometry).flatMap((rings) => rings.map((ring) => ring.map(whole)));
  const text = JSON.stringify([said, place]);
  const half = (part: string) => seedFrom(part).toString(16).padStart(8, "0");
  return half(`a${text}`) + half(`b${text}`);
}
