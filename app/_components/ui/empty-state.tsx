import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./class-names.ts";

/** Nothing here yet: what belongs here, and what to do next. */
export function EmptyState(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly className?: string;
}) {
  const Icon = props.icon;
  return (
    <div className={cn("flex flex-col items-center px-6 py-12 text-center", props.className)}>
      <span className="grid size-10 place-items-center rounded-lg border bg-canvas text-faint">
        <Icon className="size-5" strokeWidth={1.5} aria-hidden />
      </span>
      <h3 className="mt-3 font-semibold text-base">{props.title}</h3>
      {props.children === undefined ? null : <div className="mt-1 max-w-md text-muted">{props.children}</div>}
      {props.action === undefined ? null : <div className="mt-4 flex items-center gap-2">{props.action}</div>}
    </div>
  );
}
