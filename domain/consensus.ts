import { byPattern, type Ratings } from "./agreement.ts";
import { type Bbox, geometryOf, type Polygon, polygonsOf } from "./annotation.ts";
import { byScore, type Dispute, disputesOf, ranked } from "./consensus/disputes.ts";
import { type Face, facesOf } from "./consensus/faces.ts";
import { type ConsensusMethod, type Judge, judgeOf } from "./consensus/method.ts";
import { type ClassAgreement, type Numbers, numbersOf, ratingsOfFaces } from "./consensus/numbers.ts";
import {
  type ConsensusObject,
  consensusObjects,
  labelsOf,
  type MatchedObjects,
  matchObjects,
  type ObjectMatching,
  objectDisputes,
} from "./consensus/objects.ts";
import { type Part, partOf, type Read } from "./consensus/partition.ts";
import { voteLevels } from "./consensus/vote-levels.ts";
import { type VoteRaster, voteRaster } from "./consensus/vote-raster.ts";
import { geometryBbox, polygonsArea, rectangle } from "./geometry.ts";
import type { ClassId } from "./ids.ts";
import { type PairTally, pairTallies } from "./object-summary.ts";
import { intersection, normalise, overlapArea, union } from "./overlay.ts";
import type { MicronPerPx } from "./units.ts";

export { type Decided, withDecisions } from "./consensus/decided.ts";
export type { Dispute, DisputeKind, Vote } from "./consensus/disputes.ts";
export { type ConsensusMethod, judgeOf } from "./consensus/method.ts";
export type { Agreement, ClassAgreement, Numbers, PairAgreement, PairTable } from "./consensus/numbers.ts";
export { type ConsensusObject, labelsOf as labelsIn, matchObjects, type ObjectMatching } from "./consensus/objects.ts";
export type { Outline, Read } from "./consensus/partition.ts";
export { voteLevels } from "./consensus/vote-levels.ts";
export type { VoteRaster } from "./consensus/vote-raster.ts";

/** How reads of one class are compared and made into one; whatever is not said is as the study has it. */
export type ClassRule = {
  readonly classId: ClassId;
  /** Null: a region, whose places are voted on; else single objects that are matched first. */
  readonly objects: ObjectMatching | null;
  readonly method?: ConsensusMethod | undefined;
};

export type ConsensusParameters = {
  /** Votes that make a class the consensus of a place, where there is no method. */
  readonly quorum: number;
  /** How votes become the record, "not marked" too, for classes without a method of their own. */
  readonly method?: ConsensusMethod;
  /** Smaller disputes are not listed; without a scale all that can be seen are. */
  readonly minDisputeUm2: number;
  /** The slide's scale, or null where it is not known: then areas are in px2 only. */
  readonly mpp: MicronPerPx | null;
  /** The slide, level-0 px. */
  readonly region: Bbox;
  /** The declared classes in their order; by default those that are used, by id. Other outlines are left out. */
  readonly classIds?: readonly ClassId[];
  /** Of the classes that differ from the study; others are regions under its quorum. */
  readonly rules?: readonly ClassRule[];
  /** Within how many um two outlines agree, where distances between them are wanted. */
  readonly toleranceUm?: number;
};

/** What one slide adds to the numbers of a study; votes are in the order of its reads. */
export type SlideTally = {
  /** Combinations of votes with their areas, um2 (px2 without a scale), over "not marked" and the region classes. */
  readonly regions: Ratings;
  /** Combinations of votes with how many objects have them, over "not marked" and the object classes. */
  readonly objects: Ratings;
  /** Of every two reads, over all classes in their order. */
  readonly pairs: readonly PairTally[];
};

export type Consensus = Numbers & {
  /** In the order that `a`, `b` and the votes count in: ascending, whatever the order of the input. */
  readonly readerKeys: readonly string[];
  readonly classIds: readonly ClassId[];
  /** The classes that are voted on by place, and those by object; `confusionPx` is over the former. */
  readonly regionIds: readonly ClassId[];
  readonly objectIds: readonly ClassId[];
  /**
   * Where the label numbers are taken: within a margin of the box of some outline, on the slide. A larger region would
   * raise every agreement by glass that nobody would mark, so it is recorded with them.
   */
  readonly evaluated: { readonly areaPx: number; readonly marginPx: number };
  readonly disputes: readonly Dispute[];
  /** What the reads together give to each region class. Above half of the reads as quorum these do not overlap. */
  readonly consensus: readonly { readonly classId: ClassId; readonly polygons: readonly Polygon[] }[];
  readonly objects: readonly ConsensusObject[];
  readonly raster: VoteRaster;
  readonly tally: SlideTally;
};

const MARGIN_UM = 100;
const MARGIN_PX = 400;

