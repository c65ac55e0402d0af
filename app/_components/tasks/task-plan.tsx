"use client";

import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { Time } from "#app/_components/time.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import type { Task } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { isUnfinished } from "#domain/task.ts";
import { PRIORITY_WORDS } from "./task-words.ts";

type Change = { readonly priority?: number; readonly dueAt?: string | null };

function useChange(task: Task) {
  const router = useRouter();
  return async (change: Change) => {
    try {
      await api.tasks.update(task.id, { revision: task.revision, ...change });
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    router.refresh();
  };
}

/** How urgent a task is; a choice for leads while it is not finished. */
export function TaskPriority({ task, assigns }: { readonly task: Task; readonly assigns: boolean }) {
  const change = useChange(task);
  if (!assigns || !isUnfinished(task.state)) return PRIORITY_WORDS[task.priority];
  return (
    <Select
      aria-label="Priority"
      value={String(task.priority)}
      onValueChange={(value) => void change({ priority: Number(value) })}
      options={PRIORITY_WORDS.map((label, index) => ({ value: String(index), label }))}
      className="max-w-64"
    />
  );
}

/** By when it is to be done: the end of a day in the lead's own time zone. */
export function TaskDue({ task, assigns }: { readonly task: Task; readonly assigns: boolean }) {
  const change = useChange(task);
  if (!assigns || !isUnfinished(task.state)) {
    return task.dueAt === null ? "no date" : <Time at={task.dueAt} exact />;
  }
  const save = (day: string) => void change({ dueAt: day === "" ? null : new Date(`${day}T23:59:59`).toISOString() });
  return (
    <Input
      type="date"
      aria-label="Due"
      className="max-w-64"
      defaultValue={task.dueAt === null ? "" : dayOf(task.dueAt)}
      key={task.dueAt}
      onChange={(event) => save(event.target.value)}
    />
  );
}

function dayOf(at: string): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
