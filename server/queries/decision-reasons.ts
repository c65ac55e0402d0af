import type { ClassId, ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { ReasonCode } from "#domain/task.ts";
import type { ClassReasons } from "#server/api/schemas/questions.ts";
import type { World } from "#server/api/world.ts";
import { comparedSlides } from "./compared-slides.ts";
import { isDecided } from "./decisions.ts";

/**
 * Why disputes had to be decided, counted for each class that a read named there, the class with the most first; decisions
 * that stand, as far as the member may see the reads. One about two classes counts for both.
 */
export async function decisionReasons(
  work: Pick<World, "db" | "computation">,
  member: Member,
  projectId: ProjectId,
): Promise<ClassReasons[]> {
  const byClass = new Map<ClassId, Map<ReasonCode, number>>();
  for (const { standings } of await comparedSlides(work, member, projectId)) {
    for (const { dispute, decision } of standings.filter(isDecided)) {
      if (decision === null) continue;
      for (const classId of new Set(dispute.votes.flatMap((vote) => vote.classId ?? []))) {
        const counts = byClass.get(classId) ?? new Map<ReasonCode, number>();
        counts.set(decision.reason, (counts.get(decision.reason) ?? 0) + 1);
        byClass.set(classId, counts);
      }
    }
  }
  return [...byClass].map(reasonsOf).sort((a, b) => b.decisions - a.decisions || (a.classId < b.classId ? -1 : 1));
}

function reasonsOf([classId, counts]: readonly [ClassId, ReadonlyMap<ReasonCode, number>]): ClassReasons {
  const reasons = [...counts]
    .map(([reason, decisions]) => ({ reason, decisions }))
    .sort((a, b) => b.decisions - a.decisions || (a.reason < b.reason ? -1 : 1));
  return { classId, decisions: reasons.reduce((sum, { decisions }) => sum + decisions, 0), reasons };
}
