"use client";

import { useState } from "react";
import { Card } from "#app/_components/ui/card.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { area, count } from "#app/_lib/format.ts";
import type { BoardBasis, BoardView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { ConfusionTable } from "./confusion-table.tsx";
import { type BoardScope, type QueueAsk, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly scope: BoardScope;
};
type Chosen = {
  readonly label: string;
  readonly cells: readonly (readonly number[])[];
  /** Whose disputes are behind a cell. */
  readonly ask: QueueAsk;
};

/** What one reader called it against what another did, or against the consensus; a cell leads to where that happened. */
export function BoardConfusion(props: Props) {
  const { board, projectId, classes, scope } = props;
  const [at, setAt] = useState("0");
  const choices = board.bases.flatMap((basis, place) =>
    chosenOf(board, basis).map((chosen, index) => ({ value: `${place}-${index}`, basis, chosen })),
  );
  const found = choices.find(({ value }) => value === at) ?? choices[0];
  if (found === undefined) return null;
  const several = board.bases.length > 1;
  const unit = (basis: BoardBasis) => (several ? ` · ${basis.basis === "regions" ? "by area" : "by object"}` : "");
  return (
    <Card
      title="Confusion"
      description="Of what the row says, the share that the column says. A cell leads to where that happened"
    >
      <Select
        aria-label="Between"
        className="w-auto max-w-full"
        value={found.value}
        onValueChange={setAt}
        options={choices.map(({ value, basis, chosen }) => ({ value, label: `${chosen.label}${unit(basis)}` }))}
      />
      <div className="mt-4">
        <ConfusionTable
          classIds={found.basis.classIds}
          cells={found.chosen.cells}
          classes={classes}
          sizeText={(value) => (found.basis.basis === "regions" ? area(value) : `${count(value)} objects`)}
          hrefOf={(x, y) => queuePath(projectId, { ...found.chosen.ask, x, y, ...scope })}
        />
      </div>
    </Card>
  );
}

function chosenOf(board: BoardView, basis: BoardBasis): Chosen[] {
  const name = (index: number) => {
    const reader = board.readers[index];
    return reader?.reader?.name ?? `Reader ${reader?.label ?? index + 1}`;
  };
  const size = basis.classIds.length + 1;
  const mean = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) =>
      basis.confusions.reduce((sum, { cells }) => sum + (cells[i]?.[j] ?? 0) + (cells[j]?.[i] ?? 0), 0),
    ),
  );
  return [
    { label: "All pairs of readers", cells: mean, ask: {} },
    ...basis.confusions.map(({ a, b, cells }) => ({ label: `${name(a)} against ${name(b)}`, cells, ask: { a, b } })),
    ...basis.againstConsensus.map((cells, b) => ({
      label: `Consensus against ${name(b)}`,
      cells,
      ask: { b, state: "all" as const },
    })),
  ];
}
