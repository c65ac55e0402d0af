"use client";

import { TrendingUp } from "lucide-react";
import { useState } from "react";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { percent, plural } from "#app/_lib/format.ts";
import type { Drift } from "#client/answers.ts";
import { ReaderChanges } from "./reader-changes.tsx";
import { UseChart } from "./use-chart.tsx";
import { type ChartMode, changeSentences, chartPoints, lastingChanges } from "./use-series.ts";

const FEWEST = 5;

/** What one reader uses each class for, read by read. */
export function ClassUse({ drift }: { readonly drift: Drift }) {
  const [chosen, setChosen] = useState(() => lastingChanges(drift, "area")[0]?.readerId ?? drift.readers[0]?.id ?? "");
  const [mode, setMode] = useState<ChartMode>("slide");
  const [quantity, setQuantity] = useState<"area" | "count">("area");
  const use = drift.use.find(({ readerId }) => readerId === chosen);
  const nameOf = (readerId: string) => drift.readers.find(({ id }) => id === readerId)?.name ?? "A reader";
  const byId = new Map(drift.classes.map((each) => [each.id, each]));
  const charts = (use?.classes ?? []).flatMap((each) => {
    const definition = byId.get(each.classId);
    if (definition === undefined || use === undefined) return [];
    return [{ ...definition, points: chartPoints(use.reads, each[quantity], mode), series: each[quantity] }];
  });
  return (
    <Card
      title="Class use over time"
      description="How much of what a reader outlines is of each class. A ringed point is where a lasting change begins, against what the others say on the same slides."
      actions={
        use === undefined ? undefined : (
          <>
            <Select
              aria-label="Reader"
              value={chosen}
              onValueChange={setChosen}
              options={drift.readers.map(({ id, name }) => ({ value: id, label: name }))}
              className="w-44"
            />
            <Segmented
              label="Measured by"
              value={quantity}
              onValueChange={setQuantity}
              options={[
                { value: "area", label: "Area" },
                { value: "count", label: "Count" },
              ]}
            />
            <Segmented
              label="Points"
              value={mode}
              onValueChange={setMode}
              options={[
                { value: "slide", label: "By slide" },
                { value: "week", label: "By week" },
              ]}
            />
          </>
        )
      }
    >
      {use === undefined ? (
        <EmptyState icon={TrendingUp} title="No submitted reads yet">
          As soon as somebody has handed in a read, what they outlined shows here.
        </EmptyState>
      ) : (
        <>
          <ReaderChanges
            changes={lastingChanges(drift, quantity)}
            chosen={chosen}
            nameOf={nameOf}
            onChoose={setChosen}
          />
          <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-1 text-muted text-xs">
            <p>
              {plural(use.reads.length, "read")} of {nameOf(chosen)}, in the order in which they were handed in.
              {use.reads.length < FEWEST ? ` With fewer than ${FEWEST} no change can be told.` : ""}
            </p>
            <Legend />
          </div>
          <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3" data-testid="class-use">
            {charts.map(({ id, name, colour, points }) => {
              const sentences = changeSentences(points, name);
              return (
                <li key={id} className="rounded-md border p-3" data-changes={sentences.length}>
                  <div className="mb-1 flex items-baseline justify-between gap-2">
                    <ClassName name={name} colour={colour} className="font-medium text-sm" />
                    <span className="tabular text-muted text-xs">last {percent(points.at(-1)?.share ?? 0)}</span>
                  </div>
                  <UseChart name={name} colour={colour} points={points} />
                  {sentences.length === 0 ? (
                    <p className="mt-1 text-faint text-xs">
                      {use.reads.length < FEWEST ? "Too few reads to tell a change." : "No lasting change found."}
                    </p>
                  ) : (
                    sentences.map((sentence) => (
                      <p key={sentence} className="mt-1 text-warn-ink text-xs">
                        {sentence}
                      </p>
                    ))
                  )}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Card>
  );
}

function Legend() {
  return (
    <span className="inline-flex items-center gap-3">
      <span className="inline-flex items-center gap-1">
        <svg width="20" height="6" aria-hidden>
          <line x1="0" x2="20" y1="3" y2="3" className="stroke-ink" strokeWidth="2" />
        </svg>
        the reader
      </span>
      <span className="inline-flex items-center gap-1">
        <svg width="20" height="6" aria-hidden>
          <line x1="0" x2="20" y1="3" y2="3" className="stroke-faint" strokeWidth="1.5" strokeDasharray="4 3" />
        </svg>
        mean of the others on the same slide
      </span>
    </span>
  );
}
