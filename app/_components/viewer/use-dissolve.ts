import { useEffect, useState } from "react";
import { type Decision, type DissolveGroups, useDissolveGroups } from "#app/_components/tasks/use-dissolve-groups.ts";
import type { DissolveGroup } from "#client/answers.ts";
import { OutlineOverlay } from "#client/outline-overlay.ts";
import { useVisit } from "./session.tsx";
import { showOnly } from "./show-only.ts";

export type DissolveWalk = Pick<DissolveGroups, "groups" | "decided" | "busy"> & {
  readonly index: number;
  readonly group: DissolveGroup | null;
  readonly go: (to: number) => void;
  readonly decide: (decision: Decision) => void;
  readonly undo: () => void;
};

/**
 * A person's way through the groups of a layer; each decision is stored before the next group is shown.
 * @param firstKey the group to begin with; the first one where it is not there (any more)
 */
export function useDissolve(layerId: string, firstKey: string): DissolveWalk {
  const { session } = useVisit();
  const offered = useDissolveGroups(layerId);
  const { groups, decided, busy } = offered;
  const [chosen, setChosen] = useState<number | null>(null);
  const placeOf = (within: readonly DissolveGroup[] | null, wanted: string) =>
    Math.max(0, within?.findIndex(({ key }) => key === wanted) ?? 0);
  const last = Math.max(0, (groups?.length ?? 1) - 1);
  const index = Math.min(chosen ?? placeOf(groups, firstKey), last);
  const group = groups?.[index] ?? null;
  useEffect(() => showOnly(session, layerId), [session, layerId]);
  usePreview(layerId, group);
  return {
    groups,
    decided,
    busy,
    index,
    group,
    go: (to) => setChosen(Math.max(0, Math.min(last, to))),
    decide: (decision) => {
      if (group === null) return;
      setChosen(index);
      void offered.decide(group, decision);
    },
    undo: () => {
      const latest = decided.at(-1);
      if (latest === undefined) return;
      void offered.undo(latest).then((found) => found && setChosen(placeOf(found, latest.group.key)));
    },
  };
}

/** The group at hand in the middle of the slide, with the one outline that it would be laid over it. */
function usePreview(layerId: string, group: DissolveGroup | null): void {
  const { session } = useVisit();
  const [preview, setPreview] = useState<OutlineOverlay | null>(null);
  useEffect(() => {
    const opened = new OutlineOverlay(session.workbench.view);
    setPreview(opened);
    return () => opened.close();
  }, [session]);
  useEffect(() => {
    const colour = session.workbench.guideline.byId.get(group?.classId ?? "")?.colour ?? "#8b93a1";
    preview?.show(group === null ? [] : [{ look: "proposed", shape: group.geometry, colour }]);
    if (group === null) return;
    const [minX, minY, maxX, maxY] = group.bbox;
    const { workbench } = session;
    workbench.show(layerId);
    workbench.store.setState({ selection: [] });
    workbench.view.setCamera(workbench.view.cameraFor({ minX, minY, maxX, maxY }, 0));
  }, [session, layerId, preview, group]);
}
