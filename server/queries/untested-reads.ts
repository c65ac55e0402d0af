import type { Db } from "#db/client.ts";
import { versionsOf } from "#db/guidelines.ts";
import type { PersonId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import { isReadUnder } from "#domain/qualification.ts";
import type { UntestedClass } from "#server/api/schemas/common.ts";
import { qualificationNeeds } from "./qualification-needs.ts";

type Read = { readonly readerId: PersonId | null; readonly submittedAt: Date | null };

/**
 * Which redefined classes a read was made of, or is being made, by somebody who has not shown that they can tell them.
 * For leads; nobody else is told, not the reader either. What is read is not asked for where no class was redefined.
 */
export async function untestedReads(db: Db, member: Member): Promise<(read: Read) => UntestedClass[]> {
  const { projectId } = member;
  if (!can(member, "guideline.edit", { projectId })) return () => [];
  const versions = await versionsOf(db, projectId);
  const missing = (await qualificationNeeds(db, projectId, versions)).filter(({ passed }) => !passed);
  const publishedAt = new Map(versions.map((version) => [version.number, version.publishedAt]));
  const names = new Map(versions.at(-1)?.content.classes.map(({ id, name }) => [id, name]));
  return ({ readerId, submittedAt }) =>
    missing.flatMap(({ personId, classId, version }) => {
      const at = publishedAt.get(version);
      if (personId !== readerId || at === undefined || !isReadUnder(submittedAt, at)) return [];
      return [{ classId, name: names.get(classId) ?? classId, version }];
    });
}
