import { useEffect, useLayoutEffect, useState } from "react";
import { toast } from "sonner";
import { api, sentenceOf } from "#client/api.ts";
import { Screening } from "#client/screening.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { classId } from "#domain/ids.ts";
import { candidateClasses } from "#domain/screening.ts";
import { useVisit } from "./session.tsx";

/** What is looked for, and where; null records nothing. */
export type Looking = {
  readonly layerId: string;
  /** What was seen before this guideline version does not count. */
  readonly since: number;
  readonly classIds: readonly string[];
  /** Whether the grid shows from the beginning. */
  readonly visible: boolean;
};

/** Records where the person looks for as long as the component is there; null until the server has answered. */
export function useScreening(looking: Looking | null): Screening | null {
  const { session, keys } = useVisit();
  const [screening, setScreening] = useState<Screening | null>(null);
  const { layerId = null, since = 0, visible = false } = looking ?? {};
  useEffect(() => {
    if (layerId === null) return;
    let closed = false;
    let made: Screening | null = null;
    api.layers.screening(layerId, { since }).then(
      (answer) => {
        if (closed) return;
        const report = (cells: string, keepalive: boolean) => api.layers.reportSeen(layerId, { cells }, keepalive);
        made = new Screening(session.workbench.view, answer, report, visible);
        setScreening(made);
        session.state.setState({ screening: made });
      },
      (error: unknown) => toast.error(sentenceOf(error)),
    );
    return () => {
      closed = true;
      made?.close();
      setScreening(null);
      session.state.setState({ screening: null });
    };
  }, [session, layerId, since, visible]);
  useLayoutEffect(() => {
    if (screening === null) return;
    return keys.open((event) => pressed(screening, event));
  }, [keys, screening]);
  useCandidates(session, screening, looking);
  return screening;
}

/** Outlines of the classes that may hide what is looked for, as they are drawn and changed. */
function useCandidates(session: SlideSession, screening: Screening | null, looking: Looking | null): void {
  useEffect(() => {
    if (screening === null || looking === null || looking.classIds.length === 0) return;
    const update = () => screening.setCandidates(candidateBoxes(session, looking));
    update();
    return session.state.subscribe(({ revision }, before) => {
      if (revision !== before.revision) update();
    });
  }, [session, screening, looking]);
}

function candidateBoxes(session: SlideSession, { layerId, classIds, since }: Looking) {
  const { guideline, scene } = session.workbench;
  const changes = session.versions.filter(({ number }) => number <= since).at(-1)?.changes ?? [];
  const wanted = candidateClasses(
    classIds.map((id) => classId.parse(id)),
    [...guideline.byId.values()],
    changes,
  );
  const shapes = [...(scene.layer(layerId)?.shapes.values() ?? [])];
  return shapes
    .filter(({ annotation }) => wanted.has(guideline.standingOf(annotation).classId))
    .map(({ bbox }) => bbox);
}

function pressed(screening: Screening, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  switch (event.key.toLowerCase()) {
    case "g":
      screening.go(event.shiftKey ? -1 : 1);
      return true;
    case "h":
      screening.setVisible(!screening.store.getState().visible);
      return true;
    default:
      return false;
  }
}
