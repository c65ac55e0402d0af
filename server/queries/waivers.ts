import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { versionsOf } from "#db/guidelines.ts";
import { slidesByIds } from "#db/slides.ts";
import { outlinePlaces, type StoredWaiver, waiversOf } from "#db/waivers.ts";
import type { LayerId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { WaiverView } from "#server/api/schemas/consistency.ts";
import { coverCounts } from "./staleness.ts";

/** Of chosen outlines so many are looked at for one that is still there to lead to. */
const LOOKED_AT = 50;

/**
 * Every exception of a project, oldest first; those that ended stay as history. A lead who reads blind gets no counts and
 * no places of layers that are kept from them.
 */
export async function waiversFor(db: Db, member: Member): Promise<WaiverView[]> {
  const { projectId } = member;
  const stored = await waiversOf(db, projectId);
  if (stored.length === 0) return [];
  const layerIds = await layersSeen(db, member);
  const covers = await coverCounts(db, { layerIds }, await versionsOf(db, projectId), stored);
  const placeOf = await beginnings(db, layerIds, stored);
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
    place: placeOf(waiver),
  }));
}

/** Layers of the project whose outlines the member may know of. */
export async function layersSeen(db: Db, member: Member): Promise<LayerId[]> {
  const facts = await layerFacts(db, { projectId: member.projectId });
  return facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId);
}

/** Where the first of the outlines that a waiver names is that is still there. */
async function beginnings(
  db: Db,
  layerIds: readonly LayerId[],
  stored: readonly StoredWaiver[],
): Promise<(waiver: StoredWaiver) => WaiverView["place"]> {
  const firstIds = ({ scope }: StoredWaiver) => (scope.kind === "annotations" ? scope.ids.slice(0, LOOKED_AT) : []);
  const places = await outlinePlaces(db, layerIds, [...new Set(stored.flatMap(firstIds))]);
  const slideIds = [...new Set([...places.values()].map(({ slideId }) => slideId))];
  const names = new Map((await slidesByIds(db, slideIds)).map(({ id, name }) => [id, name]));
  return (waiver) => {
    const [first] = firstIds(waiver).flatMap((id) => places.get(id) ?? []);
    if (first === undefined) return null;
    const slide = { id: first.slideId, name: names.get(first.slideId) ?? "" };
    return { slide, layerId: first.layerId, annotationId: first.id };
  };
}

function stateOf({ withdrawnAt, expired }: StoredWaiver): WaiverView["state"] {
  if (withdrawnAt !== null) return "withdrawn";
  return expired ? "expired" : "holds";
}
