import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./class-names.ts";

const KINDS = {
  info: { icon: Info, style: "border-accent/30 bg-accent-soft text-accent-ink" },
  good: { icon: CircleCheck, style: "border-good/30 bg-good-soft text-good-ink" },
  warn: { icon: TriangleAlert, style: "border-warn/30 bg-warn-soft text-warn-ink" },
  bad: { icon: CircleAlert, style: "border-bad/30 bg-bad-soft text-bad-ink" },
} as const;

/** A sentence that matters, beside what it is about. */
export function Callout(props: {
  readonly kind?: keyof typeof KINDS;
  readonly title?: ReactNode;
  readonly action?: ReactNode;
  readonly className?: string;
  readonly children?: ReactNode;
}) {
  const { icon: Icon, style } = KINDS[props.kind ?? "info"];
  return (
    <div
      role={props.kind === "bad" ? "alert" : "status"}
      className={cn("flex items-start gap-2.5 rounded-md border px-3 py-2", style, props.className)}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="flex min-w-0 flex-1 flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          {props.title === undefined ? null : <p className="font-semibold">{props.title}</p>}
          {props.children}
        </div>
        {props.action}
      </div>
    </div>
  );
}
