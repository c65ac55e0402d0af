"use client";

import Link from "next/link";
import { useState } from "react";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { Member, Task } from "#client/answers.ts";
import { BulkReassign } from "./bulk-reassign.tsx";
import { searchWith, type TaskSearch } from "./task-filter.ts";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, PRIORITY_WORDS, STATE_WORDS } from "./task-words.ts";

type Props = {
  readonly projectId: string;
  readonly tasks: readonly Task[];
  readonly members: readonly Member[];
  readonly assigns: boolean;
  readonly search: TaskSearch;
};

export function TaskTable({ projectId, tasks, members, assigns, search }: Props) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const visible = tasks.filter((task) => chosen.has(task.id)).map((task) => task.id);
  const flip = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const allChosen = tasks.length > 0 && visible.length === tasks.length;
  return (
    <Card flush>
      {visible.length === 0 ? null : (
        <BulkReassign projectId={projectId} taskIds={visible} members={members} onDone={() => setChosen(new Set())} />
      )}
      <Table>
        <TableHead>
          <tr>
            {assigns ? (
              <HeadCell className="w-8">
                <Checkbox
                  aria-label="Choose all"
                  checked={allChosen}
                  onCheckedChange={() => setChosen(new Set(allChosen ? [] : tasks.map((task) => task.id)))}
                />
              </HeadCell>
            ) : null}
            <HeadCell>Task</HeadCell>
            <HeadCell>Kind</HeadCell>
            <HeadCell>Slide</HeadCell>
            <HeadCell>Assigned to</HeadCell>
            <HeadCell>State</HeadCell>
            <HeadCell className="w-36">Progress</HeadCell>
            <HeadCell>Priority</HeadCell>
            <HeadCell>Changed</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {tasks.map((task) => (
            <Row key={task.id}>
              {assigns ? (
                <Cell>
                  <Checkbox
                    aria-label={`Choose ${task.title}`}
                    checked={chosen.has(task.id)}
                    onCheckedChange={() => flip(task.id)}
                  />
                </Cell>
              ) : null}
              <Cell className="w-full min-w-40">
                <Link
                  prefetch={false}
                  href={searchWith(search, { task: task.id })}
                  scroll={false}
                  className="line-clamp-1 font-medium hover:underline"
                >
                  {task.title}
                </Link>
              </Cell>
              <Cell className="whitespace-nowrap text-muted">{KIND_WORDS[task.kind]}</Cell>
              <Cell>
                <ViewerLink
                  href={viewerPath(projectId, task.slide.id)}
                  className="whitespace-nowrap text-muted hover:underline"
                >
                  {task.slide.name}
                </ViewerLink>
              </Cell>
              <Cell>
                <PersonName name={task.assignee.name} colour={task.assignee.colour} />
              </Cell>
              <Cell>
                <Badge tone={STATE_WORDS[task.state].tone}>{STATE_WORDS[task.state].label}</Badge>
              </Cell>
              <Cell>
                <TaskProgress task={task} />
              </Cell>
              <Cell className="text-muted">{PRIORITY_WORDS[task.priority]}</Cell>
              <Cell className="text-muted">
                <Time at={task.updatedAt} />
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
