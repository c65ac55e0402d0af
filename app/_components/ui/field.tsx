"use client";

import { Label as RadixLabel } from "radix-ui";
import { type ReactNode, useId } from "react";
import { cn } from "./class-names.ts";

export function Label({ className, ...rest }: React.ComponentProps<typeof RadixLabel.Root>) {
  return <RadixLabel.Root className={cn("font-medium text-ink text-xs", className)} {...rest} />;
}

/** What a control inside a field must carry so that label, hint and error belong to it. */
export type FieldControl = {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean | undefined;
};

/** A labelled control with a hint, or the error in its place; the line below keeps its height so nothing jumps. */
export function Field(props: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly className?: string;
  readonly children: (control: FieldControl) => ReactNode;
}) {
  const id = useId();
  const below = props.error ?? props.hint;
  return (
    <div className={cn("flex flex-col gap-1", props.className)}>
      <Label htmlFor={id}>{props.label}</Label>
      {props.children({
        id,
        "aria-describedby": below === undefined ? undefined : `${id}-below`,
        "aria-invalid": props.error === undefined ? undefined : true,
      })}
      {below === undefined ? null : (
        <p
          id={`${id}-below`}
          className={cn("text-xs", props.error === undefined ? "text-faint" : "text-bad-ink")}
          role={props.error === undefined ? undefined : "alert"}
        >
          {below}
        </p>
      )}
    </div>
  );
}
