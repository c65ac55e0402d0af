"use client";

import { ArrowLeft, ArrowRight, CircleCheck, Undo2 } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { KIND_WORDS, REASON_WORDS, STATE_WORDS } from "#app/_components/tasks/task-words.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import type { Task, TaskItem as TaskItemAnswer } from "#client/answers.ts";
import { boxToShow } from "#client/outline-pair.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { annotationId } from "#domain/ids.ts";
import { isAnswerable } from "#domain/task.ts";
import { AlikeItems, alikeOf } from "./alike-items.tsx";
import { AnnotationList } from "./annotation-list.tsx";
import { BridgePanel } from "./bridge-panel.tsx";
import { ClassPalette } from "./class-palette.tsx";
import { originText } from "./origin-words.ts";
import { Key } from "./redraw-bar.tsx";
import { RegionPanel } from "./region-panel.tsx";
import { ScreeningPanel } from "./screening-panel.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { useVisit } from "./session.tsx";
import { showOnly } from "./show-only.ts";
import { TaskItem } from "./task-item.tsx";
import { TaskNotices } from "./task-notices.tsx";
import { TaskOwner } from "./task-owner.tsx";
import { useKeys } from "./use-keys.ts";
import { type TaskWalk, useTask } from "./use-task.ts";

/** So many of the next items have their pixels fetched ahead. */
const LOOK_AHEAD = 3;

/** The task at hand: one item after the other, each with what is asked and one key for each answer. */
export function TaskPanel({ taskId }: { readonly taskId: string }) {
  const { session, projectId } = useVisit();
  const walk = useTask(taskId);
  const { detail, item } = walk;
  useFocus(walk);
  if (detail === null)
    return (
      <p className="p-3 text-faint" role="status">
        Fetching the task…
      </p>
    );
  const { task } = detail;
  const mine = task.assignee.id === session.me.id && isAnswerable(task.state);
  return (
    <section
      aria-label="Task"
      data-testid="task-panel"
      data-item={item?.annotationId}
      className="flex min-h-0 flex-1 flex-col"
    >
      <TaskHeader task={task} projectId={projectId} from={originText(detail.origin)} />
      {!mine && isAnswerable(task.state) ? <TaskOwner task={task} onChanged={walk.refresh} /> : null}
      {task.kind === "re-screen" ? (
        <>
          <ScreeningPanel walk={walk} detail={detail} mine={mine} />
          <div className="border-t" />
          <ClassPalette />
          <SelectionPanel />
          <AnnotationList />
        </>
      ) : detail.region !== null && detail.items.length === 0 ? (
        <>
          <RegionPanel walk={walk} region={detail.region} mine={mine} />
          <ClassPalette />
          <SelectionPanel />
          <AnnotationList />
        </>
      ) : task.kind === "repeat-read" ? (
        <>
          <BridgePanel detail={detail} mine={mine} />
          <div className="border-t" />
          <ClassPalette />
          <SelectionPanel />
          <AnnotationList />
        </>
      ) : (
        <>
          {detail.region === null ? null : <RegionPanel walk={walk} region={detail.region} mine={mine} />}
          <TaskNotices walk={walk} />
          <Items walk={walk} mine={mine} />
          <TaskFooter walk={walk} task={task} mine={mine} />
        </>
      )}
    </section>
  );
}

/** One item after the other, or several alike ones at once. */
function Items({ walk, mine }: { readonly walk: TaskWalk; readonly mine: boolean }) {
  const { session } = useVisit();
  const [together, setTogether] = useState(false);
  const { item } = walk;
  const alike = item === null ? [] : alikeOf(walk.items, item);
  const hasAlike = mine && alike.length > 1 && item?.state === "waiting";
  if (together && alike.length > 0) {
    const close = (answered: boolean) => {
      setTogether(false);
      // What is answered makes the walk go on by itself.
      if (!answered && item !== null) show(session, walk.detail?.task.layerId ?? "", item);
    };
    return <AlikeItems walk={walk} alike={alike} onClose={close} />;
  }
  return (
    <>
      <Steps walk={walk} />
      <div className="scroll-thin min-h-0 flex-1 overflow-y-auto p-3">
        {mine && walk.left === 0 && walk.items.length > 0 ? (
          <Callout kind="good" className="mb-3" title="Everything is answered.">
            Go through it once more with the arrows, or hand it in.
          </Callout>
        ) : null}
        {item === null ? (
          <p className="text-muted">Nothing is left in this task.</p>
        ) : (
          <TaskItem
            key={item.annotationId}
            walk={walk}
            item={item}
            mine={mine}
            together={hasAlike ? { count: alike.length, open: () => setTogether(true) } : null}
          />
        )}
      </div>
    </>
  );
}

