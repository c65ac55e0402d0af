"use client";

import { useCallback, useEffect, useState } from "react";
import type { DraftTalk } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassId } from "#domain/ids.ts";

/** How often a page says where in the draft its lead is; the server believes it somewhat longer. */
const SAY_MS = 10_000;
const SILENT: DraftTalk = {
  comments: [],
  review: { state: "writing", person: null, note: "", at: null, needed: false, mayApprove: false },
  editors: [],
};

/**
 * What leads say about the draft and where the others are in it; says where this one is.
 * @param exists there is a stored draft that one can talk about
 * @param heard changes whenever the page was told that something changed
 */
export function useTalk(
  projectId: string,
  { exists, heard, place }: { readonly exists: boolean; readonly heard: unknown; readonly place: ClassId | null },
) {
  const [talk, setTalk] = useState<DraftTalk>(SILENT);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: `heard` stands for news, which are asked for again.
  useEffect(() => {
    if (!exists) return;
    let isGone = false;
    // A talk that cannot be fetched is fetched with the next news; the draft's own notices say that the server is away.
    api.guideline.talk(projectId).then(
      (fresh) => isGone || setTalk(fresh),
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [projectId, exists, heard]);
  useEffect(() => {
    if (!exists) return;
    const say = () =>
      void api.guideline.editing(projectId, { place }).then(
        ({ editors }) => setTalk((before) => ({ ...before, editors })),
        () => undefined,
      );
    say();
    const timer = setInterval(say, SAY_MS);
    return () => clearInterval(timer);
  }, [projectId, exists, place]);
  const act = useCallback(async (action: () => Promise<DraftTalk>) => setTalk(await action()), []);
  return { talk, act };
}
