"use client";

import { useCallback, useRef, useState } from "react";
import type { Slide } from "#client/answers.ts";
import { sentenceOf } from "#client/api.ts";
import { uploadSlide } from "#client/slide-upload.ts";

export type UploadState = "waiting" | "sending" | "reading" | "done" | "refused" | "stopped";

export type UploadItem = {
  readonly key: string;
  readonly file: File;
  readonly name: string;
  readonly caseName: string;
  readonly mpp: string;
  readonly state: UploadState;
  /** Share sent, 0 to 1. */
  readonly sent: number;
  /** What is wrong with the file. */
  readonly refusal: string | null;
  readonly slide: Slide | null;
};

/** A file's name without its last ending. */
export function stemOf(file: string): string {
  return file.replace(/(\.ome)?\.[a-z0-9]{2,5}$/i, "") || file;
}

function itemOf(file: File): UploadItem {
  const stem = stemOf(file.name);
  return {
    key: `${file.name}-${file.size}-${file.lastModified}`,
    file,
    name: stem,
    caseName: stem,
    mpp: "",
    state: "waiting",
    sent: 0,
    refusal: null,
    slide: null,
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Files to upload and how far they are; one is sent at a time. */
export function useUploadQueue(projectId: string, onDone: () => void) {
  const [items, setItems] = useState<readonly UploadItem[]>([]);
  const stop = useRef<AbortController | null>(null);

  const change = useCallback((key: string, part: Partial<UploadItem>) => {
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  }, []);

  const add = useCallback((files: Iterable<File>) => {
    const added = [...files].map(itemOf);
    setItems((before) => [...before.filter((old) => !added.some((item) => item.key === old.key)), ...added]);
  }, []);

  const remove = useCallback((key: string) => setItems((before) => before.filter((item) => item.key !== key)), []);

  const send = useCallback(
    async (item: UploadItem, signal: AbortSignal) => {
      change(item.key, { state: "sending", sent: 0, refusal: null });
      const mpp = item.mpp === "" ? null : Number(item.mpp);
      const onProgress = (sent: number) => change(item.key, { sent, state: sent >= 1 ? "reading" : "sending" });
      try {
        const slide = await uploadSlide(
          { projectId, file: item.file, name: item.name, caseName: item.caseName, mpp },
          onProgress,
          signal,
        );
        change(item.key, { state: "done", slide });
        onDone();
      } catch (error) {
        change(item.key, isAbort(error) ? { state: "stopped" } : { state: "refused", refusal: sentenceOf(error) });
      }
    },
    [projectId, change, onDone],
  );

  const start = useCallback(async () => {
    const controller = new AbortController();
    stop.current = controller;
    for (const item of items) {
      if (item.state === "done" || controller.signal.aborted) continue;
      await send(item, controller.signal);
    }
    stop.current = null;
  }, [items, send]);

  const cancel = useCallback(() => stop.current?.abort(), []);
  const busy = items.some((item) => item.state === "sending" || item.state === "reading");
  return { items, add, change, remove, start, cancel, busy, clear: () => setItems([]) };
}
