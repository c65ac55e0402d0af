import { placeAtDispute } from "#db/consensus.ts";
import type { RoundId, SlideId } from "#domain/ids.ts";
import { allow } from "#server/access.ts";
import type { ConsensusView } from "#server/api/schemas/consensus.ts";
import type { World } from "#server/api/world.ts";
import { othersAt, requireConsensus } from "#server/queries/consensus.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";

/**
 * Says which dispute an adjudicator looks at, so that two do not work on one. It holds for a minute, and binds nobody: a
 * second decision is refused by `adjudicate`.
 * @returns where the other adjudicators are
 */
export async function takePlaceAtDispute(
  world: World,
  caller: Caller,
  at: { readonly roundId: RoundId; readonly slideId: SlideId; readonly disputeKey: string },
): Promise<ConsensusView["others"]> {
  const { roundId, slideId } = at;
  const { member, subject } = await requireConsensus(world, caller, roundId, slideId);
  allow(member, "consensus.adjudicate", subject);
  const now = world.now();
  const moved = await placeAtDispute(world.db, { ...at, personId: caller.personId, at: now });
  if (moved) {
    const deciding = await watchers(world.db, subject.projectId, "consensus.adjudicate", [subject]);
    const others = deciding.filter((id) => id !== caller.personId);
    world.events.tell(subject.projectId, others, { kind: "adjudicators", toast: null });
  }
  return othersAt(world, caller, roundId, slideId, now);
}
