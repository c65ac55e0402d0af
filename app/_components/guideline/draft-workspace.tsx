"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import type { Draft, PublishedVersion } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";
import { DraftEditor } from "./draft-editor.tsx";

type Props = {
  readonly projectId: string;
  /** The version in force; null before the first. */
  readonly newest: PublishedVersion | null;
  readonly stored: Draft | null;
};

/** Holds the draft that this browser started from; loading somebody else's save starts the editor again. */
export function DraftWorkspace({ projectId, newest, stored }: Props) {
  const router = useRouter();
  const [start, setStart] = useState({ newest, stored });
  const reload = async () => {
    try {
      const guideline = await api.guideline.get(projectId);
      setStart({ newest: guideline.versions.at(-1) ?? null, stored: guideline.draft });
      router.refresh();
    } catch (error) {
      toast.error(sentenceOf(error));
    }
  };
  return (
    <DraftEditor
      key={`${start.stored?.revision ?? 0}-${start.newest?.number ?? 0}`}
      projectId={projectId}
      base={start.newest?.content ?? EMPTY_GUIDELINE}
      baseNumber={start.newest?.number ?? 0}
      newestNumber={newest?.number ?? 0}
      stored={start.stored}
      latest={stored}
      onReload={() => void reload()}
    />
  );
}
