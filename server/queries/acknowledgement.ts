import type { Db } from "#db/client.ts";
import { acknowledgedVersion, versionsOf } from "#db/guidelines.ts";
import { membersOf } from "#db/projects.ts";
import { outcomesOf } from "#domain/guideline/outcomes.ts";
import { type Member, rolesFor } from "#domain/permissions.ts";
import type { Acknowledgement } from "#server/api/schemas/consistency.ts";

/**
 * What a person has to read and confirm before they draw on. Work is never refused for it: what was drawn offline under an
 * old version is taken with its stamp. Whoever joined after a version was published reads the guideline as it is.
 */
export async function acknowledgementFor(db: Db, member: Member): Promise<Acknowledgement> {
  const versions = await versionsOf(db, member.projectId);
  const newest = versions.at(-1)?.number ?? 0;
  if (!rolesFor("layer.write").includes(member.role)) return { newest, due: [] };
  const acknowledged = await acknowledgedVersion(db, member);
  const joined = (await membersOf(db, member.projectId)).find(({ personId }) => personId === member.personId);
  const since = joined?.joinedAt ?? new Date(0);
  const due = versions.flatMap(({ number, changes, content, note, publishedAt }) => {
    if (number === 1 || number <= acknowledged || publishedAt < since) return [];
    const read = changes.filter((change) => outcomesOf(change, content.rules).includes("acknowledge"));
    return read.length === 0 ? [] : [{ version: number, note, publishedAt: publishedAt.toISOString(), changes: read }];
  });
  return { newest, due };
}
