import type { ReactNode } from "react";
import { cn } from "./class-names.ts";

/** A bordered panel with an optional head line. */
export function Card(props: {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly flush?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <section className={cn("overflow-hidden rounded-lg border bg-panel shadow-soft", props.className)}>
      {props.title === undefined ? null : (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-2 border-b px-4 py-2">
          <div className="min-w-0 flex-1 basis-60">
            <h2 className="font-semibold text-sm">{props.title}</h2>
            {props.description === undefined ? null : <p className="text-faint text-xs">{props.description}</p>}
          </div>
          {props.actions === undefined ? null : (
            <div className="flex max-w-full flex-wrap items-center gap-2">{props.actions}</div>
          )}
        </header>
      )}
      <div className={props.flush ? "" : "p-4"}>{props.children}</div>
    </section>
  );
}
