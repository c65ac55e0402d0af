import { memberOf } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import { updateProject } from "#db/projects.ts";
import type { HeirRule } from "#domain/assignment.ts";
import type { ProjectId } from "#domain/ids.ts";
import { rolesFor } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";

/**
 * Changes what a project is called, what it is about, or who takes over work; what was given away stays where it is. The
 * caller has been allowed "project.configure". @throws AppError person-not-suitable for an heir who could do no task
 */
export async function configureProject(
  { db }: Pick<World, "db">,
  caller: Caller,
  projectId: ProjectId,
  asked: {
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly heirs?: HeirRule | undefined;
  },
): Promise<void> {
  const { name, description, heirs } = asked;
  const change = { ...(name && { name }), ...(description !== undefined && { description }), ...(heirs && { heirs }) };
  if (Object.keys(change).length === 0) return;
  await db.transaction(async (tx) => {
    if (heirs?.kind === "person") {
      const heir = await memberOf(tx, heirs.personId, projectId);
      if (heir === null || !rolesFor("task.answer").includes(heir.role)) {
        throw new AppError("person-not-suitable", { personId: heirs.personId });
      }
    }
    await updateProject(tx, projectId, change);
    const entry = { personId: caller.personId, projectId, subject: projectId, detail: change };
    await appendAudit(tx, { ...entry, action: "project.changed" });
  });
}
