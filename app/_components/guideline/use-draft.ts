"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "#client/api.ts";
import { DraftSession } from "#client/draft-session.ts";
import type { DraftState } from "#domain/draft-merge.ts";

type Start = { readonly draft: DraftState; readonly revision: number };

/**
 * The draft in this browser, with how far it is saved.
 * @param latestRevision the revision that the server was last heard to have; a newer one is taken in at once
 */
export function useDraft(projectId: string, start: Start, latestRevision: number) {
  const [session] = useState(
    () =>
      new DraftSession({
        ...start,
        send: ({ content, declarations }, revision) =>
          api.guideline.saveDraft(projectId, { revision, content, declarations: [...declarations] }),
        load: async () => {
          const { draft } = await api.guideline.get(projectId);
          return draft === null ? null : { draft, revision: draft.revision };
        },
      }),
  );
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot, session.snapshot);
  const { revision, save, clashes } = snapshot;
  const isKept = save.state === "saved" && clashes.length === 0;
  const isBehind = latestRevision > revision;

  useEffect(() => () => session.close(), [session]);
  useEffect(() => {
    if (isBehind) void session.pull();
  }, [session, isBehind]);
  useEffect(() => {
    if (isKept) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isKept]);

  return { session, ...snapshot };
}
