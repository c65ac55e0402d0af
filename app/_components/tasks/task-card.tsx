import { CalendarClock, Flag } from "lucide-react";
import Link from "next/link";
import { Time } from "#app/_components/time.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import type { Task } from "#client/answers.ts";
import { searchWith, type TaskSearch } from "./task-filter.ts";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, PRIORITY_WORDS } from "./task-words.ts";

export function TaskCard({ task, search }: { readonly task: Task; readonly search: TaskSearch }) {
  return (
    <Link
      prefetch={false}
      href={searchWith(search, { task: task.id })}
      scroll={false}
      className="block rounded-md border bg-panel p-2.5 shadow-soft transition-colors hover:border-line-strong"
    >
      <span className="flex items-start gap-2">
        <span className="line-clamp-3 min-w-0 flex-1 font-medium leading-[18px]">{task.title}</span>
        <Avatar name={task.assignee.name} colour={task.assignee.colour} size="sm" />
      </span>
      <span className="mt-0.5 block truncate text-faint text-xs">
        {task.slide.name} · {KIND_WORDS[task.kind]}
      </span>
      <TaskProgress task={task} className="mt-2" />
      {task.dueAt === null && task.priority < 2 ? null : (
        <span className="mt-1.5 flex items-center gap-3 text-2xs text-muted">
          {task.priority < 2 ? null : (
            <span className="inline-flex items-center gap-1 text-bad-ink">
              <Flag className="size-3" aria-hidden /> {PRIORITY_WORDS[task.priority]}
            </span>
          )}
          {task.dueAt === null ? null : (
            <span className="inline-flex items-center gap-1">
              <CalendarClock className="size-3" aria-hidden /> <Time at={task.dueAt} exact />
            </span>
          )}
        </span>
      )}
    </Link>
  );
}
