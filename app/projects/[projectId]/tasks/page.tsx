import { ClipboardCheck } from "lucide-react";
import type { Metadata } from "next";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { TaskBoard } from "#app/_components/tasks/task-board.tsx";
import { inboxOf, matches, progressOf, type TaskSearch, whyReturned } from "#app/_components/tasks/task-filter.ts";
import { TaskFilters } from "#app/_components/tasks/task-filters.tsx";
import { TaskInbox } from "#app/_components/tasks/task-inbox.tsx";
import { TaskSheet } from "#app/_components/tasks/task-sheet.tsx";
import { TaskTable } from "#app/_components/tasks/task-table.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { count, plural } from "#app/_lib/format.ts";
import { load, loadMe, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Tasks" };

/** So many returned tasks say in the inbox why; the others say it in their details. */
const RETURNED_EXPLAINED = 10;

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<TaskSearch>;
};

export default async function TasksPage({ params, searchParams }: Props) {
  const [{ projectId }, search] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/tasks`;
  const taskId = search.task;
  const [me, project, tasks, members, opened] = await Promise.all([
    loadMe(here),
    loadProject(projectId),
    load(here, (api) => api.tasks.list(projectId)),
    load(here, (api) => api.members.list(projectId)),
    taskId === undefined ? null : load(here, (api) => api.tasks.get(taskId)),
  ]);
  const assigns = offers(project.role, "task.assign");
  const shown = tasks.filter((task) => matches(task, search));
  const inbox = inboxOf(tasks, me.id);
  const returned = inbox.filter((task) => task.state === "returned").slice(0, RETURNED_EXPLAINED);
  const details = await Promise.all(returned.map((task) => load(here, (api) => api.tasks.get(task.id))));
  const progress = progressOf(shown);
  return (
    <>
      <PageHeader
        title="Tasks"
        meta={
          progress.total === 0 ? undefined : (
            <span className="inline-flex items-center gap-2">
              <Progress
                value={progress.done / progress.total}
                label="Items answered"
                className="inline-block w-28"
                tone="good"
              />
              <span className="tabular">
                {count(progress.done)} of {count(progress.total)} items answered, {plural(progress.open, "task")} open
              </span>
            </span>
          )
        }
      />
      <PageBody wide>
        {inbox.length === 0 ? null : (
          <TaskInbox projectId={projectId} tasks={inbox} why={whyReturned(details)} search={search} />
        )}
        {tasks.length === 0 ? (
          <div className="rounded-lg border border-dashed bg-panel">
            <EmptyState icon={ClipboardCheck} title="No tasks">
              Tasks appear when a guideline change asks something of what is drawn, or when a lead sends outlines back
              for rework from the viewer.
            </EmptyState>
          </div>
        ) : (
          <>
            <TaskFilters tasks={tasks} search={search} shownCount={shown.length} />
            {search.view === "table" ? (
              <TaskTable projectId={projectId} tasks={shown} members={members} assigns={assigns} search={search} />
            ) : (
              <TaskBoard tasks={shown} search={search} />
            )}
          </>
        )}
        {opened === null ? null : (
          <TaskSheet
            projectId={projectId}
            detail={opened}
            meId={me.id}
            members={members}
            assigns={assigns}
            reviews={offers(project.role, "task.review")}
            closeHref={`${here}${searchWithoutTask(search)}`}
          />
        )}
      </PageBody>
    </>
  );
}

function searchWithoutTask({ task: _task, ...rest }: TaskSearch): string {
  const text = new URLSearchParams(Object.entries(rest)).toString();
  return text === "" ? "" : `?${text}`;
}
