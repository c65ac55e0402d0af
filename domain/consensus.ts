import { byPattern, type Ratings } from "./agreement.ts";
import { type Bbox, type Polygon, polygonsOf } from "./annotation.ts";
import { type Dispute, ranked, worstFirst } from "./consensus/disputes.ts";
import { Memory } from "./consensus/memory.ts";
import { type ConsensusMethod, judgeOf } from "./consensus/method.ts";
import { type ClassAgreement, type Numbers, numbersOf } from "./consensus/numbers.ts";
import {
  type ConsensusObject,
  consensusObjects,
  labelsOf,
  matchKnown,
  type ObjectMatching,
  objectDisputes,
} from "./consensus/objects.ts";
import { knownRead, type Outline, type Read, stackOf } from "./consensus/partition.ts";
import { regionsOf } from "./consensus/regions.ts";
import { type VoteRaster, voteRaster } from "./consensus/vote-raster.ts";
import type { ClassId } from "./ids.ts";
import { type Overlaps, overlapsAmong, overlapsOf } from "./matching.ts";
import { overlapTallies, type PairTally } from "./object-summary.ts";
import { overlapArea } from "./overlay.ts";
import type { MicronPerPx } from "./units.ts";

export { type Decided, withDecisions } from "./consensus/decided.ts";
export type { Dispute, DisputeKind, Vote } from "./consensus/disputes.ts";
export { Memory } from "./consensus/memory.ts";
export { type ConsensusMethod, judgeOf } from "./consensus/method.ts";
export {
  type Agreement,
  type ClassAgreement,
  type Numbers,
  numbersOf,
  type PairAgreement,
  type PairTable,
} from "./consensus/numbers.ts";
export { type ConsensusObject, labelsOf as labelsIn, matchObjects, type ObjectMatching } from "./consensus/objects.ts";
export type { Outline, Read } from "./consensus/partition.ts";
export {
  objectProbabilityLevels,
  type ProbabilityOf,
  probabilityLevels,
  stapleProbabilities,
} from "./consensus/probability-levels.ts";
export { voteLevels } from "./consensus/vote-levels.ts";
export type { VoteRaster } from "./consensus/vote-raster.ts";
export { withWaiting } from "./consensus/waiting.ts";

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

/**
 * What the reads of one slide agree on and where they differ. Of region classes only polygons count, and each place has,
 * in each read, the class of the smallest outline on it; all areas are exact on the grid of outlines. Objects are matched
 * first and then voted on, "did not mark" being a vote. The result does not depend on the order of reads or outlines, nor
 * on where on the slide they lie.
 * @param memory of an earlier computation of the same slide: the result is the same, and what has not changed costs less
 * @throws RangeError where two reads have the same key
 */
export function computeConsensus(
  reads: readonly Read[],
  parameters: ConsensusParameters,
  memory: Memory = new Memory(),
): Consensus {
  const study = studyOf(reads, parameters, memory);
  const { ordered, readerKeys, classIds, regionIds, objectIds } = study;
  const rules = { ...parameters, methods: methodsOf(regionIds, study, parameters) };
  const regions = regionsOf(ordered, regionIds, rules, memory);
  const overlaps = overlapsOf(ordered, memory);
  const objects = objectPart(study, overlaps, parameters, memory);
  const disputes = ranked(regions.disputes, regions.ratings).concat(ranked(objects.disputes, objects.ratings));
  const ofRegions = numbersOf(regions.ratings, ordered.length, regionIds);
  const ofObjects = numbersOf(objects.ratings, ordered.length, objectIds);
  const byClass = new Map([...ofRegions.classes, ...ofObjects.classes].map((each) => [each.classId, each]));
  const { mpp } = parameters;
  const scale = mpp === null ? 1 : mpp * mpp;
  // How far outlines of cells run apart says little and costs the most.
  const isMeasured = (classId: ClassId) => regionIds.includes(classId);
  return {
    readerKeys,
    classIds,
    regionIds,
    objectIds,
    evaluated: regions.evaluated,
    overall: regionIds.length > 0 || objectIds.length === 0 ? ofRegions.overall : ofObjects.overall,
    classes: classIds.flatMap((classId): ClassAgreement | readonly ClassAgreement[] => byClass.get(classId) ?? []),
    confusionPx: ofRegions.confusionPx,
    disputes: worstFirst(disputes),
    consensus: regions.consensus,
    objects: objects.consensus,
    raster: voteRaster(
      ordered.map((read) => stackOf(read, classIds, memory)),
      classIds.length + 1,
      memory,
    ),
    tally: {
      regions: {
        categories: regions.ratings.categories,
        rows: regions.ratings.rows.map(({ labels, weight }) => ({ labels, weight: weight * scale })),
      },
      objects: objects.patterns,
      pairs: overlapTallies(overlaps, mpp, classIds, distancesIn(parameters), isMeasured, memory),
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

function studyOf(reads: readonly Read[], parameters: ConsensusParameters, memory: Memory): Study {
  const sorted = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  const readerKeys = sorted.map((read) => read.readerKey);
  if (new Set(readerKeys).size < readerKeys.length) throw new RangeError("two reads have the same key");
  const rules = new Map(parameters.rules?.map((rule) => [rule.classId, rule]));
  const isObject = (classId: ClassId) => (rules.get(classId)?.objects ?? null) !== null;
  const classIds = parameters.classIds ?? usedClasses(reads, isObject);
  memory.begin(JSON.stringify([readerKeys, classIds, parameters]));
  return {
    ordered: sorted.map((read) => knownRead(read, memory)),
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

function objectPart(study: Study, overlaps: Overlaps, parameters: ConsensusParameters, memory: Memory) {
  const { ordered, readerKeys, objectIds, ruleOf } = study;
  const wanted = new Set(objectIds);
  const isWanted = ({ classId }: Outline) => wanted.has(classId);
  const reads = ordered.map(({ readerKey, outlines }) => ({ readerKey, outlines: outlines.filter(isWanted) }));
  const among = overlapsAmong(overlaps, isWanted);
  const matched = matchKnown(reads, among, (classId) => ruleOf(classId)?.objects ?? {}, parameters.mpp, memory);
  const voted = matched.clusters.map((cluster) => ({ cluster, labels: labelsOf(cluster, objectIds) }));
  const ratings = { categories: objectIds.length + 1, rows: voted.map(({ labels }) => ({ labels, weight: 1 })) };
  const patterns = byPattern(ratings);
  const judge = judgeOf(methodsOf(objectIds, study, parameters), readerKeys, patterns);
  const settings = { readerKeys, classIds: objectIds, judge, mpp: parameters.mpp };
  return {
    ratings,
    patterns,
    disputes: objectDisputes(voted, matched.regrouped, settings, memory),
    consensus: consensusObjects(voted, objectIds, judge, memory),
  };
}

/**
 * The whole structures that a quorum outlines where a dispute lies, in the class that the quorum gives it.
 * @returns none where the quorum says "not marked" or where there is no quorum
 */
export function majorityShapeAt(
  consensus: Pick<Consensus, "consensus" | "objects">,
  dispute: Dispute,
): readonly Polygon[] {
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
