"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowRight, CalendarClock, Inbox } from "lucide-react";
import Link from "next/link";
import { useRef } from "react";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { hours, plural } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";
import { isRead, searchWith, type TaskSearch } from "./task-filter.ts";
import { taskHref, workHref } from "./task-link.ts";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, REASON_WORDS, STATE_WORDS } from "./task-words.ts";

/** What the server renders before the browser has measured. */
const FIRST_SIGHT = { width: 0, height: 800 };
const ROW_PX = 58;

type Props = {
  readonly projectId: string;
  readonly tasks: readonly Task[];
  /** Why a task came back, by its id. */
  readonly why: ReadonlyMap<string, string>;
  readonly search: TaskSearch;
};

/** What this person has to do, the next first. Starting one opens the viewer on its first item. */
export function TaskInbox({ projectId, tasks, why, search }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    initialRect: FIRST_SIGHT,
    estimateSize: () => ROW_PX,
    overscan: 6,
    getItemKey: (index) => tasks[index]?.id ?? index,
  });
  if (tasks.length === 0) {
    return (
      <div className="rounded-lg border border-dashed bg-panel">
        <EmptyState icon={Inbox} title="Nothing waits for you">
          Reads, guideline changes and rework that are yours appear here by themselves.
        </EmptyState>
      </div>
    );
  }
  const items = tasks.reduce((sum, task) => sum + task.left, 0);
  const time = tasks.reduce((sum, task) => sum + task.hoursLeft, 0);
  return (
    <Card
      title="Yours to do"
      description={`${plural(tasks.length, "task")}, ${plural(items, "item")} left, ${hours(time)}`}
      flush
    >
      <div ref={scroller} className="scroll-thin max-h-[max(400px,calc(100dvh-230px))] overflow-y-auto">
        <ul className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const task = tasks[index];
            return task === undefined ? null : (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="absolute inset-x-0 flex items-center gap-4 border-b px-4 py-2"
                style={{ transform: `translateY(${start}px)` }}
              >
                <TaskLine projectId={projectId} task={task} search={search} why={why.get(task.id)} />
                <Button asChild size="sm" variant={index === 0 ? "primary" : "secondary"} className="w-22">
                  <ViewerLink href={startHref(projectId, task, search)}>
                    {labelOf(task)} <ArrowRight aria-hidden />
                  </ViewerLink>
                </Button>
              </li>
            );
          })}
        </ul>
      </div>
    </Card>
  );
}

function TaskLine(props: {
  readonly projectId: string;
  readonly task: Task;
  readonly search: TaskSearch;
  readonly why: string | undefined;
}) {
  const { task } = props;
  const parts = [
    task.slide.name,
    KIND_WORDS[task.kind],
    ...(task.reason === null ? [] : [REASON_WORDS[task.reason]]),
    ...(task.text === "" ? [] : [`“${task.text}”`]),
  ];
  return (
    <>
      <Link
        prefetch={false}
        href={taskHref(props.projectId, task, props.search)}
        scroll={false}
        className="min-w-0 flex-1 hover:underline"
      >
        <span className="line-clamp-2 font-medium">{task.title}</span>
        <span className="block truncate text-faint text-xs">{parts.join(" · ")}</span>
        {props.why === undefined ? null : (
          <span className="mt-0.5 block text-bad-ink text-xs">Came back: {props.why}</span>
        )}
      </Link>
      {task.dueAt === null ? null : (
        <span className="hidden items-center gap-1 text-muted text-xs md:inline-flex">
          <CalendarClock className="size-3.5" aria-hidden /> <Time at={task.dueAt} exact />
        </span>
      )}
      <Badge tone={STATE_WORDS[task.state].tone}>{STATE_WORDS[task.state].label.toLowerCase()}</Badge>
      <TaskProgress task={task} className="hidden w-36 lg:flex" />
    </>
  );
}

/** To the viewer while something is left to answer, to the details with the submit button when nothing is. */
function startHref(projectId: string, task: Task, search: TaskSearch): string {
  return isDone(task) ? searchWith(search, { task: task.id }) : workHref(projectId, task);
}

function labelOf(task: Task): string {
  if (isDone(task)) return "Hand in";
  return task.state === "open" ? "Start" : "Go on";
}

function isDone(task: Task): boolean {
  return task.left === 0 && task.state === "in-progress" && !isRead(task);
}
