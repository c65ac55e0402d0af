"use client";

import { MessageSquarePlus } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { SlideSession } from "#client/slide-session.ts";
import type { SlideTalk, TalkSubject } from "#client/slide-talk.ts";
import type { Annotation } from "#domain/annotation.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { useVisit } from "./session.tsx";

/** Ways to begin a thread: about the outline that is selected, else at a place that is pressed. */
export function useBegin(talk: SlideTalk) {
  const { session } = useVisit();
  const { workbench } = session;
  const layerOf = () => session.drawingLayer?.id ?? session.state.getState().layers[0]?.id ?? null;
  const at = (x: number, y: number) => {
    const layerId = layerOf();
    if (layerId !== null) talk.begin({ layerId, annotationId: null, at: { x, y } });
  };
  return {
    at,
    here: () => {
      if (!offers(session.me.role, "comment.write")) return;
      const [only, ...others] = workbench.selected();
      const isOne = only !== undefined && others.length === 0 && isStored(session, only.layerId);
      if (isOne) talk.begin(aboutOutline(only));
      else talk.state.setState({ isPlacing: layerOf() !== null, open: null });
    },
    inTheMiddle: () => at(workbench.view.camera.x, workbench.view.camera.y),
  };
}

/** Begins a thread about an outline, or opens the one that there is. */
export function CommentButton(selected: { readonly layerId: string; readonly annotation: Annotation }) {
  const { session, talk } = useVisit();
  if (talk === null || !offers(session.me.role, "comment.write") || !isStored(session, selected.layerId)) return null;
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label="Comment on it"
      title="Comment on it (C)"
      data-testid="comment"
      onClick={() => talk.begin(aboutOutline(selected))}
    >
      <MessageSquarePlus />
    </Button>
  );
}

/** What is drawn as an answer or in a trial is in no layer that others see. */
function isStored(session: SlideSession, layerId: string): boolean {
  return session.state.getState().layers.some(({ id }) => id === layerId);
}

function aboutOutline(selected: { readonly layerId: string; readonly annotation: Annotation }): TalkSubject {
  const { minX, minY, maxX, maxY } = geometryBbox(selected.annotation.geometry);
  const at = { x: (minX + maxX) / 2, y: (minY + maxY) / 2 };
  return { layerId: selected.layerId, annotationId: selected.annotation.id, at };
}
