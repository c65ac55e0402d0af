import { appendAudit } from "#db/audit.ts";
import { addLayer, layerOfKind, lockSlide } from "#db/layer-rows.ts";
import { newId } from "#db/new-id.ts";
import type { SlideRow } from "#db/slides.ts";
import { type LayerId, layerId } from "#domain/ids.ts";
import type { World } from "#server/api/world.ts";
import type { Caller } from "#server/session.ts";

/** The layer that all pathologists of a project draw in on this slide, outside of any round; made at the first call. */
export async function createTeamLayer({ db, events }: World, caller: Caller, slide: SlideRow): Promise<LayerId> {
  const id = await db.transaction(async (tx) => {
    await lockSlide(tx, slide.id);
    const present = await layerOfKind(tx, slide.id, "team");
    if (present !== null) return present;
    const made = newId(layerId);
    await addLayer(tx, { id: made, projectId: slide.projectId, slideId: slide.id, kind: "team" });
    const entry = { personId: caller.personId, projectId: slide.projectId, subject: made, detail: { slide: slide.id } };
    await appendAudit(tx, { ...entry, action: "layer.created" });
    return made;
  });
  events.tell(slide.projectId, "project", { kind: "layers", toast: null });
  return id;
}
