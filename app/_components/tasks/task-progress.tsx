import { cn } from "#app/_components/ui/class-names.ts";
import { Progress } from "#app/_components/ui/progress.tsx";
import { count } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";

/** Items dealt with, computed by the API at the moment of asking. */
export function TaskProgress({ task, className }: { readonly task: Task; readonly className?: string }) {
  const done = task.total - task.left;
  return (
    <span className={cn("flex items-center gap-2", className)}>
      <Progress
        value={task.total === 0 ? 1 : done / task.total}
        label={`Items of ${task.title}`}
        tone={task.left === 0 ? "good" : "accent"}
      />
      <span className="tabular whitespace-nowrap text-2xs text-faint">
        {count(done)}/{count(task.total)}
      </span>
    </span>
  );
}
