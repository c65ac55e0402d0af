import { useEffect, useMemo, useState } from "react";
import { toast } from "sonner";
import type { ConsensusView } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { useVisit } from "./session.tsx";

const PAGE = 200;

/** The disputes of this slide that belong to the queue one came from. */
export type QueueKeys = "all" | "not-known-yet" | ReadonlySet<string>;

/**
 * What of a slide's disputes the queue holds that a link named, settled ones too; asked again whenever the consensus is.
 * @param queue a query of the route of disputes; null for all disputes of the slide
 */
export function useQueueKeys(queue: string | null, consensus: ConsensusView | null): QueueKeys {
  const { session, projectId } = useVisit();
  const [keys, setKeys] = useState<ReadonlySet<string> | null>(null);
  const { slideId } = session;
  const ask = useMemo(() => (queue === null ? null : Object.fromEntries(new URLSearchParams(queue))), [queue]);
  useEffect(() => {
    if (ask === null || consensus === null) return undefined;
    let wanted = true;
    keysOf(projectId, { ...ask, slide: slideId, state: "all" }, consensus.roundId).then(
      (found) => wanted && setKeys(found),
      (error: unknown) => toast.error(sentenceOf(error)),
    );
    return () => {
      wanted = false;
    };
  }, [projectId, slideId, ask, consensus]);
  if (ask === null) return "all";
  return keys ?? "not-known-yet";
}

async function keysOf(
  projectId: string,
  ask: Readonly<Record<string, string>>,
  roundId: string,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let cursor: string | null = "0";
  while (cursor !== null) {
    const page = await api.consensus.queue(projectId, { ...ask, limit: PAGE, cursor });
    for (const item of page.items) if (item.roundId === roundId) keys.add(item.key);
    cursor = page.nextCursor;
  }
  return keys;
}
