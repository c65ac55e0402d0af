import { cn } from "#app/_components/ui/class-names.ts";

/** Three overlapping outlines with the shared part filled: where readers agree. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={cn("size-5", className)} fill="none" aria-hidden>
      <title>Concord</title>
      <circle cx="9" cy="9.5" r="6" stroke="currentColor" strokeWidth="1.6" opacity="0.55" />
      <circle cx="15" cy="9.5" r="6" stroke="currentColor" strokeWidth="1.6" opacity="0.55" />
      <circle cx="12" cy="15" r="6" stroke="currentColor" strokeWidth="1.6" opacity="0.55" />
      <path d="M12 9a6 6 0 0 1 2.95 2.3A6 6 0 0 1 12 14.7a6 6 0 0 1-2.95-3.4A6 6 0 0 1 12 9Z" fill="currentColor" />
    </svg>
  );
}
