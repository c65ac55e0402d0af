"use client";

import Link from "next/link";
import { useState } from "react";
import { Card } from "#app/_components/ui/card.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { BoardView, Estimate } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { heat } from "./heat.ts";
import { type BoardScope, queuePath } from "./queue-link.ts";
import { ReaderName } from "./reader-name.tsx";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly scope: BoardScope;
};
type Pair = { readonly a: number; readonly b: number };
/** All classes of one basis together. */
const TOGETHER = { regions: "All classes together", objects: "All objects together" } as const;
const isTogether = (classId: string) => Object.hasOwn(TOGETHER, classId);

const METRICS = [
  { value: "cohen", label: "Cohen κ", unit: "share" },
  { value: "cohenWeighted", label: "Cohen κ, weighted by class order", unit: "share" },
  { value: "dice", label: "Dice", unit: "share" },
  { value: "iou", label: "IoU", unit: "share" },
  { value: "rq", label: "Detection F1 (IoU > 0.5)", unit: "share" },
  { value: "f1", label: "Detection F1, any class", unit: "share" },
  { value: "pq", label: "Panoptic quality", unit: "share" },
  { value: "sq", label: "Segmentation quality", unit: "share" },
  { value: "within", label: "Surface Dice at 5 µm", unit: "share" },
  { value: "hausdorff95Um", label: "Hausdorff 95, µm", unit: "um" },
  { value: "meanUm", label: "Mean surface distance, µm", unit: "um" },
] as const;
type Metric = (typeof METRICS)[number]["value"];

/** Of all classes together there are other numbers than of one class. */
function metricsFor(classId: string): readonly (typeof METRICS)[number][] {
  const together = ["cohen", "cohenWeighted", "f1"];
  return METRICS.filter(({ value }) =>
    isTogether(classId) ? together.includes(value) : value !== "cohenWeighted" && value !== "f1",
  );
}

function estimateOf(board: BoardView, classId: string, metric: Metric, { a, b }: Pair): Estimate | null {
  const isPair = (each: Pair) => (each.a === a && each.b === b) || (each.a === b && each.b === a);
  if (metric === "f1") return board.detection.find(isPair)?.f1 ?? null;
  if (metric === "cohenWeighted" || (isTogether(classId) && metric === "cohen")) {
    return board.bases.find(({ basis }) => basis === classId)?.overall.pairs.find(isPair)?.[metric] ?? null;
  }
  const pair = board.classes.find((each) => each.classId === classId)?.pairs.find(isPair);
  if (pair === undefined) return null;
  if (metric === "within" || metric === "hausdorff95Um" || metric === "meanUm") return pair.distances?.[metric] ?? null;
  return pair[metric];
}

/** Reader against reader; a cell leads to where the two differ. */
export function ReaderHeatmap({ projectId, board, classes, scope }: Props) {
  const [classId, setClassId] = useState<string>(board.bases[0]?.basis ?? "regions");
  const [chosen, setChosen] = useState<Metric>("cohen");
  const metrics = metricsFor(classId);
  const metric = metrics.find(({ value }) => value === chosen) ?? metrics[0];
  if (metric === undefined) return null;
  const ofClass = isTogether(classId) ? undefined : classId;
  return (
    <Card title="Reader against reader" description="A cell leads to the disputes between the two">
      <div className="flex flex-wrap gap-2">
        <Select
          aria-label="Class"
          className="w-auto"
          value={classId}
          onValueChange={setClassId}
          options={classOptions(board, classes)}
        />
        <Select
          aria-label="Measure"
          className="w-auto"
          value={metric.value}
          onValueChange={(value) => setChosen(metrics.find((each) => each.value === value)?.value ?? "cohen")}
          options={metrics.map(({ value, label }) => ({ value, label }))}
        />
      </div>
      <div className="scroll-thin scroll-more relative mt-4 overflow-x-auto">
        <table className="w-full border-separate border-spacing-1 text-center" data-testid="reader-heatmap">
          <thead>
            <tr>
              <th>
                <span className="sr-only">Reader</span>
              </th>
              {board.readers.map((reader) => (
                <th key={reader.label} scope="col" className="pb-1 font-medium text-xs">
                  <ReaderName reader={reader} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {board.readers.map((row, a) => (
              <tr key={row.label}>
                <th scope="row" className="w-24 max-w-36 pr-2 text-right font-medium text-xs">
                  <ReaderName reader={row} withName />
                </th>
                {board.readers.map((column, b) => (
                  <HeatCell
                    key={column.label}
                    estimate={a === b ? null : estimateOf(board, classId, metric.value, { a, b })}
                    unit={metric.unit}
                    href={queuePath(projectId, { a: Math.min(a, b), b: Math.max(a, b), class: ofClass, ...scope })}
                    isSelf={a === b}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function classOptions(board: BoardView, classes: Props["classes"]) {
  const named = board.classes.map(({ classId }) => {
    const definition = classes.find((each) => each.id === classId);
    return {
      value: classId,
      label: definition?.name ?? classId,
      icon: <Swatch colour={definition?.colour ?? "#888888"} />,
    };
  });
  return [...board.bases.map(({ basis }) => ({ value: basis, label: TOGETHER[basis] })), ...named];
}

/** So far apart two outlines are as different as the darkest cell says. */
const FAR_UM = 50;

function HeatCell(props: {
  readonly estimate: Estimate | null;
  readonly unit: "share" | "um";
  readonly href: string;
  readonly isSelf: boolean;
}) {
  const { estimate, unit, isSelf } = props;
  if (isSelf) return <td className="h-14 min-w-16 rounded-md bg-sunken" />;
  if (estimate?.value.defined !== true) {
    const why = estimate?.value.defined === false ? estimate.value.reason : "not measured";
    return <td className="h-14 min-w-16 rounded-md border border-dashed px-1 text-2xs text-faint">{why}</td>;
  }
  const { value } = estimate.value;
  const { limits } = estimate;
  const digits = unit === "um" ? 1 : 2;
  return (
    <td className="h-14 min-w-16 rounded-md" style={heat(unit === "um" ? 1 - value / FAR_UM : value)}>
      <Link
        prefetch={false}
        href={props.href}
        className="flex size-full flex-col items-center justify-center rounded-md hover:outline hover:outline-2 hover:outline-accent"
      >
        <span className="font-semibold text-sm tabular-nums">{value.toFixed(digits)}</span>
        <span className="text-2xs tabular-nums" title={limits.defined ? undefined : `No interval: ${limits.reason}`}>
          {limits.defined ? `${limits.low.toFixed(digits)} – ${limits.high.toFixed(digits)}` : "–"}
        </span>
      </Link>
    </td>
  );
}
