import { findOutline } from "#client/find-outline.ts";
import type { SlideSession } from "#client/slide-session.ts";
import type { ViewTarget } from "#client/view-link.ts";
import { annotationId } from "#domain/ids.ts";

/** Goes to the outline that a link names, as soon as its layer is here. */
export async function openTarget(session: SlideSession, target: ViewTarget): Promise<void> {
  const id = annotationId.safeParse(target.annotationId);
  if (!id.success) return;
  const layers = session.state
    .getState()
    .layers.filter((layer) => target.layerId === null || layer.id === target.layerId);
  await Promise.all(layers.map((layer) => session.synced(layer.id)));
  const found = findOutline(session, id.data);
  if (found === null)
    session.workbench.store.setState({ message: { text: "The outline of this link is no longer here." } });
  else session.workbench.focus(found.layerId, id.data);
}
