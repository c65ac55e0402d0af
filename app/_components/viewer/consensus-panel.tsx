"use client";

import { ArrowLeft, ArrowRight } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { DISPUTE_WORDS } from "#app/_components/consensus/measure-words.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { areaText } from "#client/tools/outline.ts";
import { readColour, type Shown, useConsensusScene } from "./consensus-scene.ts";
import { DecisionForm } from "./decision-form.tsx";
import { useVisit } from "./session.tsx";
import { type ConsensusWalk, useConsensus } from "./use-consensus.ts";

/** The disputes of a round on this slide: one after the other, with what each reader said and the keys to decide. */
export function ConsensusPanel({ roundId, firstKey }: { readonly roundId: string; readonly firstKey: string }) {
  const { session, projectId } = useVisit();
  const walk = useConsensus(roundId, firstKey);
  const [shown, setShown] = useState<Shown>({ byReader: true, heat: 0.35 });
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
  const may = offers(session.me.role, "consensus.adjudicate");
  return (
    <section aria-label="Consensus" data-testid="consensus-panel" className="flex min-h-0 flex-1 flex-col">
      <PanelHeader walk={walk} consensus={consensus} href={`/projects/${projectId}/consensus`} />
      <ShownChoice shown={shown} onChange={setShown} />
      <div className="scroll-thin min-h-0 flex-1 overflow-y-auto p-3">
        {dispute === null ? (
          <p className="text-muted">The reads agree: there is nothing to settle.</p>
        ) : (
          <>
            <DisputeFacts dispute={dispute} mpp={consensus.slide.mpp} />
            <Votes dispute={dispute} consensus={consensus} />
            {may ? <DecisionForm key={dispute.key} walk={walk} dispute={dispute} consensus={consensus} /> : null}
          </>
        )}
      </div>
    </section>
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
          Dispute {Math.min(total, walk.index + 1)} of {total}
        </span>
        <Button
          variant="ghost"
          size="icon"
          aria-label="Next dispute"
          onClick={() => walk.go(walk.index + 1)}
          disabled={walk.index >= total - 1}
        >
          <ArrowRight />
        </Button>
      </div>
    </header>
  );
}

const COLOURINGS = [
  { value: "reader", label: "By reader" },
  { value: "class", label: "By class" },
] as const;

function ShownChoice({ shown, onChange }: { readonly shown: Shown; readonly onChange: (shown: Shown) => void }) {
  return (
    <div className="flex shrink-0 items-center gap-3 border-b px-3 py-2 text-muted text-xs">
      <Segmented
        label="Colours"
        value={shown.byReader ? "reader" : "class"}
        onValueChange={(value) => onChange({ ...shown, byReader: value === "reader" })}
        options={COLOURINGS}
        className="h-7"
      />
      <label className="flex min-w-0 flex-1 items-center gap-2">
        Heat
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={shown.heat}
          onChange={(event) => onChange({ ...shown, heat: Number(event.target.value) })}
          aria-label="Strength of the disagreement map"
          className="min-w-0 flex-1 accent-(--accent)"
        />
      </label>
    </div>
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

function Votes({ dispute, consensus }: { readonly dispute: Dispute; readonly consensus: ConsensusView }) {
  const { guideline } = useVisit().session.workbench;
  return (
    <table className="mt-2 w-full text-sm">
      <thead className="sr-only">
        <tr>
          <th>Read</th>
          <th>Said</th>
        </tr>
      </thead>
      <tbody>
        {consensus.reads.map((read, index) => {
          const vote = dispute.votes.find((each) => each.read === index);
          const said = guideline.byId.get(vote?.classId ?? "");
          return (
            <tr key={read.layerId} className="border-b last:border-0">
              <td className="py-1.5">
                <span className="flex items-center gap-2">
                  <Swatch colour={readColour(index)} className="rounded-full" />
                  {read.reader?.name ?? `Read ${read.label}`}
                </span>
              </td>
              <td className="py-1.5 text-right">
                {said === undefined ? <span className="text-faint">did not mark</span> : said.name}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
