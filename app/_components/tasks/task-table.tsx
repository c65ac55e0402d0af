"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import Link from "next/link";
import { useRef, useState } from "react";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Cell, HeadCell, Row, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { Member, Task } from "#client/answers.ts";
import { isAnswerable } from "#domain/task.ts";
import { ChosenTasks } from "./chosen-tasks.tsx";
import { isRead, type TaskSearch } from "./task-filter.ts";
import { taskHref } from "./task-link.ts";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, PRIORITY_WORDS, STATE_WORDS } from "./task-words.ts";

/** What the server renders before the browser has measured. */
const FIRST_SIGHT = { width: 0, height: 800 };
const ROW_PX = 40;
const TITLES = ["Task", "Kind", "Slide", "Assigned to", "State", "Progress", "Priority", "Due"] as const;

type Props = {
  readonly projectId: string;
  readonly tasks: readonly Task[];
  readonly members: readonly Member[];
  /** Whom the guideline names to settle disputes. */
  readonly decider: string | null;
  readonly assigns: boolean;
  readonly search: TaskSearch;
};

/** Every task, a line each; leads choose several and do something with them at once. */
export function TaskTable({ projectId, tasks, members, decider, assigns, search }: Props) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    initialRect: FIRST_SIGHT,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const choosable = tasks.filter((task) => !isRead(task) && isAnswerable(task.state));
  const chosen = choosable.filter(({ id }) => ids.has(id));
  const flip = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  const all = choosable.length > 0 && chosen.length === choosable.length;
  const rows = virtual.getVirtualItems();
  return (
    <Card flush>
      {chosen.length === 0 ? null : (
        <ChosenTasks
          projectId={projectId}
          chosen={chosen}
          tasks={choosable}
          members={members}
          decider={decider}
          onDone={() => setIds(new Set())}
        />
      )}
      <div ref={scroller} className="scroll-thin max-h-[max(400px,calc(100dvh-240px))] overflow-auto">
        <table className="w-full min-w-[920px] lg:min-w-[1040px] border-collapse text-left text-sm">
          <TableHead className="sticky top-0 z-10">
            <tr>
              {assigns ? (
                <HeadCell className="w-8">
                  <Checkbox
                    aria-label="Choose all"
                    checked={all}
                    onCheckedChange={() => setIds(new Set(all ? [] : choosable.map(({ id }) => id)))}
                  />
                </HeadCell>
              ) : null}
              {TITLES.map((title) => (
                <HeadCell key={title} className={title === "Kind" ? "max-lg:hidden" : ""}>
                  {title}
                </HeadCell>
              ))}
            </tr>
          </TableHead>
          <TableBody>
            <Spacer px={rows.at(0)?.start ?? 0} />
            {rows.map(({ index }) => {
              const task = tasks[index];
              return task === undefined ? null : (
                <Row key={task.id} style={{ height: ROW_PX }}>
                  {assigns ? (
                    <Cell>
                      {isRead(task) || !isAnswerable(task.state) ? null : (
                        <Checkbox
                          aria-label={`Choose ${task.title}`}
                          checked={ids.has(task.id)}
                          onCheckedChange={() => flip(task.id)}
                        />
                      )}
                    </Cell>
                  ) : null}
                  <TaskCells projectId={projectId} task={task} search={search} />
                </Row>
              );
            })}
            <Spacer px={virtual.getTotalSize() - (rows.at(-1)?.end ?? 0)} />
          </TableBody>
        </table>
      </div>
    </Card>
  );
}

function TaskCells(props: { readonly projectId: string; readonly task: Task; readonly search: TaskSearch }) {
  const { projectId, task, search } = props;
  return (
    <>
      <Cell className="w-full min-w-40 max-w-0">
        <Link
          prefetch={false}
          href={taskHref(projectId, task, search)}
          scroll={false}
          className="block truncate font-medium hover:underline"
        >
          {task.title}
        </Link>
      </Cell>
      <Cell className="whitespace-nowrap text-muted max-lg:hidden">{KIND_WORDS[task.kind]}</Cell>
      <Cell>
        <ViewerLink
          href={viewerPath(projectId, task.slide.id)}
          className="whitespace-nowrap text-muted hover:underline"
        >
          {task.slide.name}
        </ViewerLink>
      </Cell>
      <Cell className="whitespace-nowrap">
        <PersonName name={task.assignee.name} colour={task.assignee.colour} />
      </Cell>
      <Cell>
        <Badge tone={STATE_WORDS[task.state].tone}>{STATE_WORDS[task.state].label}</Badge>
      </Cell>
      <Cell className="min-w-36">
        <TaskProgress task={task} />
      </Cell>
      <Cell className={cn("text-muted", task.priority >= 2 && "text-bad-ink")}>{PRIORITY_WORDS[task.priority]}</Cell>
      <Cell className="text-muted">{task.dueAt === null ? "—" : <Time at={task.dueAt} />}</Cell>
    </>
  );
}

/** Stands for the rows above or below those in sight. */
function Spacer({ px }: { readonly px: number }) {
  return px <= 0 ? null : (
    <tr aria-hidden>
      <td colSpan={TITLES.length + 1} style={{ height: px, padding: 0 }} />
    </tr>
  );
}
