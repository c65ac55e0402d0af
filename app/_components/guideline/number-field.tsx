"use client";

import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";

/** A number that may be left out; what is no number above the least is nothing. `scale` shows a share as per cent. */
export function NumberField(props: {
  readonly label: string;
  readonly hint?: string;
  readonly none?: string;
  readonly value: number | null;
  readonly scale?: number;
  readonly max?: number;
  /** Zero says something else than nothing. */
  readonly zero?: boolean;
  readonly onChange: (value: number | null) => void;
}) {
  const scale = props.scale ?? 1;
  const read = (text: string): number | null => {
    const value = Number(text) / scale;
    const isNumber = text !== "" && Number.isFinite(value) && (props.zero === true ? value >= 0 : value > 0);
    return isNumber ? Math.min(value, props.max ?? Number.POSITIVE_INFINITY) : null;
  };
  return (
    <Field label={props.label} {...(props.hint === undefined ? {} : { hint: props.hint })}>
      {(control) => (
        <Input
          {...control}
          type="number"
          min={0}
          step="any"
          placeholder={props.none ?? "no limit"}
          value={props.value === null ? "" : Math.round(props.value * scale * 10_000) / 10_000}
          onChange={(event) => props.onChange(read(event.target.value))}
        />
      )}
    </Field>
  );
}
