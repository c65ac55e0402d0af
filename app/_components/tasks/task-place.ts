import { queuePath } from "#app/_components/consensus/queue-link.ts";
import { projectPath, viewerPath } from "#app/_components/shell/navigation.ts";
import type { Task } from "#client/answers.ts";

/** Where a task is worked on: disputes are a queue of their own, a test has its page, everything else is in the viewer. */
export function placeOfTask(projectId: string, task: Task): string {
  if (task.kind === "adjudication") return queuePath(projectId, { task: task.id });
  if (task.kind === "requalify") return `${projectPath(projectId, "tasks")}/${task.id}/test`;
  return viewerPath(projectId, task.slide.id, { task: task.id, layer: task.layerId ?? undefined });
}
