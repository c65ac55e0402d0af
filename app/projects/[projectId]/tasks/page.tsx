import { ClipboardCheck, FileCheck2 } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { BoardGroups } from "#app/_components/tasks/board-groups.tsx";
import { DissolveOffers } from "#app/_components/tasks/dissolve-offers.tsx";
import { TaskBoard } from "#app/_components/tasks/task-board.tsx";
import {
  groupOf,
  inboxOf,
  matches,
  progressOf,
  searchWith,
  type TaskSearch,
  type TaskView,
  viewOf,
  whyReturned,
} from "#app/_components/tasks/task-filter.ts";
import { TaskFilters } from "#app/_components/tasks/task-filters.tsx";
import { TaskInbox } from "#app/_components/tasks/task-inbox.tsx";
import { TaskSheet } from "#app/_components/tasks/task-sheet.tsx";
import { TaskTable } from "#app/_components/tasks/task-table.tsx";
import { TaskTray } from "#app/_components/tasks/task-tray.tsx";
import { TaskViews } from "#app/_components/tasks/task-views.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { count, plural } from "#app/_lib/format.ts";
import { load, loadMe, loadProject } from "#app/_lib/server-api.ts";
import type { Member, Role, Slide, Task } from "#client/answers.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";
import { usualDecider } from "#domain/consensus-rules.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { isUnfinished } from "#domain/task.ts";

export const metadata: Metadata = { title: "Tasks" };

/** Undecided items on one page. */
const TRAY_PAGE = 50;
/** So many returned tasks say in the inbox why; the others say it in their details. */
const RETURNED_EXPLAINED = 10;

const NO_TRAY = { items: [], nextCursor: null };

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<TaskSearch>;
};

