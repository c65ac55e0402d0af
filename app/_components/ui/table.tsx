import type { ComponentProps } from "react";
import { cn } from "./class-names.ts";

export function Table({ className, ...rest }: ComponentProps<"table">) {
  return (
    // Positioned, so that words for screen readers in it scroll with it and do not widen the page.
    <div className="scroll-thin scroll-more relative w-full overflow-x-auto has-data-actions:[mask-image:linear-gradient(to_right,transparent,#000_var(--more-before))]">
      <table className={cn("w-full border-collapse text-left text-sm", className)} {...rest} />
    </div>
  );
}

export function TableHead({ className, ...rest }: ComponentProps<"thead">) {
  return <thead className={cn("border-b bg-canvas", className)} {...rest} />;
}

export function HeadCell({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn("h-8 whitespace-nowrap px-3 font-medium text-faint text-xs first:pl-4 last:pr-4", className)}
      {...rest}
    />
  );
}

export function TableBody({ className, ...rest }: ComponentProps<"tbody">) {
  return <tbody className={cn("divide-y divide-line", className)} {...rest} />;
}

export function Row({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cn("transition-colors hover:bg-hover/60", className)} {...rest} />;
}

export function Cell({ className, ...rest }: ComponentProps<"td">) {
  return <td className={cn("h-10 px-3 py-1.5 align-middle first:pl-4 last:pr-4", className)} {...rest} />;
}

/**
 * Stays in sight at the right edge where a table is wider than the screen: what passes beneath fades out before it, so
 * the table's own fade is left to the other side.
 */
const KEPT_IN_SIGHT = cn(
  "sticky right-0 z-[1] w-px whitespace-nowrap text-right",
  "before:pointer-events-none before:absolute before:inset-y-0 before:-left-5 before:w-5 before:bg-linear-to-r before:from-transparent",
);

/** The head of the column of `ActionsCell`. */
export function ActionsHead() {
  return (
    <HeadCell data-actions className={cn(KEPT_IN_SIGHT, "bg-canvas before:to-canvas")}>
      <span className="sr-only">Actions</span>
    </HeadCell>
  );
}

/** What can be done with a row, the last cell of it. */
export function ActionsCell({ className, ...rest }: ComponentProps<"td">) {
  return <Cell className={cn(KEPT_IN_SIGHT, "bg-panel before:to-panel", className)} {...rest} />;
}
