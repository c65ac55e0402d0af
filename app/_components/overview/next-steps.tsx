import { ArrowRight, CircleCheck } from "lucide-react";
import Link from "next/link";
import { Badge } from "#app/_components/ui/badge.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { count } from "#app/_lib/format.ts";
import type { NextStep } from "#client/answers.ts";

/** What this person can do now, the urgent first. */
export function NextSteps({ steps }: { readonly steps: readonly NextStep[] }) {
  const sorted = [...steps].sort((a, b) => Number(b.urgent) - Number(a.urgent));
  return (
    <section aria-label="What to do next">
      <h2 className="mb-2 font-semibold">What to do next</h2>
      {sorted.length === 0 ? (
        <p className="flex items-center gap-2 rounded-lg border bg-panel px-4 py-3 text-muted shadow-soft">
          <CircleCheck className="size-4 text-good" aria-hidden /> Nothing waits for you. New work appears here by
          itself.
        </p>
      ) : (
        <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
          {sorted.map((step) => (
            <li key={`${step.kind}-${step.href}`}>
              <StepCard step={step} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function StepCard({ step }: { readonly step: NextStep }) {
  return (
    <Link
      href={step.href}
      className={cn(
        "group relative flex h-full flex-col rounded-lg border bg-panel py-3 pr-4 pl-4.5 shadow-soft transition-colors hover:border-line-strong hover:bg-hover/50",
        "before:absolute before:inset-y-3 before:left-1.5 before:w-[3px] before:rounded-full",
        step.urgent ? "before:bg-warn" : "before:bg-accent/50",
      )}
    >
      <span className="flex items-center gap-2">
        <span className="font-medium">{step.title}</span>
        {step.count === null ? null : <Badge tone={step.urgent ? "warn" : "accent"}>{count(step.count)}</Badge>}
        <ArrowRight
          className="ml-auto size-4 text-faint transition-transform group-hover:translate-x-0.5 group-hover:text-accent"
          aria-hidden
        />
      </span>
      <span className="mt-0.5 text-muted text-xs">{step.text}</span>
    </Link>
  );
}
