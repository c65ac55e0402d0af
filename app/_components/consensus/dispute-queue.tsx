"use client";

import { ArrowRight, CircleCheck } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import {
  ActionsCell,
  ActionsHead,
  Cell,
  HeadCell,
  Row,
  Table,
  TableBody,
  TableHead,
} from "#app/_components/ui/table.tsx";
import { area, count, plural } from "#app/_lib/format.ts";
import type { QueuedDispute, QueueView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { DISPUTE_WORDS, METHOD_WORDS } from "./measure-words.ts";
import { placeInQueue, type QueueAsk } from "./queue-link.ts";
import { ReaderName } from "./reader-name.tsx";
import { SaidClass } from "./said-class.tsx";
import { useRowKeys } from "./use-row-keys.ts";

type Props = {
  readonly projectId: string;
  readonly queue: QueueView;
  readonly classes: readonly ClassDefinition[];
  readonly ask: QueueAsk;
  /** Beside the button that begins: what else may be shown. */
  readonly actions?: ReactNode;
};

/** The worst first; J, K and the arrows walk, Enter goes to the place on the slide. */
export function DisputeQueue({ projectId, queue, classes, ask, actions }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const placeOf = (dispute: QueuedDispute) => placeInQueue(projectId, ask, dispute);
  useRowKeys(body);
  const [first] = queue.items;
  return (
    <Card
      title={plural(queue.total, "dispute")}
      description="The worst first: by area, by how rare the rarest class named is, and by how divided the readers are"
      actions={
        <>
          {actions}
          {first === undefined ? null : (
            <Button asChild variant="primary" size="sm" className="h-8">
              <ViewerLink href={placeOf(first)}>
                Begin with the worst <ArrowRight aria-hidden />
              </ViewerLink>
            </Button>
          )}
        </>
      }
      flush
    >
      {queue.items.length === 0 ? (
        <EmptyState icon={CircleCheck} title="Nothing to settle">
          No dispute is left here. What was settled shows with "All".
        </EmptyState>
      ) : (
        <Table>
          <TableHead>
            <tr>
              <HeadCell>What</HeadCell>
              {ask.slide === undefined ? <HeadCell>Slide</HeadCell> : null}
              <HeadCell className="text-right">Area</HeadCell>
              {queue.readers.map((reader) => (
                <HeadCell key={reader.label} className="text-ink">
                  <ReaderName reader={reader} withName />
                </HeadCell>
              ))}
              <HeadCell>State</HeadCell>
              <ActionsHead />
            </tr>
          </TableHead>
          <TableBody ref={body}>
            {queue.items.map((dispute) => (
              <QueueLine
                key={`${dispute.roundId}/${dispute.key}`}
                dispute={dispute}
                readers={queue.readers.length}
                classes={classes}
                href={placeOf(dispute)}
                withSlide={ask.slide === undefined}
                others={queue.others.filter(
                  (each) => each.disputeKey === dispute.key && each.slideId === dispute.slideId,
                )}
              />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

function QueueLine(props: {
  readonly dispute: QueuedDispute;
  readonly readers: number;
  readonly classes: readonly ClassDefinition[];
  readonly href: string;
  readonly withSlide: boolean;
  readonly others: QueueView["others"];
}) {
  const { dispute, classes, others } = props;
  return (
    <Row>
      <Cell className="whitespace-nowrap">
        {/* Where the row is wider than the screen its button is out of sight. From the keyboard the button is enough. */}
        <ViewerLink href={props.href} tabIndex={-1} className="block first-letter:uppercase hover:underline">
          {DISPUTE_WORDS[dispute.kind]}
        </ViewerLink>
      </Cell>
      {props.withSlide ? <Cell className="max-w-48 truncate">{dispute.slideName}</Cell> : null}
      <Cell className="whitespace-nowrap text-right">
        {dispute.areaUm2 === null ? `${count(dispute.areaPx)} px²` : area(dispute.areaUm2)}
      </Cell>
      {Array.from({ length: props.readers }, (_, reader) => {
        const vote = dispute.votes.find((each) => each.reader === reader);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: reason: a reader has no other name here than the place.
          <Cell key={reader} className="max-w-44">
            <Vote vote={vote} classes={classes} />
          </Cell>
        );
      })}
      <Cell>
        <span className="flex items-center gap-2">
          <State dispute={dispute} />
          {others.map(({ person }) => (
            <span key={person.id} title={`${person.name} is at this dispute`} data-testid="at-dispute">
              <Avatar name={person.name} colour={person.colour} size="sm" />
              <span className="sr-only">{person.name} is at this dispute</span>
            </span>
          ))}
        </span>
      </Cell>
      <ActionsCell>
        <Button asChild size="sm">
          <ViewerLink href={props.href} data-row>
            {dispute.settled ? "Look" : "Settle"} <ArrowRight aria-hidden />
          </ViewerLink>
        </Button>
      </ActionsCell>
    </Row>
  );
}

function Vote(props: {
  readonly vote: QueuedDispute["votes"][number] | undefined;
  readonly classes: Props["classes"];
}) {
  const { vote, classes } = props;
  if (vote === undefined) return <span className="text-faint text-xs">has not read it</span>;
  return <SaidClass classId={vote.classId} classes={classes} waits={vote.waits} />;
}

function State({ dispute }: { readonly dispute: QueuedDispute }) {
  if (dispute.decided?.outOfDate === true) return <Badge tone="warn">out of date</Badge>;
  if (dispute.decided !== null) return <Badge tone="good">{METHOD_WORDS[dispute.decided.method]}</Badge>;
  return dispute.settled ? <Badge tone="neutral">by majority</Badge> : <Badge tone="outline">waiting</Badge>;
}
