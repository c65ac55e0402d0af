import { cn } from "./class-names.ts";

/** Holds the place of what is still coming, in its size. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <div className={cn("animate-pulse rounded-md bg-pressed", className)} aria-hidden />;
}
