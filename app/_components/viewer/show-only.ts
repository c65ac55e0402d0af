import type { SlideSession } from "#client/slide-session.ts";

/** The layer of the work at hand, and nothing of the others' until they are asked for. */
export function showOnly(session: SlideSession, layerId: string): void {
  if (session.drawingLayer?.id !== layerId) session.drawIn(layerId);
  const others = session.state.getState().layers.filter(({ id }) => id !== layerId);
  session.workbench.store.setState({ hiddenLayerIds: new Set(others.map(({ id }) => id)) });
}
