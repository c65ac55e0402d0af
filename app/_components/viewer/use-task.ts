import { useCallback, useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import type { TaskDetail, TaskItem } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { listenToProject } from "#client/live-events.ts";
import type { Geometry } from "#domain/annotation.ts";
import { annotationId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { useVisit } from "./session.tsx";

const SETTLE_MS = 700;

export type TaskWalk = {
  readonly detail: TaskDetail | null;
  readonly index: number;
  readonly item: TaskItem | null;
  readonly left: number;
  readonly busy: boolean;
  readonly canUndo: boolean;
  readonly go: (to: number) => void;
  readonly answer: (answer: Answer, geometry?: Geometry) => Promise<void>;
  readonly undo: () => Promise<void>;
  readonly move: (to: "in-progress" | "submitted", note?: string) => Promise<void>;
  readonly sign: (given: { readonly classIds: string[]; readonly confirmed: boolean }) => Promise<void>;
};

/** A person's way through the items of a task: what the API says now, and where they stand in it. */
export function useTask(taskId: string): TaskWalk {
  const { projectId } = useVisit();
  const [detail, setDetail] = useState<TaskDetail | null>(null);
  const [index, setIndex] = useState(0);
  const [busy, setBusy] = useState(false);
  const [undos, setUndos] = useState<readonly { readonly undo: string; readonly index: number }[]>([]);
  const placed = useRef(false);

  const fetch = useCallback(async () => {
    const now = await api.tasks.get(taskId);
    setDetail(now);
    if (placed.current) return;
    placed.current = true;
    const first = now.items.findIndex(({ state }) => state === "waiting");
    setIndex(Math.max(0, first));
  }, [taskId]);
  useTaskEvents(projectId, fetch);

  /** One request at a time; what the API refuses is said, and the task is asked again. */
  const run = useCallback(
    async (action: () => Promise<void>) => {
      setBusy(true);
      try {
        await action();
      } catch (error) {
        toast.error(sentenceOf(error));
      }
      await fetch().catch(() => undefined);
      setBusy(false);
    },
    [fetch],
  );

  const items = detail?.items ?? [];
  const item = items[index] ?? null;
  const answer = (given: Answer, geometry?: Geometry) =>
    run(async () => {
      if (item === null) return;
      const { undo } = await api.tasks.resolve(taskId, {
        annotationId: annotationId.parse(item.annotationId),
        contentHash: item.contentHash,
        answer: given,
        ...(geometry === undefined ? {} : { geometry }),
      });
      setUndos((before) => [...before, { undo, index }]);
      setIndex(nextWaiting(items, index));
    });
  const undo = () =>
    run(async () => {
      const last = undos.at(-1);
      if (last === undefined) return;
      await api.tasks.undo(taskId, { undo: last.undo });
      setUndos((before) => before.slice(0, -1));
      setIndex(last.index);
    });
  const revision = detail?.task.revision ?? 0;
  return {
    detail,
    index,
    item,
    left: detail?.task.left ?? 0,
    busy,
    canUndo: undos.length > 0,
    go: (to) => setIndex(Math.max(0, Math.min(items.length - 1, to))),
    answer,
    undo,
    move: (to, note = "") => run(async () => void (await api.tasks.move(taskId, { revision, to, note }))),
    sign: (given) => run(async () => void (await api.tasks.screened(taskId, { revision, ...given }))),
  };
}

/** Asks again when tasks changed on the server; several changes in a row ask once. */
function useTaskEvents(projectId: string, fetch: () => Promise<void>): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askAgain = () => void fetch().catch((error: unknown) => toast.error(sentenceOf(error)));
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(askAgain, SETTLE_MS);
    };
    askAgain();
    const stop = listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "tasks") later();
      },
      onGap: later,
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [projectId, fetch]);
}

/** The next item that waits, from here on and round; the same place where none does. */
function nextWaiting(items: readonly TaskItem[], from: number): number {
  for (let step = 1; step < items.length; step++) {
    const at = (from + step) % items.length;
    if (items[at]?.state === "waiting") return at;
  }
  return from;
}
