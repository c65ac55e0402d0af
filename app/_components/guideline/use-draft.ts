"use client";

import { useCallback, useEffect, useState } from "react";
import type { Draft } from "#client/answers.ts";
import { ApiError, api, sentenceOf } from "#client/api.ts";
import type { DraftState } from "#client/guideline-draft.ts";

export type DraftSave =
  | { readonly state: "saved" | "unsaved" | "saving" }
  | { readonly state: "refused"; readonly sentence: string; readonly isStale: boolean };

/** The draft in this browser, saved by hand; a save that names an older revision is refused by the API. */
export function useDraft(projectId: string, initial: DraftState, initialRevision: number) {
  const [draft, setDraft] = useState(initial);
  const [revision, setRevision] = useState(initialRevision);
  const [save, setSave] = useState<DraftSave>({ state: "saved" });
  const isDirty = save.state !== "saved";

  const change = useCallback((edit: (before: DraftState) => DraftState) => {
    setDraft(edit);
    setSave({ state: "unsaved" });
  }, []);

  const store = useCallback(async (): Promise<Draft | null> => {
    setSave({ state: "saving" });
    try {
      const stored = await api.guideline.saveDraft(projectId, {
        revision,
        content: draft.content,
        declarations: [...draft.declarations],
      });
      setRevision(stored.revision);
      setSave({ state: "saved" });
      return stored;
    } catch (error) {
      const isStale = error instanceof ApiError && error.code === "stale-draft";
      setSave({ state: "refused", sentence: sentenceOf(error), isStale });
      return null;
    }
  }, [projectId, revision, draft]);

  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isDirty]);

  return { draft, change, revision, save, isDirty, store };
}
