"use client";

import { useRouter } from "next/navigation";
import { TaskTalk } from "#app/_components/talk/task-talk.tsx";
import { Time } from "#app/_components/time.tsx";
import { Avatar, PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Sheet } from "#app/_components/ui/sheet.tsx";
import type { Member, TaskDetail, TaskEvent } from "#client/answers.ts";
import { TaskActions } from "./task-actions.tsx";
import { TaskAssignment } from "./task-assignment.tsx";
import { TaskDue, TaskPriority } from "./task-plan.tsx";
import { TaskProgress } from "./task-progress.tsx";
import { KIND_WORDS, REASON_WORDS, STATE_WORDS } from "./task-words.ts";

type Props = {
  readonly projectId: string;
  readonly detail: TaskDetail;
  readonly meId: string;
  readonly members: readonly Member[];
  readonly assigns: boolean;
  readonly reviews: boolean;
  readonly speaks: boolean;
  readonly closeHref: string;
};

export function TaskSheet(props: Props) {
  const router = useRouter();
  const { task, events } = props.detail;
  return (
    <Sheet
      onClose={() => router.replace(props.closeHref, { scroll: false })}
      title={task.title}
      subtitle={`${KIND_WORDS[task.kind]} on ${task.slide.name}`}
      footer={
        <TaskActions
          projectId={props.projectId}
          task={task}
          meId={props.meId}
          reviews={props.reviews}
          assigns={props.assigns}
        />
      }
    >
      <div className="flex flex-col gap-5">
        <div className="flex items-center gap-3">
          <Badge tone={STATE_WORDS[task.state].tone}>{STATE_WORDS[task.state].label}</Badge>
          <TaskProgress task={task} className="flex-1" />
        </div>
        {task.text === "" ? null : (
          <blockquote className="whitespace-pre-wrap rounded-md border-line-strong border-l-2 bg-canvas px-3 py-2">
            {task.text}
          </blockquote>
        )}
        <dl className="grid grid-cols-[110px_minmax(0,1fr)] items-center gap-y-2">
          <Fact label="Assigned to">
            {props.assigns ? (
              <TaskAssignment task={task} members={props.members} />
            ) : (
              <PersonName name={task.assignee.name} colour={task.assignee.colour} />
            )}
          </Fact>
          <Fact label="Made by">
            {task.createdBy === null ? "the published guideline" : task.createdBy.name}, <Time at={task.createdAt} />
          </Fact>
          {task.reason === null ? null : <Fact label="Reason">{REASON_WORDS[task.reason]}</Fact>}
          {task.guidelineNumber === null ? null : <Fact label="Guideline">version {task.guidelineNumber}</Fact>}
          {task.layerName === null ? null : <Fact label="Layer">{task.layerName}</Fact>}
          <Fact label="Priority">
            <TaskPriority task={task} assigns={props.assigns} />
          </Fact>
          <Fact label="Due">
            <TaskDue task={task} assigns={props.assigns} />
          </Fact>
        </dl>
        <TaskTalk
          projectId={props.projectId}
          taskId={task.id}
          members={props.members.filter(({ id }) => id !== props.meId)}
          speaks={props.speaks}
        />
        <section>
          <h3 className="mb-2 font-semibold">History</h3>
          <ol className="flex flex-col gap-3 border-l pl-4">
            {events.map((event) => (
              <EventLine key={`${event.at}-${event.toState}-${event.note}`} event={event} />
            ))}
          </ol>
        </section>
      </div>
    </Sheet>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt className="text-faint text-xs">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function EventLine({ event }: { readonly event: TaskEvent }) {
  return (
    <li>
      <span className="flex items-center gap-2">
        {event.person === null ? null : <Avatar name={event.person.name} colour={event.person.colour} size="sm" />}
        <span>
          {event.person?.name ?? "Concord"}:{" "}
          <span className="text-muted">
            {event.fromState === event.toState ? "noted" : STATE_WORDS[event.toState].label.toLowerCase()}
          </span>
        </span>
        <span className="ml-auto text-faint text-xs">
          <Time at={event.at} />
        </span>
      </span>
      {event.note === "" ? null : <p className="mt-0.5 whitespace-pre-wrap text-muted">{event.note}</p>}
    </li>
  );
}
