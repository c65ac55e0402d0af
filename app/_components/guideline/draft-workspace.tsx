"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Draft, PublishedVersion } from "#client/answers.ts";
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
  const reload = () => {
    setStart({ newest, stored });
    router.refresh();
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
      onReload={reload}
    />
  );
}
