import type { Ratings } from "#domain/agreement.ts";
import { type Bbox, onGrid, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { coveredArea } from "#domain/covered-area.ts";
import type { ClassId } from "#domain/ids.ts";
import { normalise } from "#domain/overlay.ts";
import type { MicronPerPx } from "#domain/units.ts";
import { disputesOf, type Unranked } from "./disputes.ts";
import { type Face, facesOf } from "./faces.ts";
import { Bound, Kept, type Memory } from "./memory.ts";
import { type ConsensusMethod, type Judge, judgeOf } from "./method.ts";
import { ratingsOfFaces } from "./numbers.ts";
import { type Part, partOf, type Read } from "./partition.ts";
import { type Covered, coveredByGroups, unionByGroups } from "./union-by-groups.ts";

/** What several reads say of the classes that are voted on by place. */
export type Regions = {
  readonly evaluated: { readonly areaPx: number; readonly marginPx: number };
  readonly ratings: Ratings;
  readonly disputes: readonly Unranked[];
  readonly consensus: readonly { readonly classId: ClassId; readonly polygons: readonly Polygon[] }[];
};

export type RegionRules = {
  /** Of "not marked" and of the classes in their order. */
  readonly methods: readonly ConsensusMethod[];
  readonly minDisputeUm2: number;
  readonly mpp: MicronPerPx | null;
  /** The slide, level-0 px. */
  readonly region: Bbox;
};

const MARGIN_UM = 100;
const MARGIN_PX = 400;

/** @param reads in the order of the votes */
export function regionsOf(
  reads: readonly Read[],
  classIds: readonly ClassId[],
  rules: RegionRules,
  memory: Memory,
): Regions {
  const parts = reads.map((read) => partOf(read, classIds, memory));
  const faces = facesOf(parts, memory);
  const evaluated = evaluatedRegion(parts, rules);
  const ratings = ratingsOfFaces(faces, parts.length, classIds.length, evaluated.areaPx);
  const judge = judgeOf(
    rules.methods,
    reads.map(({ readerKey }) => readerKey),
    ratings,
  );
  return {
    evaluated,
    ratings,
    disputes: disputesOf(faces, parts, classIds, { ...rules, judge }, memory),
    consensus: classIds.map((classId, index) => ({
      classId,
      polygons: agreedArea(
        index + 1,
        votesThatGive(index + 1, rules.methods, parts.length),
        { parts, faces, judge },
        memory,
      ),
    })),
  };
}

function evaluatedRegion(parts: readonly Part[], { mpp, region }: RegionRules): Regions["evaluated"] {
  const marginPx = mpp === null ? MARGIN_PX : MARGIN_UM / mpp;
  const boxes = parts.flatMap((part) =>
    part.pieces.map(({ bbox }) => ({
      minX: onGrid(Math.max(region.minX, bbox.minX - marginPx)),
      minY: onGrid(Math.max(region.minY, bbox.minY - marginPx)),
      maxX: onGrid(Math.min(region.maxX, bbox.maxX + marginPx)),
      maxY: onGrid(Math.min(region.maxY, bbox.maxY + marginPx)),
    })),
  );
  return { areaPx: coveredArea(boxes), marginPx };
}

type Voted = { readonly parts: readonly Part[]; readonly faces: readonly Face[]; readonly judge: Judge };

const CLEAN = new Kept<readonly Polygon[]>();
const FACES = new Bound<Face, Covered>();

/**
 * Where a class is counted by votes, what so many reads cover, with edges exactly as they drew them; else the places
 * that the verdict gives it, joined.
 */
function agreedArea(
  label: number,
  votes: number | null,
  { parts, faces, judge }: Voted,
  memory: Memory,
): readonly Polygon[] {
  const area =
    votes === null
      ? unionByGroups(
          faces.filter(({ labels }) => judge(labels).label === label).map((face) => shapeOf(face, memory)),
          memory,
        )
      : coveredByGroups(
          parts.map((part) => part.pieces.filter((piece) => piece.label === label)),
          votes,
          memory,
        );
  return area.flatMap((polygon) => CLEAN.of(memory, `${memory.name(polygon)}`, () => cleaned(polygon)));
}

function shapeOf(face: Face, memory: Memory): Covered {
  return FACES.of(memory, face, "", () => ({ polygons: [face.polygon], bbox: face.bbox }));
}

/** The same area as valid polygons; none where rounding left a crumb. */
export function cleaned(polygon: Polygon): readonly Polygon[] {
  const clean = normalise({ type: "polygon", rings: polygon });
  return clean === null ? [] : polygonsOf(clean);
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
