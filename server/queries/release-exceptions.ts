import type { Db } from "#db/client.ts";
import { versionsOf } from "#db/guidelines.ts";
import { standingWaivers } from "#db/waivers.ts";
import { changeKey } from "#domain/guideline/outcomes.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ProjectId } from "#domain/ids.ts";
import { qualificationNeeds } from "./qualification-needs.ts";

/**
 * What a release has to say about itself: written exceptions that hold when it is frozen, outcomes that a version left out,
 * each with its reason, and readers who have not shown that they can tell a redefined class. People are named by their ids.
 */
export async function releaseExceptions(db: Db, projectId: ProjectId, history: readonly GuidelineVersion[]) {
  const waivers = (await standingWaivers(db, { projectId })).map(
    ({ id, scope, reason, version, approvedBy, expiresAt }) => ({
      id,
      scope,
      reason,
      version,
      approvedBy,
      expiresAt: expiresAt.toISOString(),
    }),
  );
  const leftOut = history.flatMap(({ number, changes }) =>
    changes.flatMap((change) =>
      change.weakened === undefined ? [] : [{ version: number, change: changeKey(change), ...change.weakened }],
    ),
  );
  const needs = await qualificationNeeds(db, projectId, await versionsOf(db, projectId), { withheld: true });
  const unqualified = needs.flatMap(({ personId, classId, version, passed }) =>
    passed ? [] : [{ personId, classId, version }],
  );
  return {
    waivers: waivers.sort((left, right) => (left.id < right.id ? -1 : 1)),
    leftOut,
    unqualified: unqualified.sort((left, right) =>
      `${left.classId}${left.personId}` < `${right.classId}${right.personId}` ? -1 : 1,
    ),
  };
}
