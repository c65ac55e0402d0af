"use client";

import { ArrowLeft, ArrowRight, CircleCheck, Undo2 } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { KIND_WORDS, REASON_WORDS, STATE_WORDS } from "#app/_components/tasks/task-words.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import type { Task, TaskItem } from "#client/answers.ts";
import type { Sandbox } from "#client/sandbox.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { isAnswerable } from "#domain/task.ts";
import { AnnotationList } from "./annotation-list.tsx";
import { ClassPalette } from "./class-palette.tsx";
import { RedrawBar } from "./redraw-bar.tsx";
import { ScreeningPanel } from "./screening-panel.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { useVisit } from "./session.tsx";
import { TaskAnswers } from "./task-answers.tsx";
import { type TaskWalk, useTask } from "./use-task.ts";

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
    <section aria-label="Task" data-testid="task-panel" className="flex min-h-0 flex-1 flex-col">
      <TaskHeader task={task} projectId={projectId} />
      {task.kind === "re-screen" ? (
        <>
          <ScreeningPanel walk={walk} detail={detail} mine={mine} />
          <div className="border-t" />
          <ClassPalette />
          <SelectionPanel />
          <AnnotationList />
        </>
      ) : (
        <>
          <Steps walk={walk} />
          <div className="scroll-thin min-h-0 flex-1 overflow-y-auto p-3">
            {item === null ? (
              <p className="text-muted">Nothing is left in this task.</p>
            ) : (
              <Item key={item.annotationId} walk={walk} item={item} mine={mine} />
            )}
          </div>
          <TaskFooter walk={walk} task={task} mine={mine} />
        </>
      )}
    </section>
  );
}

/** Goes to the item at hand, as soon as its layer is here. */
function useFocus({ detail, item }: TaskWalk): void {
  const { session } = useVisit();
  const layerId = detail?.task.layerId ?? null;
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (layerId !== null) showOnly(session, layerId);
  }, [session, layerId]);
  useEffect(() => {
    if (layerId === null || item === null || shown.current === item.annotationId) return;
    shown.current = item.annotationId;
    void show(session, layerId, item, () => shown.current === item.annotationId);
  }, [session, layerId, item]);
}

/** The task's own layer, and nothing of the others' until they are asked for. */
function showOnly(session: SlideSession, layerId: string): void {
  if (session.drawingLayer?.id !== layerId) session.drawIn(layerId);
  const others = session.state.getState().layers.filter(({ id }) => id !== layerId);
  session.workbench.store.setState({ hiddenLayerIds: new Set(others.map(({ id }) => id)) });
}

/** Only another item moves the camera, not news about the same one. */
async function show(session: SlideSession, layerId: string, item: TaskItem, wanted: () => boolean): Promise<void> {
  await session.synced(layerId);
  if (!wanted() || session.workbench.focus(layerId, annotationId.parse(item.annotationId), 0)) return;
  const [minX, minY, maxX, maxY] = item.bbox;
  session.workbench.view.flyToBox({ minX, minY, maxX, maxY }, 0);
}

function TaskHeader({ task, projectId }: { readonly task: Task; readonly projectId: string }) {
  const state = STATE_WORDS[task.state];
  const done = task.total === 0 ? 1 : 1 - task.left / task.total;
  return (
    <header className="shrink-0 border-b px-3 pt-2.5 pb-3">
      <div className="flex items-center gap-2 text-xs">
        <Link href={`/projects/${projectId}/tasks`} className="text-muted hover:text-ink">
          {KIND_WORDS[task.kind]}
        </Link>
        <Badge tone={state.tone}>{state.label}</Badge>
        {task.reason === null ? null : <Badge tone="outline">{REASON_WORDS[task.reason]}</Badge>}
      </div>
      <h2 className="mt-1 font-semibold">{task.title}</h2>
      {task.text === "" ? null : <p className="mt-1 whitespace-pre-wrap text-muted text-xs">{task.text}</p>}
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

function Item({ walk, item, mine }: { readonly walk: TaskWalk; readonly item: TaskItem; readonly mine: boolean }) {
  const { session } = useVisit();
  const [sandbox, setSandbox] = useState<Sandbox | null>(null);
  const redraw = () => {
    const drawn = {
      id: annotationId.parse(item.annotationId),
      classId: classId.parse(item.classId),
      geometry: item.geometry,
      under: item.under,
      attributes: {},
      note: "",
    };
    session.workbench.painter.setPinned([{ layerId: walk.detail?.task.layerId ?? "", id: drawn.id }]);
    setSandbox(session.openSandbox([drawn], drawn.classId));
  };
  const close = () => {
    session.workbench.painter.setPinned([]);
    session.closeSandbox();
    setSandbox(null);
  };
  useEffect(
    () => () => {
      session.workbench.painter.setPinned([]);
      session.closeSandbox();
    },
    [session],
  );
  const choice = item.questions.find(({ kind }) => kind === "choose");
  const done = (chosen: string | null) => {
    const geometry = sandbox?.geometry() ?? null;
    if (geometry === null) {
      session.workbench.store.setState({ message: { text: "Draw a shape first, or give up." } });
      return;
    }
    close();
    void walk.answer(
      chosen === null ? { verdict: "keep" } : { verdict: "choose", classId: classId.parse(chosen) },
      geometry,
    );
  };
  if (sandbox !== null) return <RedrawBar onDone={done} onCancel={close} options={choice?.options ?? []} />;
  return <TaskAnswers walk={walk} item={item} mine={mine} onRedraw={redraw} />;
}

function TaskFooter({ walk, task, mine }: { readonly walk: TaskWalk; readonly task: Task; readonly mine: boolean }) {
  if (!mine) {
    return task.state === "submitted" || task.state === "accepted" ? (
      <p className="flex shrink-0 items-center gap-2 border-t px-3 py-2.5 text-good-ink text-sm">
        <CircleCheck className="size-4" aria-hidden /> Handed in
      </p>
    ) : null;
  }
  return (
    <footer className="flex shrink-0 items-center gap-2 border-t px-3 py-2.5">
      <Button size="sm" disabled={!walk.canUndo || walk.busy} onClick={() => void walk.undo()} data-testid="task-undo">
        <Undo2 aria-hidden /> Take back
      </Button>
      <Button
        variant="primary"
        size="sm"
        className="ml-auto"
        disabled={walk.left > 0}
        busy={walk.busy}
        onClick={() => void walk.move("submitted")}
        data-testid="task-submit"
      >
        Hand in
      </Button>
    </footer>
  );
}
