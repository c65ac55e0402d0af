import type { ReactNode } from "react";
import { cn } from "#app/_components/ui/class-names.ts";

/** Title line of a page; stays in sight. */
export function PageHeader(props: {
  readonly title: ReactNode;
  readonly meta?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <header className="sticky top-0 z-20 flex min-h-13 flex-wrap items-center gap-x-3 gap-y-2 border-b bg-panel/95 px-6 py-2 max-md:px-4 backdrop-blur-sm">
      <div className="flex min-w-0 items-center gap-2.5">
        <h1 className="max-w-full shrink-0 truncate font-semibold text-base tracking-tight">{props.title}</h1>
        {props.meta === undefined ? null : <span className="truncate text-faint text-xs">{props.meta}</span>}
      </div>
      <div className="ml-auto flex min-w-0 flex-wrap items-center justify-end gap-2">{props.actions}</div>
    </header>
  );
}

/** The part below the title line. `wide` for tables and boards. */
export function PageBody(props: {
  readonly wide?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <div
      className={cn(
        "mx-auto flex flex-col gap-5 px-6 py-5 max-md:px-4",
        props.wide ? "max-w-[1760px]" : "max-w-[1200px]",
        props.className,
      )}
    >
      {props.children}
    </div>
  );
}
