import type { ComponentProps } from "react";
import { cn } from "./class-names.ts";

export const fieldStyle =
  "w-full rounded-md border border-line-strong bg-panel px-2.5 text-sm text-ink shadow-soft transition-colors placeholder:text-faint hover:border-faint focus-visible:border-accent focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-bad";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cn(fieldStyle, "h-8", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={cn(fieldStyle, "scroll-thin min-h-16 resize-y py-1.5", className)} {...rest} />;
}
