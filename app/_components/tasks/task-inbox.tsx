import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";
import { searchWith, type TaskSearch } from "./task-filter.ts";
import { placeOfTask } from "./task-place.ts";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, REASON_WORDS, STATE_WORDS } from "./task-words.ts";

type Props = {
  readonly projectId: string;
  readonly tasks: readonly Task[];
  /** Why a task came back, by its id. */
  readonly why: ReadonlyMap<string, string>;
  readonly search: TaskSearch;
};

/** What this person has to answer, the next first. Starting one opens the viewer on its first item. */
export function TaskInbox({ projectId, tasks, why, search }: Props) {
  const items = tasks.reduce((sum, task) => sum + task.left, 0);
  return (
    <Card title="Yours to answer" description={`${plural(tasks.length, "task")}, ${plural(items, "item")} left`} flush>
      <ul className="divide-y">
        {tasks.map((task, index) => (
          <li key={task.id} className="flex items-center gap-4 px-4 py-2">
            <Link
              prefetch={false}
              href={searchWith(search, { task: task.id })}
              scroll={false}
              className="min-w-0 flex-1 hover:underline"
            >
              <span className="block truncate font-medium">{task.title}</span>
              <span className="block truncate text-faint text-xs">
                {[
                  task.slide.name,
                  KIND_WORDS[task.kind],
                  ...(task.reason === null ? [] : [REASON_WORDS[task.reason]]),
                  ...(task.text === "" ? [] : [`“${task.text}”`]),
                ].join(" · ")}
              </span>
              {why.has(task.id) ? (
                <span className="mt-0.5 block text-bad-ink text-xs">Came back: {why.get(task.id)}</span>
              ) : null}
            </Link>
            <Badge tone={STATE_WORDS[task.state].tone}>{STATE_WORDS[task.state].label.toLowerCase()}</Badge>
            <TaskProgress task={task} className="w-36" />
            <Button asChild size="sm" variant={index === 0 ? "primary" : "secondary"} className="w-22">
              <ViewerLink href={hrefOf(projectId, task, search)}>
                {labelOf(task)} <ArrowRight aria-hidden />
              </ViewerLink>
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** To the viewer while something is left to answer, to the details with the submit button when nothing is. */
function hrefOf(projectId: string, task: Task, search: TaskSearch): string {
  if (task.left === 0 && task.state === "in-progress") return searchWith(search, { task: task.id });
  return placeOfTask(projectId, task);
}

function labelOf(task: Task): string {
  if (task.left === 0 && task.state === "in-progress") return "Submit";
  return task.state === "open" ? "Start" : "Go on";
}
