"use client";

import { Eye, EyeOff } from "lucide-react";
import { SaidNothing } from "#app/_components/consensus/said-class.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { annotationId } from "#domain/ids.ts";
import { readColour, type Shown } from "./consensus-scene.ts";
import { ReworkButton } from "./rework-dialog.tsx";
import { useVisit } from "./session.tsx";

type Props = {
  readonly dispute: Dispute;
  readonly consensus: ConsensusView;
  /** The order in which reads are listed; of anonymous ones another for each dispute. */
  readonly order: readonly number[];
  readonly shown: Shown;
  readonly onShown: (shown: Shown) => void;
};

/** What each read says of the dispute; each can be hidden on the slide, and a lead can send one back. */
export function DisputeVotes(props: Props) {
  return (
    <table className="mt-2 w-full text-sm">
      <thead className="sr-only">
        <tr>
          <th>Read</th>
          <th>Said</th>
          <th>On the slide</th>
        </tr>
      </thead>
      <tbody>
        {props.order.map((index) => (
          <VoteLine key={index} {...props} index={index} />
        ))}
      </tbody>
    </table>
  );
}

function VoteLine({ dispute, consensus, shown, onShown, index }: Props & { readonly index: number }) {
  const { guideline } = useVisit().session.workbench;
  const read = consensus.reads[index];
  if (read === undefined) return null;
  const vote = dispute.votes.find((each) => each.read === index);
  const said = guideline.byId.get(vote?.classId ?? "");
  const name = read.reader?.name ?? `Read ${read.label}`;
  const isHidden = shown.hidden.has(index);
  const toggle = () => {
    const hidden = new Set(shown.hidden);
    if (!hidden.delete(index)) hidden.add(index);
    onShown({ ...shown, hidden });
  };
  return (
    <tr className="border-b last:border-0">
      <td className="py-1">
        <span className="flex items-center gap-2">
          <Swatch colour={readColour(index)} className="rounded-full" />
          {name}
          {read.mine ? <span className="text-faint text-xs">yours</span> : null}
        </span>
      </td>
      <td className="py-1 text-right">
        {said === undefined ? <SaidNothing waits={vote?.waits ?? false} /> : said.name}
      </td>
      <td className="w-16 py-1 text-right">
        <span className="inline-flex items-center">
          <SendBack layerId={read.layerId} ids={vote?.annotationIds ?? []} />
          <Button
            variant="ghost"
            size="icon"
            aria-label={isHidden ? `Show ${name}` : `Hide ${name}`}
            aria-pressed={isHidden}
            onClick={toggle}
          >
            {isHidden ? <EyeOff /> : <Eye />}
          </Button>
        </span>
      </td>
    </tr>
  );
}

/** The outlines behind a vote can be sent back as rework; offered to those who may. */
function SendBack({ layerId, ids }: { readonly layerId: string; readonly ids: readonly string[] }) {
  const layer = useVisit().session.workbench.scene.layer(layerId);
  const selected = ids.flatMap((id) => {
    const annotation = layer?.shapes.get(annotationId.parse(id))?.annotation;
    return annotation === undefined ? [] : [{ layerId, annotation }];
  });
  return selected.length === 0 ? null : <ReworkButton selected={selected} />;
}