/**
 * What the reads of one slide agree on and where they differ. Of region classes only polygons count, and each place has,
 * in each read, the class of the smallest outline on it; all areas are exact on the grid of outlines. Objects are matched
 * first and then voted on, "did not mark" being a vote. The result does not depend on the order of reads or outlines, nor
 * on where on the slide they lie.
 * @throws RangeError where two reads have the same key
 */
export function computeConsensus(reads: readonly Read[], parameters: ConsensusParameters): Consensus {
  const study = studyOf(reads, parameters);
  const { ordered, readerKeys, classIds, regionIds, objectIds } = study;
  const regions = regionPart(study, parameters);
  const objects = objectPart(study, parameters);
  const disputes = [...ranked(regions.disputes, regions.ratings), ...ranked(objects.disputes, objects.ratings)];
  const ofRegions = numbersOf(regions.ratings, ordered.length, regionIds);
  const ofObjects = numbersOf(objects.ratings, ordered.length, objectIds);
  const byClass = new Map([...ofRegions.classes, ...ofObjects.classes].map((each) => [each.classId, each]));
  const { mpp } = parameters;
  const scale = mpp === null ? 1 : mpp * mpp;
  return {
    readerKeys,
    classIds,
    regionIds,
    objectIds,
    evaluated: regions.evaluated,
    overall: regionIds.length > 0 || objectIds.length === 0 ? ofRegions.overall : ofObjects.overall,
    classes: classIds.flatMap((classId): ClassAgreement | readonly ClassAgreement[] => byClass.get(classId) ?? []),
    confusionPx: ofRegions.confusionPx,
    disputes: disputes.sort(byScore),
    consensus: regions.consensus,
    objects: objects.consensus,
    raster: regions.raster,
    tally: {
      regions: {
        categories: regions.ratings.categories,
        rows: regions.ratings.rows.map(({ labels, weight }) => ({ labels, weight: weight * scale })),
      },
      objects: byPattern(objects.ratings),
      // How far outlines of cells run apart says little and costs the most.
      pairs: pairTallies({ reads: ordered, mpp }, classIds, distancesIn(parameters), (id) => regionIds.includes(id)),
    },
  };
}

function distancesIn({ toleranceUm }: ConsensusParameters): { toleranceUm: number } | undefined {
  return toleranceUm === undefined ? undefined : { toleranceUm };
}

type Study = {
  readonly ordered: readonly Read[];
  readonly readerKeys: readonly string[];
  readonly classIds: readonly ClassId[];
  readonly regionIds: readonly ClassId[];
  readonly objectIds: readonly ClassId[];
  readonly ruleOf: (classId: ClassId) => ClassRule | undefined;
};

function studyOf(reads: readonly Read[], parameters: ConsensusParameters): Study {
  const ordered = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  const readerKeys = ordered.map((read) => read.readerKey);
  if (new Set(readerKeys).size < readerKeys.length) throw new RangeError("two reads have the same key");
  const rules = new Map(parameters.rules?.map((rule) => [rule.classId, rule]));
  const isObject = (classId: ClassId) => (rules.get(classId)?.objects ?? null) !== null;
  const classIds = parameters.classIds ?? usedClasses(reads, isObject);
  return {
    ordered,
    readerKeys,
    classIds,
    regionIds: classIds.filter((classId) => !isObject(classId)),
    objectIds: classIds.filter(isObject),
    ruleOf: (classId) => rules.get(classId),
  };
}

function methodsOf(classIds: readonly ClassId[], { ruleOf }: Study, { quorum, method }: ConsensusParameters) {
  const usual: ConsensusMethod = method ?? { kind: "quorum", votes: quorum };
  return [usual, ...classIds.map((classId) => ruleOf(classId)?.method ?? usual)];
}

function regionPart(study: Study, parameters: ConsensusParameters) {
  const { ordered, readerKeys, regionIds, objectIds } = study;
  const parts = ordered.map((read) => partOf(read, regionIds));
  const faces = facesOf(parts);
  const evaluated = evaluatedRegion(parts, parameters);
  const ratings = ratingsOfFaces(faces, parts.length, regionIds.length, evaluated.areaPx);
  const methods = methodsOf(regionIds, study, parameters);
  const judge = judgeOf(methods, readerKeys, ratings);
  const drawn = objectIds.length === 0 ? parts : ordered.map((read) => partOf(read, study.classIds));
  return {
    evaluated,
    ratings,
    disputes: disputesOf(faces, parts, regionIds, { ...parameters, judge }),
    consensus: regionIds.map((classId, index) => ({
      classId,
      polygons: agreedArea(index + 1, votesThatGive(index + 1, methods, parts.length), { parts, faces, judge }),
    })),
    raster: voteRaster(drawn, study.classIds.length + 1, boxOfParts(drawn)),
  };
}

