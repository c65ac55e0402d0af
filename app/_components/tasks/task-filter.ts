import type { Task, TaskDetail } from "#client/answers.ts";
import { isAnswerable, isUnfinished } from "#domain/task.ts";

/** What the address of the tasks page says. */
export type TaskSearch = {
  readonly view?: string;
  readonly kind?: string;
  readonly person?: string;
  readonly slide?: string;
  readonly change?: string;
  readonly task?: string;
};

export const FILTER_KEYS = ["kind", "person", "slide", "change"] as const;

export function matches(task: Task, search: TaskSearch): boolean {
  return (
    (search.kind === undefined || task.kind === search.kind) &&
    (search.person === undefined || task.assignee.id === search.person) &&
    (search.slide === undefined || task.slide.id === search.slide) &&
    (search.change === undefined || String(task.guidelineNumber) === search.change)
  );
}

/** Tasks that this person can answer now: returned ones first, then by priority, then the oldest. */
export function inboxOf(tasks: readonly Task[], meId: string): Task[] {
  const rank = (task: Task) => (task.state === "returned" ? 0 : task.state === "in-progress" ? 1 : 2);
  return tasks
    .filter((task) => task.assignee.id === meId && isAnswerable(task.state))
    .sort((a, b) => rank(a) - rank(b) || b.priority - a.priority || a.createdAt.localeCompare(b.createdAt));
}

/** What the lead said when a task came back, by task; nothing was said where it is missing. */
export function whyReturned(details: readonly TaskDetail[]): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  for (const { task, events } of details) {
    const last = events.findLast((event) => event.toState === "returned");
    if (last !== undefined && last.note !== "") notes.set(task.id, last.note);
  }
  return notes;
}

/** Items answered and items in all, over tasks that count. */
export function progressOf(tasks: readonly Task[]): {
  readonly done: number;
  readonly total: number;
  readonly open: number;
} {
  const counted = tasks.filter((task) => task.state !== "cancelled" && task.state !== "superseded");
  const total = counted.reduce((sum, task) => sum + task.total, 0);
  const left = counted.reduce((sum, task) => sum + task.left, 0);
  return { done: total - left, total, open: counted.filter((task) => isUnfinished(task.state)).length };
}

/** The address with one part of the search changed. */
export function searchWith(search: TaskSearch, part: Partial<Record<keyof TaskSearch, string | null>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...search, ...part })) {
    if (typeof value === "string" && value !== "") query.set(key, value);
  }
  const text = query.toString();
  return text === "" ? "?" : `?${text}`;
}
