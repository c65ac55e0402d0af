"use client";

import { ArrowLeft, ArrowRight } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { DISPUTE_WORDS } from "#app/_components/consensus/measure-words.ts";
import { differsFrom } from "#app/_components/consensus/record.ts";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { areaText } from "#client/tools/outline.ts";
import { seededRandom, seedFrom, shuffled } from "#domain/random.ts";
import { FIRST_SHOWN, type Shown, useConsensusScene } from "./consensus-scene.ts";
import { ShownChoice } from "./consensus-shown.tsx";
import { DecisionForm } from "./decision-form.tsx";
import { DisputeFilters } from "./dispute-filters.tsx";
import { DisputeVotes } from "./dispute-votes.tsx";
import { ReadPanes } from "./read-panes.tsx";
import { useVisit } from "./session.tsx";
import { type ConsensusWalk, useConsensus } from "./use-consensus.ts";

/** The disputes of a round on this slide: one after the other, with what each reader said and the keys to decide. */
export function ConsensusPanel({ roundId, first }: { readonly roundId: string; readonly first: FirstDispute }) {
  const { session, projectId } = useVisit();
  const walk = useConsensus(roundId, first);
  const [shown, setShown] = useState<Shown>(FIRST_SHOWN);
  const { consensus, dispute } = walk;
  useConsensusScene(consensus, dispute, shown);
  useWalkKeys(walk);
  if (consensus === null) {
    return (
      <p className="p-3 text-faint" role="status">
        Comparing the reads…
      </p>
    );
  }
  const order = dispute === null ? [] : orderOf(consensus, dispute, session.me.id);
  return (
    <section aria-label="Consensus" data-testid="consensus-panel" className="flex min-h-0 flex-1 flex-col">
      <PanelHeader walk={walk} consensus={consensus} href={`/projects/${projectId}/consensus`} />
      <DisputeFilters consensus={consensus} filter={walk.filter} onChange={walk.setFilter} />
      <ShownChoice shown={shown} onChange={setShown} />
      {shown.split ? <ReadPanes consensus={consensus} dispute={dispute} shown={shown} /> : null}
      <div className="scroll-thin min-h-0 flex-1 overflow-y-auto p-3">
        {dispute === null ? (
          <p className="text-muted">
            {consensus.disputes.length === 0
              ? "The reads agree: there is nothing to settle."
              : "No dispute of this slide fits the filters."}
          </p>
        ) : (
          <>
            <DisputeFacts dispute={dispute} mpp={consensus.slide.mpp} />
            <DisputeVotes dispute={dispute} consensus={consensus} order={order} shown={shown} onShown={setShown} />
            <Record dispute={dispute} consensus={consensus} />
            {dispute.mayDecide ? (
              <DecisionForm key={dispute.key} walk={walk} dispute={dispute} consensus={consensus} order={order} />
            ) : null}
            {consensus.barred || (consensus.mayDecide && !dispute.mayDecide) ? (
              <Callout kind="info" className="mt-3">
                {consensus.barred
                  ? "You may not decide about this slide: the guideline keeps readers of the case, and people it names, from it."
                  : "Somebody else decides about this class: the guideline names them."}
              </Callout>
            ) : null}
          </>
        )}
      </div>
    </section>
  );
}

export type FirstDispute = Parameters<typeof useConsensus>[1];

/** Anonymous reads are listed in another order for each dispute and person, so that no letter becomes a habit. */
function orderOf(consensus: ConsensusView, dispute: Dispute, personId: string): readonly number[] {
  const places = consensus.reads.map((_, index) => index);
  if (consensus.reads.every(({ reader }) => reader !== null)) return places;
  return shuffled(places, seededRandom(seedFrom(`${dispute.key}/${personId}`)));
}

/** What the record says, and to a reader whether that is what they said. */
function Record({ dispute, consensus }: { readonly dispute: Dispute; readonly consensus: ConsensusView }) {
  const { guideline } = useVisit().session.workbench;
  if (dispute.record === null) return null;
  const mine = consensus.reads.findIndex((read) => read.mine);
  const { classId } = dispute.record;
  const name = classId === null ? "not marked" : (guideline.byId.get(classId)?.name ?? classId);
  return (
    <p className="mt-2 text-muted text-xs" data-testid="record">
      The record says <strong className="font-medium text-ink">{name}</strong>
      {differsFrom(dispute, mine) ? ", which is not what your read says." : "."}
    </p>
  );
}

