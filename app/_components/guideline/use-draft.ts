"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "#client/api.ts";
import { DraftSession, type StoredDraft } from "#client/draft-session.ts";

/**
 * The draft in this browser, with how far it is saved.
 * @param latestRevision the revision that the server was last heard to have; a newer one is taken in at once
 * @param newest the version that the server was last heard to have; one that the draft does not follow overtakes it
 */
export function useDraft(projectId: string, start: StoredDraft, latestRevision: number, newest: number) {
  const [session] = useState(
    () =>
      new DraftSession({
        ...start,
        send: ({ draft: { content, declarations }, parent, revision }) =>
          api.guideline.saveDraft(projectId, { revision, parent, content, declarations: [...declarations] }),
        load: async () => {
          const { draft } = await api.guideline.get(projectId);
          return draft === null ? null : { draft, parent: draft.parent, revision: draft.revision };
        },
      }),
  );
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot, session.snapshot);
  const { parent, revision, save, clashes } = snapshot;
  const isKept = save.state === "saved" && clashes.length === 0;
  const isOvertaken = newest > parent;
  const isBehind = latestRevision > revision && !isOvertaken;

  useEffect(() => () => session.close(), [session]);
  useEffect(() => {
    if (isOvertaken) void session.overtaken();
  }, [session, isOvertaken]);
  useEffect(() => {
    if (isBehind) void session.pull();
  }, [session, isBehind]);
  useEffect(() => {
    if (isKept) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isKept]);

  return { session, isOvertaken, ...snapshot };
}
