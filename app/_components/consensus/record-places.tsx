"use client";

import { ArrowRight, CircleCheck } from "lucide-react";
import { useRef } from "react";
import { SlideCrop } from "#app/_components/guideline/slide-crop.tsx";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { REASON_WORDS } from "#app/_components/viewer/reason-words.ts";
import { area, count } from "#app/_lib/format.ts";
import type { RecordDifference, RecordDifferences } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { DISPUTE_WORDS, METHOD_WORDS } from "./measure-words.ts";
import { placeInQueue } from "./queue-link.ts";
import { SaidClass } from "./said-class.tsx";
import { useRowKeys } from "./use-row-keys.ts";

type Props = {
  readonly projectId: string;
  readonly found: RecordDifferences;
  readonly classes: readonly ClassDefinition[];
  readonly who: string;
};

/** Place by place what a reader said and what the record says; J, K and the arrows walk, Enter goes to the slide. */
export function RecordPlaces({ projectId, found, classes, who }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list);
  const ask = { round: found.round.id, differs: found.reader.id };
  return (
    <Card
      title="Place by place"
      description="The worst first. J and K walk through the places, Enter opens one on the slide"
      flush
    >
      {found.items.length === 0 ? (
        <EmptyState icon={CircleCheck} title="Nothing differs">
          {found.undecided === 0
            ? "The record says what was read, in every disputed place."
            : "Where the record says something it agrees. Other places are still to be decided."}
        </EmptyState>
      ) : (
        <ul ref={list} className="divide-y" data-testid="record-places">
          {found.items.map((item) => (
            <li key={`${item.slide.id}/${item.key}`}>
              <ViewerLink
                data-row
                href={placeInQueue(projectId, ask, { key: item.key, slideId: item.slide.id, roundId: found.round.id })}
                className="flex items-center gap-4 px-4 py-3 hover:bg-hover focus-visible:bg-hover focus-visible:outline-offset-[-2px]"
              >
                <SlideCrop
                  slide={item.slide}
                  box={item.box}
                  label={`Place on ${item.slide.name}`}
                  className="size-20 shrink-0"
                />
                <Place item={item} classes={classes} who={who} />
              </ViewerLink>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Place(props: {
  readonly item: RecordDifference;
  readonly classes: readonly ClassDefinition[];
  readonly who: string;
}) {
  const { item, classes, who } = props;
  const { decision } = item;
  return (
    <span className="flex min-w-0 flex-1 flex-col gap-1">
      <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        <span className="text-faint text-xs">{who}</span>
        <SaidClass classId={item.read} classes={classes} waits={item.waits} />
        <ArrowRight className="size-3.5 shrink-0 text-faint" aria-label="and" />
        <span className="text-faint text-xs">the record</span>
        <span className="font-medium">
          <SaidClass classId={item.record} classes={classes} nothing="nothing to mark" />
        </span>
      </span>
      {decision?.note === undefined || decision.note === "" ? null : (
        <span className="line-clamp-2 text-muted">“{decision.note}”</span>
      )}
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-faint text-xs">
        {decision === null ? (
          <Badge tone="neutral">by the votes of the readers</Badge>
        ) : (
          <>
            <Badge>{REASON_WORDS[decision.reason]}</Badge>
            <span>
              {METHOD_WORDS[decision.method]}, <Time at={decision.at} />
            </span>
          </>
        )}
        <span>{DISPUTE_WORDS[item.kind]}</span>
        <span>{item.areaUm2 === null ? `${count(item.areaPx)} px²` : area(item.areaUm2)}</span>
        <span className="truncate">{item.slide.name}</span>
      </span>
    </span>
  );
}
