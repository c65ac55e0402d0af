import { queuePath } from "#app/_components/consensus/queue-link.ts";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import type { Task } from "#client/answers.ts";

/** Where a task is worked on: its disputes are a queue of their own, everything else is in the viewer. */
export function placeOfTask(projectId: string, task: Task): string {
  if (task.kind === "adjudication") return queuePath(projectId, { task: task.id });
  return viewerPath(projectId, task.slide.id, { task: task.id, layer: task.layerId ?? undefined });
}
