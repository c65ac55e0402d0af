"use client";

import { Progress as Radix } from "radix-ui";
import { cn } from "./class-names.ts";

/** @param value share done, 0 to 1; null where the end is not known */
export function Progress(props: {
  readonly value: number | null;
  readonly label: string;
  readonly className?: string;
  readonly tone?: "accent" | "good" | "warn";
}) {
  const percent = props.value === null ? null : Math.round(Math.min(1, Math.max(0, props.value)) * 100);
  const colour = { accent: "bg-accent", good: "bg-good", warn: "bg-warn" }[props.tone ?? "accent"];
  return (
    <Radix.Root
      value={percent}
      aria-label={props.label}
      className={cn("h-1.5 w-full overflow-hidden rounded-full bg-pressed", props.className)}
    >
      <Radix.Indicator
        className={cn(
          "h-full rounded-full transition-[width] duration-300",
          colour,
          percent === null && "animate-pulse",
        )}
        style={{ width: `${percent ?? 100}%` }}
      />
    </Radix.Root>
  );
}
