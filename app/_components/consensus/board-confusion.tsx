"use client";

import Link from "next/link";
import { useState } from "react";
import { Card } from "#app/_components/ui/card.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { area, count, percent } from "#app/_lib/format.ts";
import type { BoardBasis, BoardView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { heat } from "./heat.ts";
import { queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly round: string | undefined;
};
type Axis = { readonly index: number; readonly id: string; readonly name: string; readonly colour: string | null };
type Chosen = {
  readonly label: string;
  readonly cells: readonly (readonly number[])[];
  readonly a?: number;
  readonly b?: number;
};

/** What one reader called it against what another did, or against the consensus; a cell leads to where that happened. */
export function BoardConfusion(props: Props) {
  const { board } = props;
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
      <ConfusionTable {...props} basis={found.basis} chosen={found.chosen} />
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
    { label: "All pairs of readers", cells: mean },
    ...basis.confusions.map(({ a, b, cells }) => ({ label: `${name(a)} against ${name(b)}`, cells, a, b })),
    ...basis.againstConsensus.map((cells, reader) => ({ label: `Consensus against ${name(reader)}`, cells })),
  ];
}

function ConfusionTable(props: Props & { readonly basis: BoardBasis; readonly chosen: Chosen }) {
  const { classes, basis, chosen } = props;
  const axes: Axis[] = [
    { index: 0, id: "none", name: "not marked", colour: null },
    ...basis.classIds.map((id, place) => {
      const definition = classes.find((each) => each.id === id);
      return { index: place + 1, id, name: definition?.name ?? id, colour: definition?.colour ?? "#888888" };
    }),
  ].filter(
    ({ index }) =>
      index === 0 ||
      (chosen.cells[index] ?? []).some((value) => value > 0) ||
      chosen.cells.some((row) => (row[index] ?? 0) > 0),
  );
  return (
    <div className="scroll-thin mt-4 overflow-x-auto">
      <table className="border-separate border-spacing-0.5 text-center text-xs" data-testid="board-confusion">
        <thead>
          <tr>
            <th>
              <span className="sr-only">Class</span>
            </th>
            {axes.map((column) => (
              <th key={column.id} scope="col" className="h-8 min-w-14 max-w-24 px-1 align-bottom font-medium">
                <span className="flex flex-col items-center gap-1">
                  {column.colour === null ? null : <Swatch colour={column.colour} />}
                  <span className="line-clamp-2 leading-3.5">{column.name}</span>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {axes.map((row) => (
            <ConfusionRow key={row.id} {...props} row={row} axes={axes} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ConfusionRow(
  props: Props & {
    readonly basis: BoardBasis;
    readonly chosen: Chosen;
    readonly row: Axis;
    readonly axes: readonly Axis[];
  },
) {
  const { basis, chosen, row, axes, projectId, round } = props;
  const line = chosen.cells[row.index] ?? [];
  const total = line.reduce((sum, value) => sum + value, 0);
  const size = (value: number) => (basis.basis === "regions" ? area(value) : `${count(value)} objects`);
  return (
    <tr>
      <th scope="row" className="max-w-44 pr-2 text-right font-medium">
        {row.colour === null ? row.name : <ClassName name={row.name} colour={row.colour} />}
      </th>
      {axes.map((column) => {
        const value = line[column.index] ?? 0;
        const share = total === 0 ? 0 : value / total;
        const text = value === 0 ? "·" : percent(share);
        const differs = row.index !== column.index && value > 0;
        const href = queuePath(projectId, { x: row.id, y: column.id, a: chosen.a, b: chosen.b, round });
        return (
          <td
            key={column.id}
            title={size(value)}
            className={`h-9 min-w-14 rounded tabular-nums ${row.index === column.index ? "font-semibold" : ""}`}
            style={heat(share)}
          >
            {differs ? (
              <Link
                prefetch={false}
                href={href}
                aria-label={`${row.name} against ${column.name}: ${text}`}
                className="flex size-full items-center justify-center rounded hover:outline hover:outline-2 hover:outline-accent"
              >
                {text}
              </Link>
            ) : (
              <span className={value === 0 ? "text-faint" : ""}>{text}</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
