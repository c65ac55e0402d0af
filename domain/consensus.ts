import { type Bbox, geometryOf, type Polygon, polygonsOf } from "./annotation.ts";
import { type Dispute, disputesOf } from "./consensus/disputes.ts";
import { facesOf } from "./consensus/faces.ts";
import { type Numbers, numbersOf, ratingsOfFaces } from "./consensus/numbers.ts";
import { type Outline, type Part, partOf, type Read } from "./consensus/partition.ts";
import { type VoteRaster, voteRaster } from "./consensus/vote-raster.ts";
import { geometryBbox, polygonsArea, rectangle } from "./geometry.ts";
import type { ClassId } from "./ids.ts";
import { difference, intersection, normalise, overlapArea, type Shape, union } from "./overlay.ts";
import type { MicronPerPx } from "./units.ts";

export type { Dispute, DisputeKind, Vote } from "./consensus/disputes.ts";
export type { Agreement, ClassAgreement, Numbers, PairAgreement, PairTable } from "./consensus/numbers.ts";
export type { Outline, Read } from "./consensus/partition.ts";
export type { VoteRaster } from "./consensus/vote-raster.ts";

export type ConsensusParameters = {
  /** Votes that make a class the consensus of a place. */
  readonly quorum: number;
  /** Smaller disputes are not listed; without a scale all that can be seen are. */
  readonly minDisputeUm2: number;
  /** The slide's scale, or null where it is not known: then areas are in px2 only. */
  readonly mpp: MicronPerPx | null;
  /** The slide, level-0 px. */
  readonly region: Bbox;
  /** The declared classes in their order; by default those that are used, by id. Other outlines are left out. */
  readonly classIds?: readonly ClassId[];
};

export type Consensus = Numbers & {
  /** In the order that `a`, `b` and the votes count in: ascending, whatever the order of the input. */
  readonly readerKeys: readonly string[];
  readonly classIds: readonly ClassId[];
  /**
   * Where the label numbers are taken: within a margin of the box of some outline, on the slide. A larger region would
   * raise every agreement by glass that nobody would mark, so it is recorded with them.
   */
  readonly evaluated: { readonly areaPx: number; readonly marginPx: number };
  readonly disputes: readonly Dispute[];
  /** What at least a quorum gave to a class. Above half of the reads as quorum these do not overlap. */
  readonly consensus: readonly { readonly classId: ClassId; readonly polygons: readonly Polygon[] }[];
  readonly raster: VoteRaster;
};

const MARGIN_UM = 100;
const MARGIN_PX = 400;

/**
 * What the reads of one slide agree on and where they differ, for region classes: only polygons count, and each place
 * has, in each read, the class of the smallest outline on it. All areas are exact on the grid of outlines. The result
 * does not depend on the order of reads or outlines, nor on where on the slide they lie.
 * @throws RangeError where two reads have the same key
 */
export function computeConsensus(reads: readonly Read[], parameters: ConsensusParameters): Consensus {
  const ordered = [...reads].sort((a, b) => (a.readerKey < b.readerKey ? -1 : 1));
  const readerKeys = ordered.map((read) => read.readerKey);
  if (new Set(readerKeys).size < readerKeys.length) throw new RangeError("two reads have the same key");
  const classIds = parameters.classIds ?? usedClasses(reads);
  const parts = ordered.map((read) => partOf(read, classIds));
  const faces = facesOf(parts);
  const evaluated = evaluatedRegion(parts, parameters);
  return {
    readerKeys,
    classIds,
    evaluated,
    ...numbersOf(ratingsOfFaces(faces, parts.length, classIds.length, evaluated.areaPx), parts.length, classIds),
    disputes: disputesOf(faces, parts, classIds, parameters),
    consensus: classIds.map((classId, index) => ({
      classId,
      polygons: quorumArea(parts, index + 1, parameters.quorum),
    })),
    raster: voteRaster(parts, classIds.length + 1, boxOfParts(parts)),
  };
}

/**
 * What at least t of the shapes cover, for t = 1 to their number. The areas of all levels add up to the areas of all
 * shapes: V_t gains what lies in V_(t-1) and in the next shape.
 * @param upTo the highest level that is wanted; cost falls with it
 */
export function voteLevels(shapes: readonly Shape[], upTo: number = shapes.length): (readonly Polygon[])[] {
  const levels: (readonly Polygon[])[] = Array.from({ length: upTo }, () => []);
  for (const [index, shape] of shapes.entries()) {
    for (let level = Math.min(index, upTo - 1); level > 0; level--) {
      levels[level] = union([levels[level] ?? [], intersection(levels[level - 1] ?? [], shape)]);
    }
    if (upTo > 0) levels[0] = union([levels[0] ?? [], shape]);
  }
  return levels;
}

/**
 * The whole structures that a quorum outlines where a dispute lies, in the class that the quorum gives it.
 * @returns none where the quorum says "not marked" or where there is no quorum
 */
export function majorityShapeAt(consensus: Consensus, dispute: Dispute): readonly Polygon[] {
  if (dispute.majority === null) return [];
  const polygons = consensus.consensus.find(({ classId }) => classId === dispute.majority)?.polygons ?? [];
  return polygons.filter((polygon) => overlapArea([polygon], dispute.geometry) > 0);
}

/** A decided region and what the ground truth says in it. */
export type Decided = { readonly region: Shape; readonly outlines: readonly Outline[] };

/**
 * The reads as if everybody had said in each decided region what was decided: for the numbers after adjudication. Of
 * regions that overlap the later one holds.
 */
export function withDecisions(reads: readonly Read[], decided: readonly Decided[]): Read[] {
  return reads.map((read) => ({
    readerKey: read.readerKey,
    outlines: decided.reduce<readonly Outline[]>(
      (outlines, { region, outlines: truth }) => [
        ...outlines.flatMap((outline) => cut(outline, difference(outline.geometry, region))),
        ...truth.flatMap((outline) => cut(outline, intersection(outline.geometry, region))),
      ],
      read.outlines.filter((outline) => polygonsOf(outline.geometry).length > 0),
    ),
  }));
}

function cut(outline: Outline, polygons: readonly Polygon[]): Outline[] {
  const geometry = polygons.length === 0 ? null : normalise(geometryOf(polygons));
  return geometry === null ? [] : [{ ...outline, geometry }];
}

function usedClasses(reads: readonly Read[]): ClassId[] {
  const used = reads.flatMap(({ outlines }) =>
    outlines.filter((outline) => polygonsOf(outline.geometry).length > 0).map((outline) => outline.classId),
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

function quorumArea(parts: readonly Part[], label: number, quorum: number): readonly Polygon[] {
  const shapes = parts.map((part) =>
    part.pieces.filter((piece) => piece.label === label).map(({ polygon }) => polygon),
  );
  const area = voteLevels(shapes, Math.min(quorum, shapes.length))[quorum - 1] ?? [];
  return area.flatMap((polygon) => {
    const clean = normalise({ type: "polygon", rings: polygon });
    return clean === null ? [] : polygonsOf(clean);
  });
}

function boxOfParts(parts: readonly Part[]): Bbox | null {
  const polygons = parts.flatMap((part) => part.pieces.map(({ polygon }) => polygon));
  return polygons.length === 0 ? null : geometryBbox(geometryOf(polygons));
}