function objectPart(study: Study, parameters: ConsensusParameters) {
  const { ordered, readerKeys, objectIds, ruleOf } = study;
  const wanted = new Set(objectIds);
  const reads = ordered.map(({ readerKey, outlines }) => ({
    readerKey,
    outlines: outlines.filter(({ classId }) => wanted.has(classId)),
  }));
  const matched: MatchedObjects = matchObjects(reads, (classId) => ruleOf(classId)?.objects ?? {}, parameters.mpp);
  const ratings = {
    categories: objectIds.length + 1,
    rows: matched.clusters.map((cluster) => ({ labels: labelsOf(cluster, objectIds), weight: 1 })),
  };
  const judge = judgeOf(methodsOf(objectIds, study, parameters), readerKeys, byPattern(ratings));
  return {
    ratings,
    disputes: objectDisputes(matched, readerKeys, objectIds, judge, parameters.mpp),
    consensus: consensusObjects(matched.clusters, objectIds, judge),
  };
}

/**
 * The whole structures that a quorum outlines where a dispute lies, in the class that the quorum gives it.
 * @returns none where the quorum says "not marked" or where there is no quorum
 */
export function majorityShapeAt(consensus: Consensus, dispute: Dispute): readonly Polygon[] {
  if (dispute.majority === null) return [];
  if (dispute.clusterId !== null) {
    const object = consensus.objects.find(({ clusterId }) => clusterId === dispute.clusterId);
    return object === undefined ? [] : polygonsOf(object.geometry);
  }
  const polygons = consensus.consensus.find(({ classId }) => classId === dispute.majority)?.polygons ?? [];
  return polygons.filter((polygon) => overlapArea([polygon], dispute.geometry) > 0);
}

function usedClasses(reads: readonly Read[], isObject: (classId: ClassId) => boolean): ClassId[] {
  const used = reads.flatMap(({ outlines }) =>
    outlines
      .filter(({ classId, geometry }) => isObject(classId) || polygonsOf(geometry).length > 0)
      .map((outline) => outline.classId),
  );
  return [...new Set(used)].sort();
}

function evaluatedRegion(parts: readonly Part[], { mpp, region }: ConsensusParameters): Consensus["evaluated"] {
  const marginPx = mpp === null ? MARGIN_PX : MARGIN_UM / mpp;
  const boxes = parts.flatMap((part) =>
    part.pieces.map(({ bbox }) =>
      rectangle([bbox.minX - marginPx, bbox.minY - marginPx], [bbox.maxX + marginPx, bbox.maxY + marginPx]),
    ),
  );
  const slide = rectangle([region.minX, region.minY], [region.maxX, region.maxY]);
  return { areaPx: polygonsArea(intersection(union(boxes), slide)), marginPx };
}

type Voted = { readonly parts: readonly Part[]; readonly faces: readonly Face[]; readonly judge: Judge };

/**
 * Where a class is counted by votes, what so many reads cover, with edges exactly as they drew them; else the places
 * that the verdict gives it, joined.
 */
function agreedArea(label: number, votes: number | null, voted: Voted): readonly Polygon[] {
  const { parts, faces, judge } = voted;
  const area =
    votes === null
      ? union(faces.filter(({ labels }) => judge(labels).label === label).map(({ polygon }) => [polygon]))
      : coveredBy(parts, label, votes);
  return area.flatMap((polygon) => {
    const clean = normalise({ type: "polygon", rings: polygon });
    return clean === null ? [] : polygonsOf(clean);
  });
}

/**
 * So many reads give a place to a class; null where its verdict says so, as where classes are decided in several ways and
 * another may have more votes on a place than this one needs.
 */
function votesThatGive(label: number, methods: readonly ConsensusMethod[], reads: number): number | null {
  const needed = methods.map((method) => neededVotes(method, reads));
  const votes = needed[label] ?? null;
  if (votes === null || votes * 2 > reads) return votes;
  return needed.every((each) => each === votes) ? votes : null;
}

function neededVotes(method: ConsensusMethod, reads: number): number | null {
  if (method.kind === "majority") return Math.floor(reads / 2) + 1;
  return method.kind === "quorum" ? method.votes : null;
}

function coveredBy(parts: readonly Part[], label: number, votes: number): readonly Polygon[] {
  const shapes = parts.map((part) =>
    part.pieces.filter((piece) => piece.label === label).map(({ polygon }) => polygon),
  );
  return voteLevels(shapes, Math.min(votes, shapes.length))[votes - 1] ?? [];
}

function boxOfParts(parts: readonly Part[]): Bbox | null {
  const polygons = parts.flatMap((part) => part.pieces.map(({ polygon }) => polygon));
  return polygons.length === 0 ? null : geometryBbox(geometryOf(polygons));
}