/** Goes to the item at hand, as soon as its layer is here, and has the pixels of the next ones fetched meanwhile. */
function useFocus(walk: TaskWalk): void {
  const { detail, item } = walk;
  const { session } = useVisit();
  const layerId = detail?.task.layerId ?? null;
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (layerId !== null) showOnly(session, layerId);
  }, [session, layerId]);
  useEffect(() => {
    if (layerId === null || item === null || shown.current === item.annotationId) return;
    shown.current = item.annotationId;
    show(session, layerId, item);
    session.workbench.expect(walk.upcoming(LOOK_AHEAD).map(boxToShow));
  }, [session, layerId, item, walk]);
}

/** Only another item moves the camera, not news about the same one. Where its layer is still to come it is selected later. */
function show(session: SlideSession, layerId: string, item: TaskItemAnswer): void {
  const id = annotationId.parse(item.annotationId);
  session.workbench.jump(layerId, id, boxToShow(item));
  // Says which item the camera is on, for those who measure how long that takes.
  session.workbench.view.container.dataset["shown"] = item.annotationId;
  if (session.workbench.store.getState().selection.length > 0) return;
  void session.synced(layerId).then(() => {
    const { selection } = session.workbench.store.getState();
    if (selection.length === 0) session.workbench.jump(layerId, id, boxToShow(item));
  });
}

function TaskHeader(props: { readonly task: Task; readonly projectId: string; readonly from: string | null }) {
  const { task, projectId, from } = props;
  const state = STATE_WORDS[task.state];
  const { me } = useVisit().session;
  const isHandedIn = task.state === "submitted" && task.assignee.id === me.id;
  const done = task.total === 0 ? 1 : 1 - task.left / task.total;
  return (
    <header className="shrink-0 border-b px-3 pt-2.5 pb-3">
      <div className="flex items-center gap-2 text-xs">
        <Link href={`/projects/${projectId}/tasks`} className="text-muted hover:text-ink">
          {KIND_WORDS[task.kind]}
        </Link>
        <Badge tone={state.tone}>{isHandedIn ? "Handed in" : state.label}</Badge>
        {task.reason === null ? null : <Badge tone="outline">{REASON_WORDS[task.reason]}</Badge>}
      </div>
      <h2 className="mt-1 font-semibold">{task.title}</h2>
      {task.text === "" ? null : <p className="mt-1 whitespace-pre-wrap text-muted text-xs">{task.text}</p>}
      {from === null ? null : <p className="mt-1 text-faint text-xs">{from}</p>}
      <div className="mt-2 flex items-center gap-2">
        <Progress value={done} label="Answered" tone={task.left === 0 ? "good" : "accent"} className="flex-1" />
        <span className="tabular text-muted text-xs" data-testid="task-left" data-left={task.left}>
          {task.left === 0 ? "all done" : `${task.left} of ${task.total} left`}
        </span>
      </div>
    </header>
  );
}

function Steps({ walk }: { readonly walk: TaskWalk }) {
  const items = walk.detail?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div className="flex shrink-0 items-center gap-1 border-b px-2 py-1.5">
      <Button
        variant="ghost"
        size="icon"
        aria-label="Previous item"
        onClick={() => walk.go(walk.index - 1)}
        disabled={walk.index === 0}
      >
        <ArrowLeft />
      </Button>
      <span className="tabular min-w-0 flex-1 text-center text-muted text-xs">
        Item {walk.index + 1} of {items.length}
      </span>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Next item"
        onClick={() => walk.go(walk.index + 1)}
        disabled={walk.index >= items.length - 1}
      >
        <ArrowRight />
      </Button>
    </div>
  );
}

function TaskFooter({ walk, task, mine }: { readonly walk: TaskWalk; readonly task: Task; readonly mine: boolean }) {
  const mayHandIn = mine && walk.left === 0 && walk.sending === 0 && !walk.busy;
  const handIn = () => void walk.move("submitted");
  useKeys((event) => {
    if (!mayHandIn || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return false;
    handIn();
    return true;
  });
  if (!mine) return task.state === "submitted" || task.state === "accepted" ? <HandedIn /> : null;
  return (
    <footer className="flex shrink-0 items-center gap-2 border-t px-3 py-2.5">
      <Button size="sm" disabled={!walk.canUndo} onClick={walk.undo} data-testid="task-undo">
        <Undo2 aria-hidden /> Take back
      </Button>
      <Button
        variant="primary"
        size="sm"
        className="ml-auto"
        disabled={walk.left > 0 || walk.sending > 0}
        busy={walk.busy}
        onClick={handIn}
        data-testid="task-submit"
      >
        Hand in <Key>Ctrl Enter</Key>
      </Button>
    </footer>
  );
}

/** What comes after a task: the others. */
function HandedIn() {
  const { projectId } = useVisit();
  return (
    <p className="flex shrink-0 items-center gap-2 border-t px-3 py-2.5 text-good-ink text-sm">
      <CircleCheck className="size-4" aria-hidden /> Handed in
      <Link href={`/projects/${projectId}/tasks?view=inbox`} className="ml-auto text-accent-ink hover:underline">
        Your other tasks
      </Link>
    </p>
  );
}
