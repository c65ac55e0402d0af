"use client";

import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import type { Matching } from "#domain/guideline/rules.ts";

const WAYS = [
  { value: "region", label: "by area" },
  { value: "iou", label: "as objects, by overlap" },
  { value: "distance", label: "as objects, by distance" },
] as const;

const FIRST: Readonly<Record<Matching["by"], Matching>> = {
  region: { by: "region" },
  iou: { by: "iou", min: 0.5 },
  distance: { by: "distance", maxUm: 10 },
};

/** How outlines of a class are compared between readers. */
export function MatchingField(props: { readonly matching: Matching; readonly onChange: (matching: Matching) => void }) {
  const { matching } = props;
  return (
    <Field label="Compared between readers">
      {(control) => (
        <div className="flex items-center gap-2">
          <Select
            id={control.id}
            value={matching.by}
            onValueChange={(value) => {
              const way = WAYS.find((each) => each.value === value);
              if (way !== undefined) props.onChange(FIRST[way.value]);
            }}
            options={WAYS}
          />
          {matching.by === "region" ? null : (
            <Input
              type="number"
              min={0}
              step="any"
              className="w-20 shrink-0"
              aria-label={matching.by === "iou" ? "Smallest overlap, 0 to 1" : "Largest distance, µm"}
              value={matching.by === "iou" ? matching.min : matching.maxUm}
              onChange={(event) => {
                const value = Number(event.target.value);
                if (!Number.isFinite(value) || value <= 0) return;
                props.onChange(
                  matching.by === "iou" ? { by: "iou", min: Math.min(1, value) } : { by: "distance", maxUm: value },
                );
              }}
            />
          )}
        </div>
      )}
    </Field>
  );
}
