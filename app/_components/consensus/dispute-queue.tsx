"use client";

import { ArrowRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { type RefObject, useEffect, useRef } from "react";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { area, count, plural } from "#app/_lib/format.ts";
import type { QueuedDispute, QueueView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { DISPUTE_WORDS, METHOD_WORDS } from "./measure-words.ts";
import { placeInQueue, type QueueAsk } from "./queue-link.ts";
import { ReaderName } from "./reader-heatmap.tsx";

type Props = {
  readonly projectId: string;
  readonly queue: QueueView;
  readonly classes: readonly ClassDefinition[];
  readonly ask: QueueAsk;
};

/** The worst first; J, K and the arrows walk, Enter goes to the place on the slide. */
export function DisputeQueue({ projectId, queue, classes, ask }: Props) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const placeOf = (dispute: QueuedDispute) => placeInQueue(projectId, ask, dispute);
  useRowKeys(body);
  const [first] = queue.items;
  return (
    <Card
      title={plural(queue.total, "dispute")}
      description="The worst first: by area, by how rare the rarest class named is, and by how divided the readers are"
      actions={
        first === undefined ? null : (
          <Button variant="primary" size="sm" className="h-8" onClick={() => router.push(placeOf(first))}>
            Begin with the worst <ArrowRight aria-hidden />
          </Button>
        )
      }
      flush
    >
      <div className="scroll-thin overflow-x-auto">
        <Table>
          <TableHead>
            <tr>
              <HeadCell>What</HeadCell>
              <HeadCell>Slide</HeadCell>
              <HeadCell className="text-right">Area</HeadCell>
              {queue.readers.map((reader) => (
                <HeadCell key={reader.label} className="text-ink">
                  <ReaderName reader={reader} withName />
                </HeadCell>
              ))}
              <HeadCell>State</HeadCell>
              <HeadCell>
                <span className="sr-only">Actions</span>
              </HeadCell>
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
              />
            ))}
          </TableBody>
        </Table>
      </div>
    </Card>
  );
}

/** J, K and the arrows move from row to row, wherever on the page one is. */
function useRowKeys(body: RefObject<HTMLTableSectionElement | null>): void {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
      const onControl =
        event.target instanceof Element && event.target.closest("[role=combobox],[role=listbox],input") !== null;
      if (step === undefined || onControl || event.metaKey || event.ctrlKey || event.altKey) return;
      const links = [...(body.current?.querySelectorAll("a") ?? [])];
      const active = document.activeElement;
      const at = active instanceof HTMLAnchorElement ? links.indexOf(active) : -1;
      links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
      event.preventDefault();
    };
    document.addEventListener("keydown", walk);
    return () => document.removeEventListener("keydown", walk);
  }, [body]);
}

function QueueLine(props: {
  readonly dispute: QueuedDispute;
  readonly readers: number;
  readonly classes: readonly ClassDefinition[];
  readonly href: string;
}) {
  const { dispute, classes } = props;
  return (
    <Row>
      <Cell className="whitespace-nowrap first-letter:uppercase">{DISPUTE_WORDS[dispute.kind]}</Cell>
      <Cell className="max-w-48 truncate">{dispute.slideName}</Cell>
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
        <State dispute={dispute} />
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

function Vote(props: {
  readonly vote: QueuedDispute["votes"][number] | undefined;
  readonly classes: Props["classes"];
}) {
  const { vote, classes } = props;
  if (vote === undefined) return <span className="text-faint text-xs">has not read it</span>;
  if (vote.classId === null) return <span className="text-faint">did not mark</span>;
  const definition = classes.find((each) => each.id === vote.classId);
  return <ClassName name={definition?.name ?? vote.classId} colour={definition?.colour ?? "#888888"} />;
}

function State({ dispute }: { readonly dispute: QueuedDispute }) {
  if (dispute.decided?.outOfDate === true) return <Badge tone="warn">out of date</Badge>;
  if (dispute.decided !== null) return <Badge tone="good">{METHOD_WORDS[dispute.decided.method]}</Badge>;
  return dispute.settled ? <Badge tone="neutral">by majority</Badge> : <Badge tone="outline">waiting</Badge>;
}
