import type { Db } from "#db/client.ts";
import { membersOf } from "#db/projects.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import { type Action, can, type Subject } from "#domain/permissions.ts";

/**
 * The members who may know of something, as the audience of a live message about it: what somebody may not see is not
 * hinted at by a message either.
 */
export async function watchers(
  db: Db,
  projectId: ProjectId,
  action: Action,
  subjects: readonly Subject[],
): Promise<PersonId[]> {
  const members = await membersOf(db, projectId);
  return members
    .filter((member) => subjects.some((subject) => can(member, action, subject)))
    .map(({ personId }) => personId);
}
