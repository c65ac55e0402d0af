import { CalendarClock, CircleQuestionMark, Flag } from "lucide-react";
import Link from "next/link";
import { Time } from "#app/_components/time.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { count } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";
import { isUnfinished } from "#domain/task.ts";
import type { TaskSearch } from "./task-filter.ts";
import { taskHref } from "./task-link.ts";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, PRIORITY_WORDS } from "./task-words.ts";

type Props = { readonly projectId: string; readonly task: Task; readonly search: TaskSearch };

export function TaskCard({ projectId, task, search }: Props) {
  return (
    <Link
      prefetch={false}
      href={taskHref(projectId, task, search)}
      scroll={false}
      className="block rounded-md border bg-panel p-2.5 shadow-soft transition-colors hover:border-line-strong"
    >
      <span className="flex items-start gap-2">
        <span className="line-clamp-2 min-w-0 flex-1 font-medium leading-[18px]">{task.title}</span>
        <Avatar name={task.assignee.name} colour={task.assignee.colour} size="sm" />
      </span>
      <span className="mt-0.5 block truncate text-faint text-xs">
        {task.slide.name} · {KIND_WORDS[task.kind]}
      </span>
      <TaskProgress task={task} className="mt-2" />
      <Signs task={task} />
    </Link>
  );
}

/** What stands out: how urgent it is, when it is due, and what a lead has to decide. */
function Signs({ task }: { readonly task: Task }) {
  const urgent = task.priority >= 2 && isUnfinished(task.state);
  if (!urgent && task.dueAt === null && task.undecided === 0) return null;
  return (
    <span className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-2xs text-muted">
      {urgent ? (
        <span className="inline-flex items-center gap-1 text-bad-ink">
          <Flag className="size-3" aria-hidden /> {PRIORITY_WORDS[task.priority]}
        </span>
      ) : null}
      {task.dueAt === null ? null : (
        <span className="inline-flex items-center gap-1">
          <CalendarClock className="size-3" aria-hidden /> <Time at={task.dueAt} exact />
        </span>
      )}
      {task.undecided === 0 ? null : (
        <span className="inline-flex items-center gap-1 text-warn-ink">
          <CircleQuestionMark className="size-3" aria-hidden /> {count(task.undecided)} to decide
        </span>
      )}
    </span>
  );
}
