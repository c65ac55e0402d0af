import { useEffect, useState } from "react";
import { toast } from "sonner";
import type { DissolveGroup } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { freshId } from "#client/fresh-id.ts";
import { annotationId } from "#domain/ids.ts";

export type Decision = "dissolved" | "left";
export type Decided = { readonly id: string; readonly group: DissolveGroup; readonly decision: Decision };

export type DissolveGroups = {
  /** What is still to be decided; null before the server has said which there are. */
  readonly groups: readonly DissolveGroup[] | null;
  /** What was decided here and not taken back. */
  readonly decided: readonly Decided[];
  readonly busy: boolean;
  /** @returns what was decided, null where the API refused it */
  readonly decide: (group: DissolveGroup, decision: Decision) => Promise<Decided | null>;
  /** @returns what is to be decided then, null where the API refused it */
  readonly undo: (decided: Decided) => Promise<readonly DissolveGroup[] | null>;
};

/**
 * The touching outlines of a layer that a merge made alike, and what is decided about them. What the API refuses is said,
 * and the groups are asked for again.
 */
export function useDissolveGroups(layerId: string): DissolveGroups {
  const [groups, setGroups] = useState<readonly DissolveGroup[] | null>(null);
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
  const run = async <Made>(action: () => Promise<Made>): Promise<Made | null> => {
    if (busy) return null;
    setBusy(true);
    try {
      return await action();
    } catch (error) {
      toast.error(sentenceOf(error));
      setGroups(await api.dissolves.ofLayer(layerId).catch(() => groups));
      return null;
    } finally {
      setBusy(false);
    }
  };
  return {
    groups,
    decided,
    busy,
    decide: (group, decision) =>
      run(async () => {
        const id = freshId(annotationId);
        const items = group.items.map((item) => ({ ...item, annotationId: annotationId.parse(item.annotationId) }));
        await api.dissolves.decide(layerId, { id, decision, items });
        const made = { id, group, decision };
        setDecided((before) => [...before, made]);
        setGroups((before) => before?.filter(({ key }) => key !== group.key) ?? null);
        return made;
      }),
    undo: ({ id }) =>
      run(async () => {
        await api.dissolves.undo(layerId, { id: annotationId.parse(id) });
        setDecided((before) => before.filter((each) => each.id !== id));
        const found = await api.dissolves.ofLayer(layerId);
        setGroups(found);
        return found;
      }),
  };
}
