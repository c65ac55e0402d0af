import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { lockProject, newestVersion } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { addWaiver, waiverById, withdrawWaiver } from "#db/waivers.ts";
import { type AnnotationId, annotationId, type ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { WaiverScope } from "#domain/waiver.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireScope } from "#server/queries/waivers.ts";
import type { Caller } from "#server/session.ts";
import { makeTasks } from "./make-tasks.ts";
import { isMadeAlready } from "./named-request.ts";

type Asked = { readonly scope: WaiverScope; readonly reason: string; readonly expiresAt: string };
export type WaiverRequest = Asked & {
  /** Names the waiver; one that was approved under it already is not approved again. */
  readonly id?: AnnotationId | undefined;
};

/**
 * A written exception: what is stale within its scope, by versions up to the newest, is no work until it expires. It is
 * counted apart and printed in releases. The member has been allowed "guideline.publish" and is its approver.
 * @returns its id
 * @throws AppError no-guideline; bad-request for an expiry that is past, or an id that names another waiver; unknown-class
 * and not-found for what the project does not have, or the member does not see
 */
export async function waive(world: World, member: Member, request: WaiverRequest): Promise<string> {
  const { projectId, personId } = member;
  const { reason } = request;
  const scope = withoutRepeats(request.scope);
  const id = request.id ?? newId(annotationId);
  const isNew = await world.db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    if (await isMade(tx, member, { id, reason, scope, expiresAt: request.expiresAt })) return false;
    const expiresAt = new Date(request.expiresAt);
    if (expiresAt <= world.now()) throw new AppError("bad-request", { expiresAt: request.expiresAt });
    const newest = await newestVersion(tx, projectId);
    if (newest === null) throw new AppError("no-guideline", { projectId });
    const outlines = await requireScope(tx, member, scope);
    const { number: version } = newest;
    const written = { reason, version, expiresAt, approvedBy: personId, at: world.now() };
    await addWaiver(tx, { id, projectId, scope, ...written }, outlines);
    const detail = { scope, reason, version, expiresAt: request.expiresAt };
    await appendAudit(tx, { personId, projectId, action: "waiver.approved", subject: id, detail });
    return true;
  });
  if (isNew) tell(world, projectId);
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
  tell(world, projectId);
  await makeTasks(world, projectId);
}

/** Tasks are more or fewer, and open slides mark what is excused. */
function tell({ events }: World, projectId: ProjectId): void {
  events.tell(projectId, "project", { kind: "tasks", toast: null });
  events.tell(projectId, "project", { kind: "guideline", toast: null });
}

/** Whether this very waiver was approved before: its approver did not hear so. @throws AppError bad-request for another's id */
async function isMade(
  tx: Db,
  { projectId, personId }: Member,
  { id, scope, reason, expiresAt }: Asked & { readonly id: AnnotationId },
): Promise<boolean> {
  const known = await waiverById(tx, id);
  const made = known && [known.projectId, known.approvedBy, known.reason, known.expiresAt.getTime(), known.scope];
  return isMadeAlready(made, [projectId, personId, reason, Date.parse(expiresAt), scope]);
}

function withoutRepeats(scope: WaiverScope): WaiverScope {
  return scope.kind === "annotations" ? { ...scope, ids: [...new Set(scope.ids)] } : scope;
}
