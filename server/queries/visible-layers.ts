import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import type { LayerId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";

/** The layers of the member's project that they may see, and whether these are all of them. */
export async function visibleLayerIds(
  db: Db,
  member: Member,
): Promise<{ readonly visible: ReadonlySet<LayerId>; readonly isAll: boolean }> {
  const facts = await layerFacts(db, { projectId: member.projectId });
  const visible = new Set(
    facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId),
  );
  return { visible, isAll: visible.size === facts.length };
}
