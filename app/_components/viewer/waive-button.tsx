"use client";

import { FileCheck2 } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { WaiverDialog } from "#app/_components/waivers/waiver-dialog.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { count, plural } from "#app/_lib/format.ts";
import type { Annotation } from "#domain/annotation.ts";
import { MOST_WAIVED } from "#domain/waiver.ts";
import { useVisit } from "./session.tsx";

type Selected = { readonly layerId: string; readonly annotation: Annotation };

/** Excuses the selected outlines from following the guideline, until a day that a lead names. Leads only. */
export function WaiveButton({ selected }: { readonly selected: readonly Selected[] }) {
  const { session, projectId } = useVisit();
  const [open, setOpen] = useState(false);
  const { guideline } = session.workbench;
  const layers = new Set(session.state.getState().layers.map(({ id }) => id));
  // What is drawn as an answer or in a trial is in no layer: no version asks anything about it.
  const isStored = selected.every(({ layerId }) => layers.has(layerId));
  if (!offers(session.me.role, "guideline.publish") || guideline.number === 0 || !isStored) return null;
  const isTooMuch = selected.length > MOST_WAIVED;
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        data-testid="waive"
        disabled={isTooMuch}
        title={
          isTooMuch
            ? `A waiver names ${count(MOST_WAIVED)} outlines at most`
            : "Excuse what is selected from following the guideline"
        }
        onClick={() => setOpen(true)}
      >
        <FileCheck2 aria-hidden /> Waive…
      </Button>
      {open ? (
        <WaiverDialog
          projectId={projectId}
          version={guideline.number}
          title={`Waive ${plural(selected.length, "outline")}`}
          scope={{ kind: "annotations", ids: selected.map(({ annotation }) => annotation.id) }}
          onClose={() => setOpen(false)}
        >
          <Classes selected={selected} />
        </WaiverDialog>
      ) : null}
    </>
  );
}

/** What is selected, by the classes that count today. */
function Classes({ selected }: { readonly selected: readonly Selected[] }) {
  const { workbench } = useVisit().session;
  const counts = new Map<string, { readonly name: string; readonly colour: string; count: number }>();
  for (const { annotation } of selected) {
    const { classId, name, colour } = workbench.standingOf(annotation);
    const known = counts.get(classId) ?? { name, colour, count: 0 };
    known.count += 1;
    counts.set(classId, known);
  }
  return (
    <ul aria-label="What is excused" className="flex flex-wrap gap-x-4 gap-y-1 rounded-md border bg-sunken px-3 py-2">
      {[...counts].map(([id, { name, colour, count: number }]) => (
        <li key={id} className="flex min-w-0 items-center gap-1.5">
          <ClassName name={name} colour={colour} />
          <span className="tabular text-faint text-xs">{count(number)}</span>
        </li>
      ))}
    </ul>
  );
}
