import { membersOf } from "#db/projects.ts";
import { namedDeciders } from "#domain/consensus-rules.ts";
import type { PersonId, RoundId, SlideId } from "#domain/ids.ts";
import { can, type RoundSubject } from "#domain/permissions.ts";
import { allow } from "#server/access.ts";
import type { Decider } from "#server/api/schemas/consensus.ts";
import type { World } from "#server/api/world.ts";
import type { Caller } from "#server/session.ts";
import { consensusWithDecisions, disputeSubject, requireConsensus } from "./consensus.ts";
import { isSettled } from "./decisions.ts";

/** Disputes that are still to be settled and of which the same people may decide. */
type Alike = { readonly subject: RoundSubject; readonly named: readonly PersonId[]; count: number };

/**
 * To whom a lead can give disputes of a slide, with how many of those that are still to be settled each may decide: first
 * whom the guideline names for most of them, then who may decide most.
 * @throws AppError not-found, not-allowed
 */
export async function decidersOf(
  world: World,
  caller: Caller,
  { roundId, slideId }: { readonly roundId: RoundId; readonly slideId: SlideId },
): Promise<Decider[]> {
  const { member, subject } = await requireConsensus(world, caller, roundId, slideId);
  allow(member, "task.create", { projectId: subject.projectId, layer: null });
  const { basis, standings } = await consensusWithDecisions(world, roundId, slideId);
  const groups = new Map<string, Alike>();
  for (const standing of standings) {
    if (isSettled(standing)) continue;
    const { votes } = standing.dispute;
    const classIds = [...new Set(votes.flatMap(({ classId }) => classId ?? []))].sort();
    const group = groups.get(classIds.join(" ")) ?? {
      subject: disputeSubject(subject, basis.guideline, standing.dispute),
      named: namedDeciders(basis.guideline, classIds),
      count: 0,
    };
    group.count += 1;
    groups.set(classIds.join(" "), group);
  }
  const found = (await membersOf(world.db, subject.projectId)).flatMap((each): Decider[] => {
    if (!can(each, "consensus.adjudicate", subject)) return [];
    const theirs = [...groups.values()].filter((group) => can(each, "consensus.adjudicate", group.subject));
    const disputes = sumOf(theirs);
    const named = sumOf(theirs.filter((group) => group.named.includes(each.personId)));
    const person = { id: each.personId, name: each.name, colour: each.colour };
    return disputes === 0 ? [] : [{ person, disputes, named }];
  });
  return found.sort(
    (a, b) => b.named - a.named || b.disputes - a.disputes || a.person.name.localeCompare(b.person.name),
  );
}

function sumOf(groups: readonly Alike[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
