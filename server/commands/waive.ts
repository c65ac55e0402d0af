import { appendAudit } from "#db/audit.ts";
import { lockProject, newestVersion } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { addWaiver, withdrawWaiver } from "#db/waivers.ts";
import { annotationId, type ProjectId } from "#domain/ids.ts";
import type { WaiverScope } from "#domain/waiver.ts";
import { requireMember } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireScope } from "#server/queries/waivers.ts";
import type { Caller } from "#server/session.ts";
import { makeTasks } from "./make-tasks.ts";

/**
 * A written exception: what is stale within its scope, by versions up to the newest, is no work until it expires. It is
 * counted apart and printed in releases. The caller has been allowed "guideline.publish".
 * @throws AppError no-guideline; not-found, unknown-class for a scope that is not there; bad-request for an expiry that is past
 */
export async function waive(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  waiver: { readonly scope: WaiverScope; readonly reason: string; readonly expiresAt: string },
): Promise<string> {
  const id = newId(annotationId);
  const expiresAt = new Date(waiver.expiresAt);
  await requireScope(world.db, await requireMember(world.db, caller, projectId), waiver.scope);
  if (expiresAt <= world.now()) throw new AppError("bad-request", { expiresAt: waiver.expiresAt });
  await world.db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const newest = await newestVersion(tx, projectId);
    if (newest === null) throw new AppError("no-guideline", { projectId });
    const { scope, reason } = waiver;
    const { number: version } = newest;
    const row = { id, projectId, scope, reason, version, expiresAt, approvedBy: caller.personId, at: world.now() };
    await addWaiver(tx, row);
    const detail = { scope, reason, version, expiresAt: waiver.expiresAt };
    await appendAudit(tx, { personId: caller.personId, projectId, action: "waiver.approved", subject: id, detail });
  });
  world.events.tell(projectId, "project", { kind: "tasks", toast: null });
  return id;
}

/** Takes an exception back: what it covered becomes work at once. @throws AppError not-found */
export async function withdraw(world: World, caller: Caller, projectId: ProjectId, id: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const by = { personId: caller.personId, at: world.now() };
    if (!(await withdrawWaiver(tx, { id, projectId }, by))) throw new AppError("not-found", { waiver: id });
    const entry = { personId: caller.personId, projectId, subject: id, detail: {} };
    await appendAudit(tx, { ...entry, action: "waiver.withdrawn" });
  });
  await makeTasks(world, projectId);
}
