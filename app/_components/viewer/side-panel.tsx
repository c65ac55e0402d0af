"use client";

import { cn } from "#app/_components/ui/class-names.ts";
import type { ViewTarget } from "#client/view-link.ts";
import { AnnotationList } from "./annotation-list.tsx";
import { ClassPalette } from "./class-palette.tsx";
import { ConsensusPanel } from "./consensus-panel.tsx";
import { DissolvePanel } from "./dissolve-panel.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { TaskPanel } from "./task-panel.tsx";

/** On a narrow screen it lies below the slide. */
const PANEL = "flex min-h-0 flex-col border-l bg-panel max-md:w-auto max-md:border-t max-md:border-l-0";

/** Beside the slide: the work at hand if there is any; the classes, what is selected, and everything that is outlined. */
export function SidePanel({ target }: { readonly target: ViewTarget }) {
  const { taskId, layerId, dissolve, roundId, disputeKey, disputeClass, disputeKind, queue } = target;
  if (roundId !== null && disputeKey !== null) {
    return (
      <aside aria-label="Dispute" className={cn(PANEL, "w-[372px]")}>
        <ConsensusPanel
          roundId={roundId}
          first={{ key: disputeKey, classId: disputeClass ?? "", kind: disputeKind ?? "", queue }}
        />
      </aside>
    );
  }
  if (taskId !== null) {
    return (
      <aside aria-label="Task" className={cn(PANEL, "w-[372px]")}>
        <TaskPanel taskId={taskId} />
      </aside>
    );
  }
  if (dissolve !== null && layerId !== null) {
    return (
      <aside aria-label="Merged classes" className={cn(PANEL, "w-[372px]")}>
        <DissolvePanel layerId={layerId} firstKey={dissolve} />
      </aside>
    );
  }
  return (
    <aside aria-label="Classes and outlines" className={cn(PANEL, "w-[300px]")}>
      <ClassPalette />
      <SelectionPanel />
      <AnnotationList />
    </aside>
  );
}
