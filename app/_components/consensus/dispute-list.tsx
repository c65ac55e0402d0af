"use client";

import { ArrowRight, CircleCheck } from "lucide-react";
import { useState } from "react";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { area, count, plural } from "#app/_lib/format.ts";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { DISPUTE_WORDS, METHOD_WORDS } from "./measure-words.ts";
import { differsFrom } from "./record.ts";

type Props = {
  readonly projectId: string;
  readonly consensus: ConsensusView;
  readonly classes: readonly ClassDefinition[];
};

const VIEWS = [
  { value: "waiting", label: "To settle" },
  { value: "all", label: "All" },
] as const;
/** Offered to whoever read the slide. */
const DIFFERS = { value: "differs", label: "Record differs from mine" } as const;
type View = "waiting" | "all" | "differs";
/** The worst are shown; the rest comes on demand. */
const FIRST_SHOWN = 50;

/** Where the reads differ, the worst first; each leads to its place on the slide. */
export function DisputeList({ projectId, consensus, classes }: Props) {
  const [view, setView] = useState<View>("waiting");
  const [shownCount, setShownCount] = useState(FIRST_SHOWN);
  const waiting = consensus.disputes.filter((dispute) => !dispute.settled);
  const mine = consensus.reads.findIndex((read) => read.mine);
  const listed = consensus.disputes.filter(
    (dispute) => view === "all" || (view === "waiting" ? !dispute.settled : differsFrom(dispute, mine)),
  );
  const [first] = waiting;
  const placeOf = (dispute: Dispute) =>
    viewerPath(projectId, consensus.slide.id, { round: consensus.roundId, dispute: dispute.key });
  return (
    <Card
      title="Disputes"
      description={`${plural(waiting.length, "waits", "wait")} for a decision, of ${count(consensus.disputes.length)}; the worst first`}
      actions={
        <>
          <Segmented
            label="Disputes shown"
            value={view}
            onValueChange={setView}
            options={mine < 0 ? VIEWS : [...VIEWS, DIFFERS]}
          />
          {first === undefined ? null : (
            <Button asChild variant="primary" size="sm" className="h-8">
              <ViewerLink href={placeOf(first)}>
                Settle the first <ArrowRight aria-hidden />
              </ViewerLink>
            </Button>
          )}
        </>
      }
      flush
    >
      {listed.length === 0 ? (
        <EmptyState icon={CircleCheck} title="Nothing to settle">
          {consensus.disputes.length === 0
            ? "The reads agree within the smallest dispute that the guideline sets."
            : "Every dispute of this slide is decided."}
        </EmptyState>
      ) : (
        <Table>
          <TableHead>
            <tr>
              <HeadCell className="w-12 text-right">No.</HeadCell>
              <HeadCell>What</HeadCell>
              <HeadCell className="text-right">Area</HeadCell>
              {consensus.reads.map((read) => (
                <HeadCell key={read.layerId} className="text-ink">
                  {read.reader?.name ?? `Read ${read.label}`}
                </HeadCell>
              ))}
              <HeadCell>Majority</HeadCell>
              <HeadCell>Decision</HeadCell>
              <HeadCell>
                <span className="sr-only">Actions</span>
              </HeadCell>
            </tr>
          </TableHead>
          <TableBody>
            {listed.slice(0, shownCount).map((dispute, index) => (
              <DisputeLine
                key={dispute.key}
                dispute={dispute}
                number={index + 1}
                consensus={consensus}
                classes={classes}
                href={placeOf(dispute)}
              />
            ))}
          </TableBody>
        </Table>
      )}
      {listed.length > shownCount ? (
        <div className="border-t p-2 text-center">
          <Button variant="ghost" size="sm" onClick={() => setShownCount(listed.length)}>
            Show {count(listed.length - shownCount)} more
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function DisputeLine(props: {
  readonly dispute: Dispute;
  readonly number: number;
  readonly consensus: ConsensusView;
  readonly classes: readonly ClassDefinition[];
  readonly href: string;
}) {
  const { dispute, classes } = props;
  return (
    <Row>
      <Cell className="text-right text-faint">{props.number}</Cell>
      <Cell>{DISPUTE_WORDS[dispute.kind]}</Cell>
      <Cell className="whitespace-nowrap text-right">
        {dispute.areaUm2 === null ? `${count(dispute.areaPx)} px²` : area(dispute.areaUm2)}
      </Cell>
      {props.consensus.reads.map((read, index) => (
        <Cell key={read.layerId} className="max-w-44">
          <Vote classId={dispute.votes.find((vote) => vote.read === index)?.classId ?? null} classes={classes} />
        </Cell>
      ))}
      <Cell className="max-w-44">
        {dispute.verdict === "tie" || dispute.verdict === "no-consensus" ? (
          <span className="text-faint">none</span>
        ) : (
          <Vote classId={dispute.majority} classes={classes} />
        )}
      </Cell>
      <Cell>
        <DecisionState dispute={dispute} />
      </Cell>
      <Cell className="text-right">
        <Button asChild size="sm">
          <ViewerLink href={props.href}>
            {dispute.settled ? "Look" : "Settle"} <ArrowRight aria-hidden />
          </ViewerLink>
        </Button>
      </Cell>
    </Row>
  );
}

function Vote({ classId, classes }: { readonly classId: string | null; readonly classes: readonly ClassDefinition[] }) {
  if (classId === null) return <span className="text-faint">not marked</span>;
  const definition = classes.find((each) => each.id === classId);
  return <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#888888"} />;
}

function DecisionState({ dispute }: { readonly dispute: Dispute }) {
  const { decision } = dispute;
  if (decision?.outOfDate) return <Badge tone="warn">out of date</Badge>;
  if (decision !== null) {
    return (
      <span title={`${decision.person.name}${decision.note === "" ? "" : `: ${decision.note}`}`}>
        <Badge tone="good">{METHOD_WORDS[decision.method]}</Badge>
      </span>
    );
  }
  return dispute.settled ? <Badge tone="neutral">by majority</Badge> : <Badge tone="outline">waiting</Badge>;
}
