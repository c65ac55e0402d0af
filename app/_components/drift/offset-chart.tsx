"use client";

import { Ruler } from "lucide-react";
import { useState } from "react";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import type { Drift, DriftEstimate } from "#client/answers.ts";
import { limitsText, offsetText, offsetWord } from "./drift-words.ts";

/** Name, line and number: side by side where the line keeps a width at which its ends can be labelled. */
const COLUMNS = "md:grid-cols-[8rem_minmax(12rem,1fr)_9rem] xl:grid-cols-[11rem_minmax(0,1fr)_15rem]";
const ALL = "all";
/** Per cent of the width from the middle to the largest offset. */
const HALF = 47;
/** Px from the upper edge. */
const MIDDLE = 14;

/** Loose or tight: how far each reader's outlines lie outside of the consensus, or inside. */
export function OffsetChart({ drift }: { readonly drift: Drift }) {
  const [chosen, setChosen] = useState(ALL);
  const used = new Set(drift.offsets.flatMap(({ classes }) => classes.map(({ classId }) => classId)));
  const classes = drift.classes.filter(({ id }) => used.has(id));
  const lines = drift.readers.flatMap((reader) => {
    const own = drift.offsets.find(({ readerId }) => readerId === reader.id);
    const offset = chosen === ALL ? own?.overall : own?.classes.find(({ classId }) => classId === chosen)?.offset;
    return offset === undefined ? [] : [{ reader, offset }];
  });
  const reach = reachOf(lines.map(({ offset }) => offset));
  return (
    <Card
      title="Loose or tight"
      description="Mean distance of a reader's outlines from the consensus: right of the line they are drawn too far outside, left of it too far inside."
      actions={
        lines.length === 0 && classes.length === 0 ? undefined : (
          <Select
            aria-label="Class"
            value={chosen}
            onValueChange={setChosen}
            options={[
              { value: ALL, label: "All classes" },
              ...classes.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            className="w-44"
          />
        )
      }
    >
      {lines.length === 0 ? (
        <EmptyState icon={Ruler} title="Nothing to measure yet">
          An offset needs a slide with a known scale that at least two readers have handed in, in a round that is not
          blind any more.
        </EmptyState>
      ) : (
        <>
          <ul className="flex flex-col divide-y divide-line" data-testid="offsets">
            {lines.map(({ reader, offset }) => (
              <li key={reader.id} className={`grid items-center gap-x-4 py-1.5 ${COLUMNS}`}>
                <PersonName name={reader.name} colour={reader.colour} />
                <OffsetLine offset={offset} reach={reach} name={reader.name} />
                <OffsetNumber offset={offset} />
              </li>
            ))}
          </ul>
          <div className={`mt-1 hidden gap-x-4 text-faint text-xs md:grid ${COLUMNS}`}>
            <span className="col-start-2 flex justify-between gap-2 whitespace-nowrap px-2">
              <span>tight, −{reach} µm</span>
              <span className="hidden xl:inline">on the line</span>
              <span>loose, +{reach} µm</span>
            </span>
          </div>
          <p className="mt-3 text-faint text-xs">
            Borders farther than 25 µm from the consensus are left out: there one of them outlined something else. A
            reader's own vote counts in the consensus, so the true offset is somewhat larger.
          </p>
        </>
      )}
    </Card>
  );
}

function OffsetNumber({ offset }: { readonly offset: DriftEstimate }) {
  if (!offset.value.defined) return <span className="text-faint text-xs">{offset.value.reason}</span>;
  const { value } = offset.value;
  return (
    <span className="text-sm">
      <strong className="tabular font-semibold">{offsetText(value)}</strong>{" "}
      <span className="text-muted">{offsetWord(value)}</span>
      <span className="tabular block text-faint text-xs">{limitsText(offset, offsetText)}</span>
    </span>
  );
}

function OffsetLine(props: { readonly offset: DriftEstimate; readonly reach: number; readonly name: string }) {
  const { offset, reach, name } = props;
  const x = (um: number) => `${50 + (Math.max(-reach, Math.min(reach, um)) / reach) * HALF}%`;
  const text = offset.value.defined ? offsetText(offset.value.value) : offset.value.reason;
  return (
    <svg role="img" aria-label={`Outlines of ${name}: ${text}`} className="h-7 w-full">
      <line x1={x(-reach)} x2={x(reach)} y1={MIDDLE} y2={MIDDLE} className="stroke-line" strokeWidth={1} />
      <line x1="50%" x2="50%" y1={3} y2={2 * MIDDLE - 3} className="stroke-line-strong" strokeWidth={1.5} />
      {offset.limits.defined ? (
        <line
          x1={x(offset.limits.low)}
          x2={x(offset.limits.high)}
          y1={MIDDLE}
          y2={MIDDLE}
          className="stroke-accent"
          strokeWidth={6}
          strokeOpacity={0.3}
        />
      ) : null}
      {offset.value.defined ? (
        <>
          <line x1="50%" x2={x(offset.value.value)} y1={MIDDLE} y2={MIDDLE} className="stroke-accent" strokeWidth={2} />
          <circle cx={x(offset.value.value)} cy={MIDDLE} r={5} className="fill-accent" />
        </>
      ) : null}
    </svg>
  );
}

/** A round number of um that all offsets and their intervals fit into. */
function reachOf(offsets: readonly DriftEstimate[]): number {
  const sizes = offsets.flatMap(({ value, limits }) => [
    ...(value.defined ? [Math.abs(value.value)] : []),
    ...(limits.defined ? [Math.abs(limits.low), Math.abs(limits.high)] : []),
  ]);
  const most = Math.max(1, ...sizes);
  return [2, 5, 10, 15, 20, 25].find((step) => most <= step) ?? 25;
}
