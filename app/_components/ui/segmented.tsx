"use client";

import { ToggleGroup } from "radix-ui";
import { cn } from "./class-names.ts";

/** A few choices of which one is always on. */
export function Segmented<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly onValueChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly className?: string;
}) {
  const choose = (next: string) => {
    const option = props.options.find((each) => each.value === next);
    if (option !== undefined) props.onValueChange(option.value);
  };
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={props.label}
      value={props.value}
      onValueChange={choose}
      className={cn("inline-flex h-8 items-center gap-0.5 rounded-md border bg-sunken p-0.5", props.className)}
    >
      {props.options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="h-full rounded-[5px] border border-transparent px-2.5 font-medium text-muted text-xs transition-colors hover:text-ink data-[state=on]:border-line data-[state=on]:bg-panel data-[state=on]:text-ink data-[state=on]:shadow-soft"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
