import { useEffect, useState } from "react";
import { toast } from "sonner";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { Given } from "#client/answer-queue.ts";
import type { TaskDetail, TaskItem } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { listenToProject } from "#client/live-events.ts";
import { type AnsweredItem, type Beside, NO_WALK, TaskWalk as Walk, type WalkState } from "#client/task-walk.ts";
import { annotationId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { useVisit } from "./session.tsx";

const SETTLE_MS = 700;

export type TaskWalk = WalkState & {
  readonly item: TaskItem | null;
  /** A step of the task itself is under way. */
  readonly busy: boolean;
  readonly go: (to: number) => void;
  readonly answer: (answer: Answer, beside?: Beside) => void;
  readonly answerAll: (answers: readonly AnsweredItem[]) => void;
  readonly upcoming: (count: number) => readonly TaskItem[];
  readonly undo: () => void;
  readonly retry: () => void;
  readonly dismiss: () => void;
  /** Asks what the task is now. */
  readonly refresh: () => void;
  readonly move: (to: "in-progress" | "submitted", note?: string) => Promise<void>;
  readonly sign: (given: { readonly classIds: string[]; readonly confirmed: boolean }) => Promise<void>;
};

/** A person's way through the items of a task, kept true by what is told of it. */
export function useTask(taskId: string): TaskWalk {
  const { projectId, session } = useVisit();
  const [busy, setBusy] = useState(false);
  const [idle] = useState(() => createStore<WalkState>(() => NO_WALK));
  const [walk, setWalk] = useState<Walk | null>(null);
  const state = useStore(walk?.state ?? idle);
  const meId = session.me.id;
  useEffect(() => {
    const opened = openWalk(taskId, meId);
    setWalk(opened);
    return follow(opened, projectId);
  }, [taskId, meId, projectId]);
  useAskBeforeLeaving(state);

  const revision = state.detail?.task.revision ?? 0;
  /** What the API refuses is said, and the task is asked again. */
  const run = async (action: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await action();
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    await walk?.fetch().catch(() => undefined);
    setBusy(false);
  };
  return {
    ...state,
    item: state.items[state.index] ?? null,
    busy,
    go: (to) => walk?.go(to),
    answer: (answer, beside) => walk?.answer(answer, beside),
    answerAll: (answers) => walk?.answerAll(answers),
    upcoming: (count) => walk?.upcoming(count) ?? [],
    undo: () => walk?.undo(),
    retry: () => walk?.retry(),
    dismiss: () => walk?.dismiss(),
    refresh: () => void walk?.fetch().catch((error: unknown) => toast.error(sentenceOf(error))),
    move: (to, note = "") => run(() => api.tasks.move(taskId, { revision, to, note })),
    sign: (given) => run(() => api.tasks.screened(taskId, { revision, ...given })),
  };
}

function openWalk(taskId: string, personId: string): Walk {
  const sender = {
    answer: (given: Given) => sendAnswer(taskId, given),
    undo: async (given: Given) => void (await api.tasks.undo(taskId, { undo: given.id })),
  };
  const key = `concord:answers:${personId}:${taskId}`;
  return new Walk((): Promise<TaskDetail> => api.tasks.get(taskId), sender, window.localStorage, key);
}

async function sendAnswer(taskId: string, { id, items, answer, geometry, trims }: Given): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  if (items.length > 1) {
    const about = items.map((item) => ({ ...item, annotationId: annotationId.parse(item.annotationId) }));
    await api.tasks.answerAlike(taskId, { id: annotationId.parse(id), items: about, answer });
    return;
  }
  await api.tasks.resolve(taskId, {
    id: annotationId.parse(id),
    annotationId: annotationId.parse(first.annotationId),
    contentHash: first.contentHash,
    answer,
    ...(geometry === undefined ? {} : { geometry }),
    ...(trims === undefined
      ? {}
      : { trims: trims.map((each) => ({ ...each, annotationId: annotationId.parse(each.annotationId) })) }),
  });
}

/** Asks now, and again when tasks changed on the server; several changes in a row, and one's own on their way, ask once. */
function follow(walk: Walk, projectId: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const askAgain = () => {
    if (walk.state.getState().sending > 0) return later();
    void walk.fetch().catch((error: unknown) => toast.error(sentenceOf(error)));
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(askAgain, SETTLE_MS);
  };
  void walk.fetch().catch((error: unknown) => toast.error(sentenceOf(error)));
  const stop = listenToProject(projectId, {
    onEvent: ({ kind }) => {
      if (kind === "tasks") later();
    },
    onGap: later,
  });
  return () => {
    clearTimeout(timer);
    stop();
    walk.close();
  };
}

/** Unsent answers are kept by the browser; the question says that they are still to be sent. */
function useAskBeforeLeaving({ stuck }: WalkState): void {
  useEffect(() => {
    if (!stuck) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [stuck]);
}
