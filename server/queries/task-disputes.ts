import type { Db } from "#db/client.ts";
import { newestVersion } from "#db/guidelines.ts";
import type { TaskRow } from "#db/tasks.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { RoundId, SlideId, TaskId } from "#domain/ids.ts";
import type { RoundSubject } from "#domain/permissions.ts";
import { knownDisputes } from "#server/commands/compute-consensus.ts";
import { disputesOfTask, formerDisputes } from "./adjudication-work.ts";
import { disputeSubject, roundSubject } from "./consensus.ts";
import { type DisputeStanding, decisionsOn, isSettled, standingsOf } from "./decisions.ts";

/** A dispute that is still to be settled, for asking who may; without a key all of them together, as those of their slide. */
export type OpenDispute = { readonly key: string | null; readonly subject: RoundSubject };

/**
 * What permissions need to know of the disputes that are still to be settled in each of some tasks. Other kinds of tasks are
 * left aside. Where the consensus of now is still to be computed, only who is kept from the whole slide is known.
 */
export async function openDisputes(db: Db, tasks: readonly TaskRow[]): Promise<Map<TaskId, readonly OpenDispute[]>> {
  const slides = new Map<string, Promise<SlideDisputes | null>>();
  const found = new Map<TaskId, readonly OpenDispute[]>();
  for (const { id, slideId, scope } of tasks) {
    if (scope.kind !== "adjudication" || scope.roundId === undefined) continue;
    const key = `${scope.roundId}/${slideId}`;
    const asked = slides.get(key) ?? disputesOn(db, scope.roundId, slideId);
    slides.set(key, asked);
    const slide = await asked;
    if (slide === null) continue;
    const { subject, guideline, standings } = slide;
    const own = disputesOfTask(scope, standings, await formerDisputes(db, scope)).filter((each) => !isSettled(each));
    const each = own.map(({ dispute }) => ({
      key: dispute.key,
      subject: disputeSubject(subject, guideline, dispute),
    }));
    found.set(id, [{ key: null, subject }, ...each]);
  }
  return found;
}

type SlideDisputes = {
  readonly subject: RoundSubject;
  readonly guideline: GuidelineContent;
  readonly standings: readonly DisputeStanding[];
};

async function disputesOn(db: Db, roundId: RoundId, slideId: SlideId): Promise<SlideDisputes | null> {
  const subject = await roundSubject({ db }, roundId, slideId);
  const guideline = subject === null ? undefined : (await newestVersion(db, subject.projectId))?.content;
  if (subject === null || guideline === undefined) return null;
  const disputes = (await knownDisputes({ db }, roundId, slideId)) ?? [];
  return { subject, guideline, standings: standingsOf(disputes, await decisionsOn({ db }, roundId, slideId)) };
}
