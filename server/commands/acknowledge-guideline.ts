import { addAcknowledgement, newestVersion } from "#db/guidelines.ts";
import type { Member } from "#domain/permissions.ts";
import type { Acknowledgement } from "#server/api/schemas/consistency.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { acknowledgementFor } from "#server/queries/acknowledgement.ts";

/**
 * A person has read what the versions up to this one changed in words and examples. Saying it twice is saying it once.
 * @throws AppError bad-request for a version that the guideline does not have
 */
export async function acknowledgeGuideline(
  { db, now }: Pick<World, "db" | "now">,
  member: Member,
  version: number,
): Promise<Acknowledgement> {
  const newest = (await newestVersion(db, member.projectId))?.number ?? 0;
  if (version > newest) throw new AppError("bad-request", { version, newest });
  const { projectId, personId } = member;
  await addAcknowledgement(db, { projectId, personId, version, at: now() });
  return await acknowledgementFor(db, member);
}
