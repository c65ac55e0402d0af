"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "#client/api.ts";
import { DraftSession } from "#client/draft-session.ts";
import type { DraftState } from "#domain/draft-merge.ts";

/** The draft in this browser, with how far it is saved. */
export function useDraft(projectId: string, initial: DraftState, initialRevision: number) {
  const [session] = useState(
    () =>
      new DraftSession({
        draft: initial,
        revision: initialRevision,
        send: ({ content, declarations }, revision) =>
          api.guideline.saveDraft(projectId, { revision, content, declarations: [...declarations] }),
      }),
  );
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot, session.snapshot);
  const isDirty = snapshot.save.state !== "saved";

  useEffect(() => () => session.close(), [session]);
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isDirty]);

  return { session, ...snapshot };
}
