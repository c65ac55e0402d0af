import { viewerPath } from "#app/_components/shell/navigation.ts";
import type { Task } from "#client/answers.ts";
import { isRead, searchWith, type TaskSearch } from "./task-filter.ts";
import { placeOfTask } from "./task-place.ts";

/** The details of a task; a read has none of its own and is opened in the viewer. */
export function taskHref(projectId: string, task: Task, search: TaskSearch): string {
  return isRead(task) ? workHref(projectId, task) : searchWith(search, { task: task.id });
}

/** Where the work of a task is done: a walk through its items, or the read itself. */
export function workHref(projectId: string, task: Task): string {
  return isRead(task)
    ? viewerPath(projectId, task.slide.id, { layer: task.layerId ?? undefined })
    : placeOfTask(projectId, task);
}
