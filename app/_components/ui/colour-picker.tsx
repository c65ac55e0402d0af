"use client";

import { Check } from "lucide-react";
import { cn } from "./class-names.ts";

/** Colours that stand out on tissue, which is pink and purple, and can be told apart. */
export const PALETTE: readonly string[] = [
  "#e6194b",
  "#f58231",
  "#e0b400",
  "#3cb44b",
  "#0fb5ae",
  "#2f7ff0",
  "#5b5bd6",
  "#9a3fd5",
  "#e052c6",
  "#8c5a2b",
  "#6b7480",
  "#1f2933",
];

export function ColourPicker(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (colour: string) => void;
}) {
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5" aria-label={props.label}>
      {PALETTE.map((colour) => (
        <button
          key={colour}
          type="button"
          aria-label={colour}
          aria-pressed={props.value === colour}
          onClick={() => props.onChange(colour)}
          className={cn("grid size-6 place-items-center rounded-md ring-1 ring-black/15 ring-inset")}
          style={{ backgroundColor: colour }}
        >
          {props.value === colour ? <Check className="size-3.5 text-white" strokeWidth={3} aria-hidden /> : null}
        </button>
      ))}
      <input
        type="color"
        aria-label="Another colour"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value.toLowerCase())}
        className="size-6 cursor-pointer rounded-md border bg-transparent p-0"
      />
    </fieldset>
  );
}
