import type { Db } from "#db/client.ts";
import { type StoredWaiver, waiversOf } from "#db/waivers.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { WaiverView } from "#server/api/schemas/consistency.ts";

/** Every exception of a project, oldest first; those that ended stay as history. */
export async function waiversFor(db: Db, projectId: ProjectId): Promise<WaiverView[]> {
  return (await waiversOf(db, projectId)).map((waiver) => ({
    id: waiver.id,
    scope: waiver.scope,
    reason: waiver.reason,
    approvedBy: waiver.approver,
    at: waiver.at.toISOString(),
    version: waiver.version,
    expiresAt: waiver.expiresAt.toISOString(),
    state: stateOf(waiver),
  }));
}

function stateOf({ withdrawnAt, expired }: StoredWaiver): WaiverView["state"] {
  if (withdrawnAt !== null) return "withdrawn";
  return expired ? "expired" : "holds";
}