export default async function TasksPage({ params, searchParams }: Props) {
  const [{ projectId }, search] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/tasks`;
  const taskId = search.task;
  const [me, project, stored, reads, members, guideline] = await Promise.all([
    loadMe(here),
    loadProject(projectId),
    load(here, (api) => api.tasks.list(projectId)),
    load(here, (api) => api.tasks.reads(projectId)),
    load(here, (api) => api.members.list(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  const opened = taskId === undefined ? null : await load(here, (api) => api.tasks.get(taskId));
  const assigns = offers(project.role, "task.assign");
  const view = viewOf(search, assigns);
  const group = groupOf(search);
  const board = view === "board" ? await load(here, (api) => api.tasks.board(projectId, group)) : null;
  const tray = assigns ? await load(here, (api) => api.tasks.tray(projectId, trayPage(view, search))) : NO_TRAY;
  const slides = await picturedSlides(here, projectId, view);
  const dissolves =
    view === "inbox" || view === "board" ? await load(here, (api) => api.dissolves.list(projectId)) : [];
  const tasks = [...stored, ...reads];
  const inbox = inboxOf(tasks, me.id);
  const why = view === "inbox" ? await reasons(here, inbox) : new Map<string, string>();
  const content = guideline.versions.at(-1)?.content ?? EMPTY_GUIDELINE;
  const { classes } = content;
  const unfinished = tasks.filter(({ state }) => isUnfinished(state));
  return (
    <>
      <PageHeader
        title="Tasks"
        meta={<Answered tasks={stored} />}
        actions={<WaiversLink projectId={projectId} role={project.role} search={search} />}
      />
      <PageBody wide>
        <TaskViews
          view={view}
          search={search}
          leads={assigns}
          counts={{ inbox: inbox.length, board: unfinished.length, tray: tray.items.length }}
          more={isPart(search, tray.nextCursor)}
        />
        {view === "inbox" ? <TaskInbox projectId={projectId} tasks={inbox} why={why} search={search} /> : null}
        <DissolveOffers
          projectId={projectId}
          layers={view === "inbox" ? dissolves.filter(({ layer }) => layer.mine || !assigns) : dissolves}
          classes={classes}
        />
        {view === "tray" ? (
          <TaskTray
            projectId={projectId}
            items={tray.items}
            classes={classes}
            slides={slides}
            pages={trayPages(search, tray.nextCursor)}
          />
        ) : null}
        {board === null || tasks.length === 0 ? null : <BoardGroups board={board} group={group} search={search} />}
        {view === "board" || view === "table" ? (
          <Listing
            projectId={projectId}
            tasks={tasks}
            members={members}
            decider={usualDecider(content)}
            assigns={assigns}
            search={search}
            classes={classes}
            asTable={view === "table"}
          />
        ) : null}
        {opened === null ? null : (
          <TaskSheet
            projectId={projectId}
            detail={opened}
            meId={me.id}
            members={members}
            assigns={assigns}
            reviews={offers(project.role, "task.review")}
            speaks={offers(project.role, "comment.write")}
            closeHref={`${here}${searchWith(search, { task: null })}`}
          />
        )}
      </PageBody>
    </>
  );
}

/** Slides whose pictures are shown: in the tray alone. */
async function picturedSlides(here: string, projectId: string, view: TaskView): Promise<readonly Slide[]> {
  return view === "tray" ? load(here, (api) => api.slides.list(projectId)) : [];
}

/** With the class or the slide that the board is narrowed to, a waiver for it is begun. */
function WaiversLink(props: { readonly projectId: string; readonly role: Role; readonly search: TaskSearch }) {
  const { projectId, role, search } = props;
  if (!offers(role, "guideline.publish")) return null;
  const about = search.class === undefined ? { slide: search.slide } : { class: search.class };
  const asked = Object.entries(about).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return (
    <Button asChild>
      <Link href={`/projects/${projectId}/guideline/waivers?${new URLSearchParams(asked)}`}>
        <FileCheck2 aria-hidden /> {asked.length === 0 ? "Waivers" : "Waive what is shown…"}
      </Link>
    </Button>
  );
}

function Answered({ tasks }: { readonly tasks: readonly Task[] }) {
  const progress = progressOf(tasks);
  if (progress.total === 0) return null;
  return (
    <span className="inline-flex items-center gap-2">
      <Progress
        value={progress.done / progress.total}
        label="Items answered"
        className="inline-block w-28 max-sm:hidden"
        tone="good"
      />
      <span className="tabular">
        {count(progress.done)} of {count(progress.total)} items answered, {plural(progress.open, "task")} open
      </span>
    </span>
  );
}

/** Tasks that fit the filters, as cards by state or as lines. */
function Listing(props: {
  readonly projectId: string;
  readonly tasks: readonly Task[];
  readonly members: readonly Member[];
  /** Whom the guideline names to settle disputes. */
  readonly decider: string | null;
  readonly assigns: boolean;
  readonly search: TaskSearch;
  readonly classes: readonly ClassDefinition[];
  readonly asTable: boolean;
}) {
  const { projectId, tasks, search } = props;
  if (tasks.length === 0) return <NoTasks />;
  const shown = tasks.filter((task) => matches(task, search));
  return (
    <>
      <TaskFilters tasks={tasks} search={search} shownCount={shown.length} classes={props.classes} />
      {props.asTable ? (
        <TaskTable
          projectId={projectId}
          tasks={shown}
          members={props.members}
          decider={props.decider}
          assigns={props.assigns}
          search={search}
        />
      ) : (
        <TaskBoard projectId={projectId} tasks={shown} search={search} />
      )}
    </>
  );
}

function NoTasks() {
  return (
    <div className="rounded-lg border border-dashed bg-panel">
      <EmptyState icon={ClipboardCheck} title="No tasks">
        Tasks appear when a round is planned, when a guideline change asks something of what is drawn, or when a lead
        sends outlines back for rework from the viewer.
      </EmptyState>
    </div>
  );
}

/** Why tasks of the inbox came back. */
async function reasons(here: string, inbox: readonly Task[]): Promise<ReadonlyMap<string, string>> {
  const returned = inbox.filter((task) => task.state === "returned").slice(0, RETURNED_EXPLAINED);
  return whyReturned(await Promise.all(returned.map((task) => load(here, (api) => api.tasks.get(task.id)))));
}

/** What of the tray is looked at; from the other views its beginning, of which they say how much there is. */
function trayPage(view: TaskView, { after }: TaskSearch) {
  return { limit: TRAY_PAGE, cursor: view === "tray" ? after : undefined };
}

function isPart({ after }: TaskSearch, next: string | null): boolean {
  return next !== null || after !== undefined;
}

function trayPages(search: TaskSearch, next: string | null) {
  return {
    first: search.after === undefined ? null : searchWith(search, { after: null }),
    next: next === null ? null : searchWith(search, { after: next }),
  };
}
