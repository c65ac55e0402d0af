import type { Db } from "#db/client.ts";
import { decidedDisputes } from "#db/consensus.ts";
import type { TaskRow } from "#db/tasks.ts";
import type { Dispute } from "#domain/consensus.ts";
import type { TaskScope } from "#domain/task.ts";
import { knownDisputes, storedDisputes } from "#server/commands/compute-consensus.ts";
import { type DisputeStanding, decisionsOn, isSettled, standingsOf, tookPlaceOf } from "./decisions.ts";

export type AdjudicationScope = Extract<TaskScope, { kind: "adjudication" }>;

/**
 * The disputes that a task is about as they are now: those it was given, and those that took the place of one of them when
 * a read changed. A decision that went out of date is so back in the task, and what the readers no longer differ in is not.
 * @param former of the consensus that the task was made from
 */
export function disputesOfTask(
  { disputeKeys }: AdjudicationScope,
  now: readonly DisputeStanding[],
  former: readonly Dispute[],
): DisputeStanding[] {
  const given = new Set(disputeKeys);
  const present = new Set(now.map(({ dispute }) => dispute.key));
  const gone = former
    .filter(({ key }) => given.has(key) && !present.has(key))
    .map(({ geometry, votes }) => tookPlaceOf({ region: geometry, votes }));
  return now.filter(({ dispute }) => given.has(dispute.key) || gone.some((tookPlace) => tookPlace(dispute)));
}

/** What the disputes of a task were when it was made; nothing where that was not kept. */
export async function formerDisputes(db: Db, { consensusKey }: AdjudicationScope): Promise<readonly Dispute[]> {
  return consensusKey === undefined ? [] : ((await storedDisputes({ db }, consensusKey)) ?? []);
}

/** How much is left of an adjudication task. Where the consensus of now is still to be computed, keys alone are compared. */
export async function adjudicationLeft(
  db: Db,
  { slideId }: Pick<TaskRow, "slideId">,
  scope: AdjudicationScope,
): Promise<{ readonly left: number; readonly total: number }> {
  const { roundId, disputeKeys } = scope;
  const disputes = roundId === undefined ? null : await knownDisputes({ db }, roundId, slideId);
  if (roundId === undefined || disputes === null) {
    const decided = await decidedDisputes(db, [slideId]);
    return { total: disputeKeys.length, left: disputeKeys.filter((key) => !decided.has(key)).length };
  }
  const standings = standingsOf(disputes, await decisionsOn({ db }, roundId, slideId));
  const own = disputesOfTask(scope, standings, await formerDisputes(db, scope));
  return { total: own.length, left: own.filter((each) => !isSettled(each)).length };
}
