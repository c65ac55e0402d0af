"use client";

import type { ViewTarget } from "#client/view-link.ts";
import { AnnotationList } from "./annotation-list.tsx";
import { ClassPalette } from "./class-palette.tsx";
import { ConsensusPanel } from "./consensus-panel.tsx";
import { DissolvePanel } from "./dissolve-panel.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { TaskPanel } from "./task-panel.tsx";

/** Beside the slide: the work at hand if there is any; the classes, what is selected, and everything that is outlined. */
export function SidePanel({ target }: { readonly target: ViewTarget }) {
  const { taskId, layerId, roundId, disputeKey, disputeClass, disputeKind, queue } = target;
  if (roundId !== null && disputeKey !== null) {
    return (
      <aside aria-label="Dispute" className="flex min-h-0 w-[372px] flex-col border-l bg-panel">
        <ConsensusPanel
          roundId={roundId}
          first={{ key: disputeKey, classId: disputeClass ?? "", kind: disputeKind ?? "", queue }}
        />
      </aside>
    );
  }
  if (taskId !== null) {
    return (
      <aside aria-label="Task" className="flex min-h-0 w-[372px] flex-col border-l bg-panel">
        <TaskPanel taskId={taskId} />
      </aside>
    );
  }
  if (target.dissolves && layerId !== null) {
    return (
      <aside aria-label="Merged classes" className="flex min-h-0 w-[372px] flex-col border-l bg-panel">
        <DissolvePanel layerId={layerId} />
      </aside>
    );
  }
  return (
    <aside aria-label="Classes and outlines" className="flex min-h-0 w-[300px] flex-col border-l bg-panel">
      <ClassPalette />
      <SelectionPanel />
      <AnnotationList />
    </aside>
  );
}
