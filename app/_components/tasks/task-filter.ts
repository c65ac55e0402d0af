import type { Task, TaskDetail } from "#client/answers.ts";
import { inOrderOfWork, isAnswerable, isUnfinished } from "#domain/task.ts";

/** What the address of the tasks page says. */
export type TaskSearch = {
  readonly view?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly person?: string;
  readonly slide?: string;
  readonly change?: string;
  readonly class?: string;
  readonly task?: string;
  /** Where the page of the tray before ended. */
  readonly after?: string;
};

export const FILTER_KEYS = ["kind", "person", "slide", "change", "class"] as const;
export const VIEWS = ["inbox", "board", "table", "tray"] as const;
export type TaskView = (typeof VIEWS)[number];
export const GROUPS = ["change", "class", "person", "slide"] as const;
export type TaskGroup = (typeof GROUPS)[number];

/** Where a person starts: a lead at the board, others at their own work. */
export function viewOf({ view }: TaskSearch, leads: boolean): TaskView {
  const found = VIEWS.find((each) => each === view);
  if (found === undefined || (found === "tray" && !leads)) return leads ? "board" : "inbox";
  return found;
}

export function groupOf({ group }: TaskSearch): TaskGroup {
  return GROUPS.find((each) => each === group) ?? "change";
}

/** The filter that a group of the board stands for. */
export function filterOfGroup(group: TaskGroup, key: string): Partial<Record<keyof TaskSearch, string>> {
  if (group === "change" && Number.isNaN(Number(key))) return { kind: key };
  return { [group]: key };
}

export function matches(task: Task, search: TaskSearch): boolean {
  return (
    (search.kind === undefined || task.kind === search.kind) &&
    (search.person === undefined || task.assignee.id === search.person) &&
    (search.slide === undefined || task.slide.id === search.slide) &&
    (search.change === undefined || String(task.guidelineNumber) === search.change) &&
    (search.class === undefined || task.classIds.includes(search.class))
  );
}

/** Tasks that this person can answer now, in the order of the work. */
export function inboxOf(tasks: readonly Task[], meId: string): Task[] {
  return tasks.filter((task) => task.assignee.id === meId && isAnswerable(task.state)).sort(inOrderOfWork);
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

/** A read is shown among tasks without being stored as one: it has no revision and no page of details. */
export function isRead({ revision }: Task): boolean {
  return revision === 0;
}
