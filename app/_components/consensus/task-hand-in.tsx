"use client";

import { useRouter } from "next/navigation";
import { STATE_WORDS } from "#app/_components/tasks/task-words.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Task } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { isAnswerable } from "#domain/task.ts";

type Props = {
  readonly task: Task;
  /** Whether the person at the page is the one who hands it in. */
  readonly mine: boolean;
  /** Called after it was handed in; without it the page is asked for again. */
  readonly onDone?: () => void;
};

/** How far an adjudication task is, and the button that hands it in once every dispute of it is settled. */
export function TaskHandIn({ task, mine, onDone }: Props) {
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const state = STATE_WORDS[task.state];
  const handIn = async () => {
    const isDone = await run(() => api.tasks.move(task.id, { revision: task.revision, to: "submitted", note: "" }));
    if (isDone) (onDone ?? router.refresh)();
  };
  return (
    <section aria-label="Task" data-testid="adjudication-task" className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="font-semibold">{task.title}</h2>
        <Badge tone={state.tone}>{state.label}</Badge>
        {mine ? null : <span className="text-muted text-xs">for {task.assignee.name}</span>}
      </div>
      {task.text === "" ? null : <p className="whitespace-pre-wrap text-muted text-xs">{task.text}</p>}
      <div className="flex items-center gap-3">
        <Progress
          value={task.total === 0 ? 1 : 1 - task.left / task.total}
          label="Settled"
          tone={task.left === 0 ? "good" : "accent"}
          className="flex-1"
        />
        <span className="tabular text-muted text-xs" data-testid="task-left" data-left={task.left}>
          {task.left === 0 ? "all settled" : `${task.left} of ${task.total} left`}
        </span>
        {mine && isAnswerable(task.state) ? (
          <Button
            variant="primary"
            size="sm"
            disabled={task.left > 0}
            busy={busy}
            onClick={() => void handIn()}
            data-testid="task-submit"
          >
            Hand in
          </Button>
        ) : null}
      </div>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
    </section>
  );
}
