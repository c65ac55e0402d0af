import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { toast } from "sonner";
import { differsFrom } from "#app/_components/consensus/record.ts";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { type Api, ApiError, api, sentenceOf } from "#client/api.ts";
import { listenToProject } from "#client/live-events.ts";
import { nameDispute } from "#client/view-link.ts";
import { useVisit } from "./session.tsx";
import { useQueueKeys } from "./use-queue-keys.ts";

export type Decide = Parameters<Api["consensus"]["adjudicate"]>[2]["decision"];
type Others = ConsensusView["others"];

/** What of the disputes is walked through; empty is everything. */
export type DisputeFilter = {
  readonly classId: string;
  readonly kind: string;
  readonly state: "open" | "all" | "mine";
};

export type ConsensusWalk = {
  readonly consensus: ConsensusView | null;
  /** Those that pass the filter, the worst first. */
  readonly disputes: readonly Dispute[];
  readonly dispute: Dispute | null;
  readonly index: number;
  /** All of this slide in the queue that one is in, whatever the filter. */
  readonly queued: readonly Dispute[];
  /** Of these, those that are still to be settled. */
  readonly undecided: number;
  readonly busy: boolean;
  /** Other adjudicators who are at work here. */
  readonly others: Others;
  readonly filter: DisputeFilter;
  readonly setFilter: (filter: DisputeFilter) => void;
  readonly go: (to: number) => void;
  readonly decide: (decision: Decide) => Promise<void>;
};

const OVERTAKEN: ReadonlySet<string> = new Set(["dispute-decided", "dispute-gone"]);

/** Where the walk begins, and the queue that it stays in. */
export type FirstDispute = Pick<DisputeFilter, "classId" | "kind"> & {
  readonly key: string;
  readonly queue: string | null;
};

/** The server takes an adjudicator to be at a dispute for a minute after they last said so. */
const SAY_EVERY_MS = 25_000;

/** A person's way through the disputes of one slide in one round, the worst first. */
export function useConsensus(roundId: string, first: FirstDispute): ConsensusWalk {
  const { session } = useVisit();
  const { consensus: fetched, fetch } = useFetched(roundId);
  const keys = useQueueKeys(first.queue, fetched);
  const consensus = keys === "not-known-yet" ? null : fetched;
  const [filter, setFilter] = useState<DisputeFilter>({ classId: first.classId, kind: first.kind, state: "all" });
  const [key, setKey] = useState(first.key);
  const [busy, setBusy] = useState(false);
  const queued = useMemo(
    () => (consensus?.disputes ?? []).filter((each) => keys === "all" || (keys instanceof Set && keys.has(each.key))),
    [consensus, keys],
  );
  const disputes = useMemo(() => filtered(queued, consensus, filter), [queued, consensus, filter]);
  const index = Math.max(
    0,
    disputes.findIndex((each) => each.key === key),
  );
  const dispute = disputes[index] ?? null;
  useEffect(() => {
    if (dispute !== null) nameDispute(dispute.key);
  }, [dispute]);
  const others = useOthers(roundId, consensus, dispute?.key ?? null);
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
      setKey(nextOpen(disputes, index, others));
    } catch (error) {
      toast.error(sentenceOf(error));
      // Somebody was faster, or a read changed: there is nothing to decide here any more.
      if (error instanceof ApiError && OVERTAKEN.has(error.code)) setKey(nextOpen(disputes, index, others));
    }
    await fetch().catch(() => undefined);
    setBusy(false);
  };
  return {
    consensus,
    disputes,
    dispute,
    index,
    queued,
    undecided: queued.filter(({ settled }) => !settled).length,
    busy,
    others,
    filter,
    setFilter,
    go: (to) => setKey(disputes[Math.max(0, Math.min(disputes.length - 1, to))]?.key ?? key),
    decide,
  };
}

function useFetched(roundId: string) {
  const { session, projectId } = useVisit();
  const [consensus, setConsensus] = useState<ConsensusView | null>(null);
  const fetch = useCallback(async () => {
    setConsensus(await api.consensus.get(roundId, session.slideId));
  }, [roundId, session.slideId]);
  useEffect(() => {
    const askAgain = () => void fetch().catch((error: unknown) => toast.error(sentenceOf(error)));
    askAgain();
    return listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "consensus" || kind === "adjudicators") askAgain();
      },
      onGap: askAgain,
    });
  }, [projectId, fetch]);
  return { consensus, fetch };
}

/** Says where one is as long as one is there, and learns where the others are. */
function useOthers(roundId: string, consensus: ConsensusView | null, disputeKey: string | null): Others {
  const { session } = useVisit();
  const [told, setTold] = useState<{ readonly of: ConsensusView | null; readonly others: Others } | null>(null);
  const mayDecide = consensus?.mayDecide === true;
  const latest = useRef(consensus);
  useEffect(() => {
    latest.current = consensus;
  });
  useEffect(() => {
    if (!mayDecide || disputeKey === null) return;
    const say = () =>
      void api.consensus.at(roundId, session.slideId, disputeKey).then(
        ({ others }) => setTold({ of: latest.current, others }),
        () => undefined,
      );
    say();
    const timer = setInterval(say, SAY_EVERY_MS);
    return () => clearInterval(timer);
  }, [mayDecide, disputeKey, roundId, session.slideId]);
  // A consensus that was fetched after the last word has the later one.
  return told !== null && told.of === consensus ? told.others : (consensus?.others ?? []);
}

function filtered(
  disputes: readonly Dispute[],
  consensus: ConsensusView | null,
  { classId, kind, state }: DisputeFilter,
): readonly Dispute[] {
  const mine = consensus?.reads.findIndex((read) => read.mine) ?? -1;
  return disputes.filter((dispute) => {
    if (kind !== "" && dispute.kind !== kind) return false;
    if (classId !== "" && dispute.votes.every((vote) => vote.classId !== classId)) return false;
    if (state === "mine") return differsFrom(dispute, mine);
    return state === "all" || !dispute.settled;
  });
}

/** The next one to settle at which nobody else is; else the next one at all. */
function nextOpen(disputes: readonly Dispute[], from: number, others: Others): string {
  const taken = new Set(others.map(({ disputeKey }) => disputeKey));
  const onward = [...disputes.slice(from + 1), ...disputes.slice(0, from)].filter(({ settled }) => !settled);
  const next = onward.find(({ key }) => !taken.has(key)) ?? onward[0];
  return next?.key ?? disputes[from]?.key ?? "";
}
