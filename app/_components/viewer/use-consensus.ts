import { useCallback, useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { type Api, api, sentenceOf } from "#client/api.ts";
import { listenToProject } from "#client/live-events.ts";
import { useVisit } from "./session.tsx";

export type Decide = Parameters<Api["consensus"]["adjudicate"]>[2]["decision"];

export type ConsensusWalk = {
  readonly consensus: ConsensusView | null;
  readonly dispute: Dispute | null;
  readonly index: number;
  readonly undecided: number;
  readonly busy: boolean;
  readonly go: (to: number) => void;
  readonly decide: (decision: Decide) => Promise<void>;
};

/** A person's way through the disputes of one slide in one round, the largest first. */
export function useConsensus(roundId: string, firstKey: string): ConsensusWalk {
  const { session, projectId } = useVisit();
  const [consensus, setConsensus] = useState<ConsensusView | null>(null);
  const [index, setIndex] = useState(0);
  const [busy, setBusy] = useState(false);
  const placed = useRef(false);

  const fetch = useCallback(async () => {
    const now = await api.consensus.get(roundId, session.slideId);
    setConsensus(now);
    if (placed.current) return;
    placed.current = true;
    setIndex(
      Math.max(
        0,
        now.disputes.findIndex(({ key }) => key === firstKey),
      ),
    );
  }, [roundId, session.slideId, firstKey]);
  useEffect(() => {
    const askAgain = () => void fetch().catch((error: unknown) => toast.error(sentenceOf(error)));
    askAgain();
    return listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "consensus") askAgain();
      },
      onGap: askAgain,
    });
  }, [projectId, fetch]);

  const disputes = consensus?.disputes ?? [];
  const dispute = disputes[index] ?? null;
  const decide = async (decision: Decide) => {
    if (consensus === null || dispute === null) return;
    setBusy(true);
    try {
      await api.consensus.adjudicate(roundId, session.slideId, {
        consensusKey: consensus.key,
        disputeKey: dispute.key,
        replaces: dispute.decision?.id ?? null,
        decision,
      });
      setIndex(nextOpen(disputes, index));
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    await fetch().catch(() => undefined);
    setBusy(false);
  };
  return {
    consensus,
    dispute,
    index,
    undecided: disputes.filter(({ settled }) => !settled).length,
    busy,
    go: (to) => setIndex(Math.max(0, Math.min(disputes.length - 1, to))),
    decide,
  };
}

function nextOpen(disputes: readonly Dispute[], from: number): number {
  for (let step = 1; step < disputes.length; step++) {
    const at = (from + step) % disputes.length;
    if (disputes[at]?.settled === false) return at;
  }
  return from;
}
