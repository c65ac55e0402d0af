import { useEffect, useState } from "react";
import { toast } from "sonner";
import type { DissolveGroup } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { OutlineOverlay } from "#client/outline-overlay.ts";
import { annotationId, idFromBytes } from "#domain/ids.ts";
import { useVisit } from "./session.tsx";
import { showOnly } from "./show-only.ts";

type Decision = "dissolved" | "left";
type Decided = { readonly id: string; readonly group: DissolveGroup; readonly decision: Decision };

export type DissolveWalk = {
  /** Null before the server has said which there are. */
  readonly groups: readonly DissolveGroup[] | null;
  readonly index: number;
  readonly group: DissolveGroup | null;
  readonly decided: readonly Decided[];
  readonly busy: boolean;
  readonly go: (to: number) => void;
  readonly decide: (decision: Decision) => void;
  readonly undo: () => void;
};

/** A person's way through the groups of a layer; each decision is stored before the next group is shown. */
export function useDissolve(layerId: string): DissolveWalk {
  const { session } = useVisit();
  const [groups, setGroups] = useState<readonly DissolveGroup[] | null>(null);
  const [index, setIndex] = useState(0);
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let wanted = true;
    api.dissolves.ofLayer(layerId).then(
      (found) => wanted && setGroups(found),
      (error: unknown) => toast.error(sentenceOf(error)),
    );
    return () => {
      wanted = false;
    };
  }, [layerId]);
  useEffect(() => showOnly(session, layerId), [session, layerId]);
  const group = groups?.[Math.min(index, groups.length - 1)] ?? null;
  usePreview(layerId, group);
  /** What the API refuses is said, and the groups are asked for again. */
  const run = async (action: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    try {
      await action();
    } catch (error) {
      toast.error(sentenceOf(error));
      setGroups(await api.dissolves.ofLayer(layerId).catch(() => groups));
    }
    setBusy(false);
  };
  return {
    groups,
    index: Math.max(0, Math.min(index, (groups?.length ?? 1) - 1)),
    group,
    decided,
    busy,
    go: (to) => setIndex(Math.max(0, Math.min((groups?.length ?? 1) - 1, to))),
    decide: (decision) => {
      if (group === null) return;
      void run(async () => {
        const id = annotationId.parse(idFromBytes(crypto.getRandomValues(new Uint8Array(16))));
        const items = group.items.map((item) => ({ ...item, annotationId: annotationId.parse(item.annotationId) }));
        await api.dissolves.decide(layerId, { id, decision, items });
        setDecided((before) => [...before, { id, group, decision }]);
        setGroups((before) => before?.filter(({ key }) => key !== group.key) ?? null);
      });
    },
    undo: () => {
      const last = decided.at(-1);
      if (last === undefined) return;
      void run(async () => {
        await api.dissolves.undo(layerId, { id: annotationId.parse(last.id) });
        setDecided((before) => before.filter(({ id }) => id !== last.id));
        const found = await api.dissolves.ofLayer(layerId);
        setGroups(found);
        setIndex(
          Math.max(
            0,
            found.findIndex(({ key }) => key === last.group.key),
          ),
        );
      });
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
