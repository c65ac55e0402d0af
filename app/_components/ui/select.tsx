"use client";

import { Check, ChevronDown } from "lucide-react";
import { Select as RadixSelect } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./class-names.ts";
import { fieldStyle } from "./input.tsx";

export type SelectOption = {
  readonly value: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly hint?: string;
};

/** A list of choices behind a button; keyboard and type-ahead by Radix. */
export function Select(props: {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  readonly options: readonly SelectOption[];
  readonly id?: string;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly className?: string;
  readonly "aria-label"?: string;
  readonly "aria-describedby"?: string | undefined;
}) {
  return (
    <RadixSelect.Root value={props.value} onValueChange={props.onValueChange} disabled={props.disabled === true}>
      <RadixSelect.Trigger
        {...(props.id === undefined ? {} : { id: props.id })}
        aria-label={props["aria-label"]}
        aria-describedby={props["aria-describedby"]}
        className={cn(
          fieldStyle,
          "flex h-8 items-center justify-between gap-2 text-left data-placeholder:text-faint [&>span]:truncate",
          props.className,
        )}
      >
        <RadixSelect.Value placeholder={props.placeholder ?? "Choose"} />
        <RadixSelect.Icon>
          <ChevronDown className="size-3.5 text-faint" aria-hidden />
        </RadixSelect.Icon>
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content
          position="popper"
          sideOffset={4}
          className="surface-in z-50 max-h-80 min-w-(--radix-select-trigger-width) overflow-hidden rounded-lg border border-line bg-panel p-1 shadow-float"
        >
          <RadixSelect.Viewport className="scroll-thin">
            {props.options.map((option) => (
              <RadixSelect.Item
                key={option.value}
                value={option.value}
                className="flex min-h-7 cursor-default select-none items-center gap-2 rounded-md py-1 pr-7 pl-2 text-sm outline-none data-highlighted:bg-hover"
              >
                <RadixSelect.ItemText>
                  <span className="inline-flex items-center gap-2">
                    {option.icon}
                    {option.label}
                  </span>
                </RadixSelect.ItemText>
                {option.hint === undefined ? null : <span className="text-faint text-xs">{option.hint}</span>}
                <RadixSelect.ItemIndicator className="absolute right-2">
                  <Check className="size-3.5 text-accent-ink" aria-hidden />
                </RadixSelect.ItemIndicator>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}
