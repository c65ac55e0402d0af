"use client";

import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { TEXT_FIELDS } from "#app/_components/guideline/class-fields.ts";
import { cn } from "#app/_components/ui/class-names.ts";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { Guideline } from "#client/class-standing.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { ClassExamples } from "./class-examples.tsx";

const TONES: Readonly<Record<string, string>> = {
  include: "text-good-ink",
  exclude: "text-bad-ink",
  whenUnsure: "text-warn-ink",
};

/** What the guideline says about one class, short enough to read while drawing. */
export function ClassCard({
  definition,
  guideline,
  isLow,
}: {
  readonly definition: ClassDefinition;
  readonly guideline: Guideline;
  /** What is selected needs the room. */
  readonly isLow: boolean;
}) {
  const [open, setOpen] = useState(true);
  const lookAlikes = definition.lookAlikes
    .flatMap((id) => guideline.byId.get(id) ?? [])
    .filter((each) => !each.retired);
  const parts = TEXT_FIELDS.filter(({ key }) => key !== "definition" && definition[key] !== "");
  const least = definition.minAreaUm2 === null ? "" : `at least ${definition.minAreaUm2.toLocaleString("en")} µm²`;
  return (
    <div
      className={cn(
        "scroll-thin shrink-0 overflow-y-auto border-t bg-sunken text-xs",
        isLow ? "max-h-20" : "max-h-40 [@media(min-height:900px)]:max-h-72",
      )}
      data-testid="class-card"
    >
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="sticky top-0 flex w-full items-center gap-2 bg-sunken px-3 pt-2 pb-1 text-left focus-visible:outline-offset-[-2px]"
      >
        <ClassName name={definition.name} colour={definition.colour} className="min-w-0 flex-1 font-medium" />
        <span className="shrink-0 text-2xs text-faint">{least}</span>
        <ChevronDown
          className={cn("size-3.5 shrink-0 text-faint transition-transform", !open && "-rotate-90")}
          aria-hidden
        />
      </button>
      {open ? (
        <div className="px-3 pb-2">
          <p className="text-muted">
            {definition.definition === "" ? "The guideline says nothing more about this class." : definition.definition}
          </p>
          <dl className="mt-1.5 grid grid-cols-[80px_1fr] gap-x-2 gap-y-1">
            {parts.map(({ key, label }) => (
              <Part key={key} title={label} tone={TONES[key] ?? "text-faint"}>
                {definition[key]}
              </Part>
            ))}
            {lookAlikes.length === 0 ? null : (
              <Part title="Look-alikes" tone="text-faint">
                {lookAlikes.map(({ name }) => name).join(", ")}
              </Part>
            )}
          </dl>
          {definition.examples.length === 0 ? null : <ClassExamples definition={definition} />}
        </div>
      ) : null}
    </div>
  );
}

function Part(props: { readonly title: string; readonly tone: string; readonly children: string }) {
  return (
    <>
      <dt className={props.tone}>{props.title}</dt>
      <dd>{props.children}</dd>
    </>
  );
}
