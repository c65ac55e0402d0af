"use client";

import { Plus, Trash2 } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { type AgreementMetric, agreementMetricSchema } from "#domain/guideline/rules.ts";
import type { StudyRules } from "#domain/guideline.ts";

type Thresholds = StudyRules["thresholds"];

const METRICS: Readonly<Record<AgreementMetric, string>> = {
  dice: "Dice",
  iou: "IoU",
  kappa: "Cohen's κ",
  fleiss: "Fleiss' κ",
  alpha: "Krippendorff's α",
  ac1: "Gwet's AC1",
  "detection-f1": "Detection F1",
};

/** Agreement that is aimed at; each measure once. */
export function ThresholdsEditor(props: {
  readonly thresholds: Thresholds;
  readonly onChange: (thresholds: Thresholds) => void;
}) {
  const { thresholds } = props;
  const free = agreementMetricSchema.options.filter((metric) => thresholds.every((each) => each.metric !== metric));
  const [next] = free;
  const change = (metric: AgreementMetric, part: Partial<Thresholds[number]>) =>
    props.onChange(thresholds.map((each) => (each.metric === metric ? { ...each, ...part } : each)));
  return (
    <div>
      <p className="mb-1.5 font-medium text-xs">Agreement aimed at</p>
      <ul className="flex flex-col gap-2">
        {thresholds.map(({ metric, min }) => (
          <li key={metric} className="flex items-center gap-2">
            <Select
              aria-label="Measure"
              className="w-44"
              value={metric}
              onValueChange={(value) => change(metric, { metric: agreementMetricSchema.parse(value) })}
              options={[metric, ...free].map((each) => ({ value: each, label: METRICS[each] }))}
            />
            <span className="text-muted">at least</span>
            <Input
              type="number"
              step="0.01"
              min={-1}
              max={1}
              className="w-24"
              aria-label={`Least ${METRICS[metric]}`}
              value={min}
              onChange={(event) => {
                const value = Number(event.target.value);
                if (Number.isFinite(value)) change(metric, { min: Math.max(-1, Math.min(1, value)) });
              }}
            />
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Aim at no ${METRICS[metric]}`}
              onClick={() => props.onChange(thresholds.filter((each) => each.metric !== metric))}
            >
              <Trash2 />
            </Button>
          </li>
        ))}
      </ul>
      {next === undefined ? null : (
        <Button
          variant="ghost"
          size="sm"
          className="mt-1"
          onClick={() => props.onChange([...thresholds, { metric: next, min: 0.7 }])}
        >
          <Plus aria-hidden /> Add a measure
        </Button>
      )}
    </div>
  );
}
