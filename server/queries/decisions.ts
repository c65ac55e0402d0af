import { annotationOf, annotationRows } from "#db/annotations.ts";
import { type AdjudicationRow, standingAdjudications } from "#db/consensus.ts";
import { type Bbox, type Geometry, polygonsOf } from "#domain/annotation.ts";
import type { Decided, Dispute, Outline } from "#domain/consensus.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { ClassId, LayerId, RoundId, SlideId } from "#domain/ids.ts";
import { type History, resolve } from "#domain/migration.ts";
import { overlapArea } from "#domain/overlay.ts";
import type { World } from "#server/api/world.ts";

/** What a decision was taken on; kept with it as its provenance. */
export type DecisionInputs = {
  readonly reads: readonly { readonly layerId: LayerId; readonly seq: number }[];
  readonly votes: Dispute["votes"];
  /** The disputed region, level-0 px. */
  readonly region: Geometry;
  readonly quorum: number;
  /** What the reads together said; decisions of before it was kept do not have it. */
  readonly verdict?: Dispute["verdict"];
  readonly majority?: Dispute["majority"];
};

export type Decision = Omit<AdjudicationRow, "inputs"> & { readonly inputs: DecisionInputs };

/** Decisions of a round on a slide that were not superseded, oldest first. */
export async function decisionsOn({ db }: Pick<World, "db">, roundId: RoundId, slideId: SlideId): Promise<Decision[]> {
  const rows = await standingAdjudications(db, [slideId]);
  return rows.filter((row) => row.roundId === roundId).map((row) => ({ ...row, inputs: row.inputs as DecisionInputs }));
}

export type DisputeStanding = {
  readonly dispute: Dispute;
  /** The decision that stands about it, or about what was there before an input changed. */
  readonly decision: Decision | null;
  readonly outOfDate: boolean;
};

/**
 * Disputes with what was decided. A decision belongs to a dispute by its key, which is made of region and votes; one
 * whose dispute is no more is out of date and is shown at the dispute that took its place. So is one that took the
 * majority where the study's rules, changed since, make another.
 */
export function standingsOf(disputes: readonly Dispute[], decisions: readonly Decision[]): DisputeStanding[] {
  const byKey = new Map(decisions.map((decision) => [decision.disputeKey, decision]));
  const present = new Set(disputes.map((dispute) => dispute.key));
  const orphans = decisions
    .filter((decision) => !present.has(decision.disputeKey))
    .map((decision) => ({ decision, tookPlace: tookPlaceOf(decision.inputs) }));
  return disputes.map((dispute) => {
    const decision = byKey.get(dispute.key) ?? null;
    if (decision !== null) return { dispute, decision, outOfDate: wouldFlip(decision, dispute) };
    const orphan = orphans.find(({ tookPlace }) => tookPlace(dispute))?.decision ?? null;
    return { dispute, decision: orphan, outOfDate: orphan !== null };
  });
}

function wouldFlip({ method, inputs }: Decision, { verdict, majority }: Dispute): boolean {
  if (method !== "majority" || inputs.verdict === undefined) return false;
  return inputs.verdict !== verdict || inputs.majority !== majority;
}

/**
 * Tells of disputes of now whether they are about what a dispute that is no more was about: the same place, or the same
 * outlines. Made once for many of them.
 */
export function tookPlaceOf({ region, votes }: Pick<DecisionInputs, "region" | "votes">): (now: Dispute) => boolean {
  const bbox = geometryBbox(region);
  const before = new Set(votes.flatMap((vote) => vote.annotationIds));
  return (now) => {
    if (now.basis === "region") return touch(bbox, now.bbox) && overlapArea(region, now.geometry) > 0;
    return now.votes.some((vote) => vote.annotationIds.some((id) => before.has(id)));
  };
}

function touch(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
}

/**
 * What becomes of decisions when the disputes of a slide change: those that stand and then would not are reopened; those
 * about which nobody differs any more are done with. Others stand, or are out of date already.
 */
export function reconsiderations(
  before: readonly DisputeStanding[],
  after: readonly Dispute[],
): { readonly reopened: readonly Decision[]; readonly settled: readonly Decision[] } {
  const stand = before.filter(isDecided).flatMap(({ decision }) => decision ?? []);
  const then = standingsOf(after, stand);
  const outOfDate = new Set(then.flatMap((each) => (each.outOfDate ? [each.decision?.id] : [])));
  const listed = new Set(then.map(({ decision }) => decision?.id));
  return {
    reopened: stand.filter(({ id }) => outOfDate.has(id)),
    settled: stand.filter(({ id }) => !listed.has(id)),
  };
}

/** A person's decision stands about the dispute: not out of date. "Leave unresolved" is a result too. */
export function isDecided({ decision, outOfDate }: DisputeStanding): boolean {
  return decision !== null && !outOfDate;
}

/**
 * Nobody has to decide it any more. A thin strip along one edge, as two hands leave it, is settled by the quorum of the
 * reads where there is one; a person may still decide otherwise.
 */
export function isSettled(standing: DisputeStanding): boolean {
  const { kind, verdict } = standing.dispute;
  return isDecided(standing) || (kind === "boundary" && (verdict === "class" || verdict === "not-marked"));
}

/**
 * What the ground truth says in each decided region, for the numbers after adjudication: the outlines that the decision
 * wrote, as they are now. An unresolved region keeps its votes; an excluded one counts as not marked by anybody.
 */
export async function decidedRegions(
  { db }: Pick<World, "db">,
  standings: readonly DisputeStanding[],
  history: History,
): Promise<Decided[]> {
  const taken = standings
    .filter(isDecided)
    .flatMap(({ dispute, decision }) => (decision === null ? [] : [{ dispute, decision }]));
  const settled = taken.filter(({ decision }) => decision.method !== "unresolved");
  const layerIds = [...new Set(settled.flatMap(({ decision }) => decision.groundTruthLayerId ?? []))];
  const rows = layerIds.length === 0 ? [] : await annotationRows(db, { layerIds });
  const outlines = new Map(rows.map((row) => [row.id, row]));
  return settled.map(({ dispute, decision }) => ({
    ...(dispute.basis === "region"
      ? { region: polygonsOf(dispute.geometry) }
      : { members: new Set(dispute.votes.flatMap((vote) => vote.annotationIds)) }),
    outlines: decision.annotationIds.flatMap((id): Outline[] => {
      const row = outlines.get(id);
      if (row === undefined) return [];
      const { geometry, classId, under } = annotationOf(row);
      const standing = resolve(classId, under, history);
      return standing.state === "archived" ? [] : [{ annotationId: id, classId: standing.classId, geometry }];
    }),
  }));
}

/** By decision the class of what it wrote into the ground truth, as it is now. */
export async function decidedClasses(
  { db }: Pick<World, "db">,
  standings: readonly DisputeStanding[],
  history: History,
): Promise<Map<string, ClassId>> {
  const decisions = standings.flatMap(({ decision }) => decision ?? []);
  const layerIds = [...new Set(decisions.flatMap(({ groundTruthLayerId }) => groundTruthLayerId ?? []))];
  const ids = decisions.flatMap(({ annotationIds }) => annotationIds);
  const rows = ids.length === 0 ? [] : await annotationRows(db, { layerIds, ids });
  const classOf = new Map(rows.map((row) => [row.id, resolve(row.classId, row.under, history).classId]));
  return new Map(
    decisions.flatMap(({ id, annotationIds }) => {
      const found = annotationIds.flatMap((each) => classOf.get(each) ?? []);
      return found[0] === undefined ? [] : [[id, found[0]] as const];
    }),
  );
}