/** Arrows, J and K walk through the disputes. */
function useWalkKeys(walk: ConsensusWalk): void {
  const { keys } = useVisit();
  const handler = useRef<(event: KeyboardEvent) => boolean>(() => false);
  useEffect(() => {
    handler.current = (event) => {
      const step = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
      if (step === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false;
      walk.go(walk.index + step);
      return true;
    };
  });
  useEffect(() => keys.open((event) => handler.current(event)), [keys]);
}

function PanelHeader(props: {
  readonly walk: ConsensusWalk;
  readonly consensus: ConsensusView;
  readonly href: string;
}) {
  const { walk, consensus } = props;
  const total = consensus.disputes.length;
  const listed = walk.disputes.length;
  const here = walk.others.filter(({ disputeKey }) => disputeKey === walk.dispute?.key);
  const { alpha, percentAgreement } = consensus.overall;
  return (
    <header className="shrink-0 border-b px-3 pt-2.5 pb-2">
      <div className="flex items-center justify-between gap-2">
        <Link href={props.href} className="text-muted text-xs hover:text-ink">
          Consensus
        </Link>
        <span className="tabular text-faint text-xs" data-testid="consensus-numbers">
          {percentAgreement.defined ? `${(percentAgreement.value * 100).toFixed(1)} % agree` : ""}
          {alpha.defined ? ` · α ${alpha.value.toFixed(3)}` : ""}
        </span>
      </div>
      <div className="mt-1.5 flex items-center gap-2">
        <Progress
          value={total === 0 ? 1 : 1 - walk.undecided / total}
          label="Settled"
          className="flex-1"
          tone={walk.undecided === 0 ? "good" : "accent"}
        />
        <span className="tabular text-muted text-xs" data-testid="disputes-left" data-left={walk.undecided}>
          {walk.undecided === 0 ? "all settled" : `${walk.undecided} of ${total} to settle`}
        </span>
      </div>
      <div className="mt-1 flex items-center gap-1">
        <Button
          variant="ghost"
          size="icon"
          aria-label="Previous dispute"
          onClick={() => walk.go(walk.index - 1)}
          disabled={walk.index === 0}
        >
          <ArrowLeft />
        </Button>
        <span className="tabular flex-1 text-center text-muted text-xs">
          Dispute {Math.min(listed, walk.index + 1)} of {listed}
        </span>
        <Button
          variant="ghost"
          size="icon"
          aria-label="Next dispute"
          onClick={() => walk.go(walk.index + 1)}
          disabled={walk.index >= listed - 1}
        >
          <ArrowRight />
        </Button>
      </div>
      {walk.others.length === 0 ? null : (
        <p className="mt-1 flex items-center gap-1.5 text-xs" data-testid="adjudicators">
          {walk.others.map(({ person }) => (
            <Avatar key={person.id} name={person.name} colour={person.colour} size="sm" />
          ))}
          <span className={here.length > 0 ? "text-warn-ink" : "text-faint"}>
            {here.length > 0
              ? `${here.map(({ person }) => person.name).join(" and ")} is at this dispute too`
              : `${walk.others.map(({ person }) => person.name).join(" and ")} at other disputes here`}
          </span>
        </p>
      )}
    </header>
  );
}

function DisputeFacts({ dispute, mpp }: { readonly dispute: Dispute; readonly mpp: number | null }) {
  return (
    <div className="flex items-center justify-between gap-2">
      <p className="font-medium first-letter:uppercase">{DISPUTE_WORDS[dispute.kind]}</p>
      <span className="tabular text-muted text-xs">{areaText(dispute.areaPx, mpp)}</span>
      {dispute.decision === null ? (
        <Badge tone={dispute.settled ? "neutral" : "warn"}>
          {dispute.settled ? "settled by majority" : "to settle"}
        </Badge>
      ) : (
        <Badge tone={dispute.decision.outOfDate ? "warn" : "good"}>
          {dispute.decision.outOfDate ? "out of date" : "decided"}
        </Badge>
      )}
    </div>
  );
}
