import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { type DrawnSince, drawnSince } from "#db/qualification.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { QualificationNeed } from "./qualification-needs.ts";

/**
 * Outlines of a redefined class that people drew under its new meaning without having shown that they can tell it. They
 * are flagged and never refused; once the test is passed nothing is flagged any more. A lead who reads blind gets none of
 * layers that are kept from them.
 */
export async function flaggedOutlines(
  db: Db,
  member: Member,
  needs: readonly QualificationNeed[],
): Promise<DrawnSince[]> {
  const { projectId } = member;
  const missing = needs.filter(({ passed }) => !passed);
  const drawn = await drawnSince(db, projectId, missing);
  if (drawn.length === 0) return [];
  const facts = await layerFacts(db, { projectId });
  const seen = new Set(facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId));
  return drawn.filter(({ layerId }) => seen.has(layerId));
}
