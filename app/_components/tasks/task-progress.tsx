import { cn } from "#app/_components/ui/class-names.ts";
import { Progress } from "#app/_components/ui/progress.tsx";
import { count } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";

/** Items dealt with, computed by the API at the moment of asking. */
export function TaskProgress({ task, className }: { readonly task: Task; readonly className?: string }) {
  // A task that another one took over has nothing of its own any more.
  if (task.total === 0) return <span className={cn("text-2xs text-faint", className)}>nothing to answer</span>;
  const done = task.total - task.left;
  return (
    <span className={cn("flex items-center gap-2", className)}>
      <Progress value={done / task.total} label={`Items of ${task.title}`} tone={task.left === 0 ? "good" : "accent"} />
      <span className="tabular whitespace-nowrap text-2xs text-faint">
        {count(done)}/{count(task.total)}
      </span>
    </span>
  );
}
