"use client";

import { useState } from "react";
import { DISPUTE_WORDS, METHOD_WORDS } from "#app/_components/consensus/measure-words.ts";
import { differsFrom } from "#app/_components/consensus/record.ts";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { areaText } from "#client/tools/outline.ts";
import { seededRandom, seedFrom, shuffled } from "#domain/random.ts";
import { BandLegend } from "./band-legend.tsx";
import { FIRST_SHOWN, type Shown, useConsensusScene } from "./consensus-scene.ts";
import { ShownChoice } from "./consensus-shown.tsx";
import { DecisionForm } from "./decision-form.tsx";
import { DisputeFilters } from "./dispute-filters.tsx";
import { DisputeHeader } from "./dispute-header.tsx";
import { DisputeVotes } from "./dispute-votes.tsx";
import { QueueGoesOn } from "./queue-goes-on.tsx";
import { ReadPanes } from "./read-panes.tsx";
import { REASON_WORDS } from "./reason-words.ts";
import { useVisit } from "./session.tsx";
import { type ConsensusWalk, type FirstDispute, useConsensus } from "./use-consensus.ts";
import { useKeys } from "./use-keys.ts";

/** The disputes of a round on this slide: one after the other, with what each reader said and the keys to decide. */
export function ConsensusPanel({ roundId, first }: { readonly roundId: string; readonly first: FirstDispute }) {
  const walk = useConsensus(roundId, first);
  const [shown, setShown] = useState<Shown>(FIRST_SHOWN);
  const { consensus, dispute } = walk;
  const bands = useConsensusScene(consensus, dispute, shown);
  useWalkKeys(walk);
  if (consensus === null) {
    return (
      <p className="p-3 text-faint" role="status">
        Comparing the reads…
      </p>
    );
  }
  return (
    <section
      aria-label="Consensus"
      data-testid="consensus-panel"
      data-dispute={dispute?.key}
      className="scroll-thin flex min-h-0 flex-1 flex-col max-md:overflow-y-auto"
    >
      <DisputeHeader walk={walk} consensus={consensus} queue={first.queue} />
      <DisputeFilters consensus={consensus} filter={walk.filter} onChange={walk.setFilter} />
      <ShownChoice shown={shown} onChange={setShown}>
        {shown.bands === "off" || dispute === null ? null : (
          <BandLegend
            kind={shown.bands}
            shown={bands}
            reads={consensus.reads.length}
            isObject={dispute.basis === "object"}
          />
        )}
      </ShownChoice>
      {shown.split ? <ReadPanes consensus={consensus} dispute={dispute} shown={shown} bands={bands} /> : null}
      <div className="scroll-thin min-h-0 flex-1 overflow-y-auto p-3 max-md:flex-none max-md:overflow-visible">
        {walk.undecided === 0 && walk.queued.length > 0 && consensus.mayDecide ? (
          <QueueGoesOn consensus={consensus} first={first} />
        ) : null}
        {dispute === null ? (
          <p className="text-muted">{emptyText(consensus, walk)}</p>
        ) : (
          <DisputeAtHand walk={walk} consensus={consensus} dispute={dispute} shown={shown} onShown={setShown} />
        )}
      </div>
    </section>
  );
}

function emptyText(consensus: ConsensusView, walk: ConsensusWalk): string {
  if (consensus.disputes.length === 0) return "The reads agree: there is nothing to settle.";
  return walk.queued.length === 0 ? "Nothing of this queue is on this slide any more." : "No dispute fits the filters.";
}

function DisputeAtHand(props: {
  readonly walk: ConsensusWalk;
  readonly consensus: ConsensusView;
  readonly dispute: Dispute;
  readonly shown: Shown;
  readonly onShown: (shown: Shown) => void;
}) {
  const { walk, consensus, dispute } = props;
  const { session } = useVisit();
  const order = orderOf(consensus, dispute, session.me.id);
  const bar = barText(consensus, dispute);
  return (
    <>
      <DisputeFacts dispute={dispute} mpp={consensus.slide.mpp} />
      <DisputeVotes {...props} order={order} />
      <Decided decision={dispute.decision} />
      <Record dispute={dispute} consensus={consensus} />
      {dispute.mayDecide ? (
        <DecisionForm
          key={dispute.key}
          walk={walk}
          dispute={dispute}
          consensus={consensus}
          order={order}
          onDraw={() => props.onShown({ ...props.shown, split: false })}
        />
      ) : null}
      {bar === null ? null : (
        <Callout kind="info" className="mt-3">
          {bar}
        </Callout>
      )}
    </>
  );
}

/** Why somebody whose role would allow it does not decide here. */
function barText(consensus: ConsensusView, dispute: Dispute): string | null {
  if (consensus.barred) {
    return "You may not decide about this slide: the guideline keeps readers of the case, and people it names, from it.";
  }
  const elsewhere = consensus.mayDecide && !dispute.mayDecide;
  return elsewhere ? "Somebody else decides about this class: the guideline names them." : null;
}

/** Anonymous reads are listed in another order for each dispute and person, so that no letter becomes a habit. */
function orderOf(consensus: ConsensusView, dispute: Dispute, personId: string): readonly number[] {
  const places = consensus.reads.map((_, index) => index);
  if (consensus.reads.every(({ reader }) => reader !== null)) return places;
  return shuffled(places, seededRandom(seedFrom(`${dispute.key}/${personId}`)));
}

/** What was decided, by whom and why; a key decides it anew. */
function Decided({ decision }: Pick<Dispute, "decision">) {
  if (decision === null) return null;
  const { method, person, reason, note, at } = decision;
  return (
    <p className="mt-2 text-muted text-xs first-letter:uppercase" data-testid="decided">
      <strong className="font-medium text-ink">{METHOD_WORDS[method]}</strong> by {person.name}, <Time at={at} />:{" "}
      {REASON_WORDS[reason].toLowerCase()}
      {note === "" ? "" : `. “${note}”`}
    </p>
  );
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
  const { session } = useVisit();
  useKeys((event) => {
    // A shape that is being drawn belongs to this dispute: one is done with it or gives it up first.
    if (session.state.getState().sandboxed) return false;
    const step = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
    if (step === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false;
    walk.go(walk.index + step);
    return true;
  });
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
