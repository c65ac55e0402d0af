import type { TaskRow } from "#db/tasks.ts";
import type { LayerSubject, TaskSubject } from "#domain/permissions.ts";

/** What permissions need to know about a task. */
export function taskSubject(task: TaskRow, layer: LayerSubject | null): TaskSubject {
  const { scope } = task;
  const reader = layer?.kind === "read" && layer.readerId !== null ? [layer.readerId] : [];
  return {
    projectId: task.projectId,
    assigneeId: task.assigneeId,
    creatorId: task.createdBy,
    authorIds: scope.kind === "migration" ? scope.authorIds : reader,
    layer,
    onlyFor: scope.kind === "requalify" ? task.assigneeId : null,
    disputes: scope.kind === "adjudication" ? [] : null,
  };
}
