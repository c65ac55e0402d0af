import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { versionsOf } from "#db/guidelines.ts";
import { type StoredWaiver, waiversOf } from "#db/waivers.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { WaiverView } from "#server/api/schemas/consistency.ts";
import { coverCounts } from "./staleness.ts";

/**
 * Every exception of a project, oldest first; those that ended stay as history. A lead who reads blind gets no counts of
 * layers that are kept from them.
 */
export async function waiversFor(db: Db, member: Member): Promise<WaiverView[]> {
  const { projectId } = member;
  const stored = await waiversOf(db, projectId);
  if (stored.length === 0) return [];
  const facts = await layerFacts(db, { projectId });
  const layerIds = facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId);
  const covers = await coverCounts(db, { layerIds }, await versionsOf(db, projectId), stored);
  return stored.map((waiver) => ({
    id: waiver.id,
    scope: waiver.scope,
    reason: waiver.reason,
    approvedBy: waiver.approver,
    at: waiver.at.toISOString(),
    version: waiver.version,
    expiresAt: waiver.expiresAt.toISOString(),
    state: stateOf(waiver),
    covers: covers.get(waiver.id) ?? 0,
  }));
}

function stateOf({ withdrawnAt, expired }: StoredWaiver): WaiverView["state"] {
  if (withdrawnAt !== null) return "withdrawn";
  return expired ? "expired" : "holds";
}
