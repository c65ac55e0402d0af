"use client";

import { useState } from "react";
import { toast } from "sonner";
import type { GuidelineQuestion, GuidelineView, Member, PublishedVersion, Slide } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { cropSlide } from "#client/crop.ts";
import type { DraftSession } from "#client/draft-session.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";
import type { ClassId } from "#domain/ids.ts";
import { DraftEditor } from "./draft-editor.tsx";
import { useDraft } from "./use-draft.ts";

type Props = {
  readonly projectId: string;
  readonly guideline: GuidelineView;
  readonly slides: readonly Slide[];
  readonly questions: readonly GuidelineQuestion[];
  readonly members: readonly Member[];
  /** The class to open the draft at. */
  readonly at: ClassId | null;
};

/** The draft and the version that it follows, as long as this page is open. */
export function DraftWorkspace({ projectId, guideline, slides, questions, members, at }: Props) {
  const [base, setBase] = useState(() => guideline.versions.at(-1) ?? null);
  const content = base?.content ?? EMPTY_GUIDELINE;
  const [start] = useState(() => ({
    draft: guideline.draft ?? { content, declarations: [] },
    revision: guideline.draft?.revision ?? 0,
  }));
  const latest = guideline.draft?.revision ?? 0;
  const state = useDraft(projectId, start, latest);
  return (
    <DraftEditor
      projectId={projectId}
      base={content}
      baseNumber={base?.number ?? 0}
      at={at}
      slides={new Map(slides.map((slide) => [slide.id, cropSlide(slide)]))}
      questions={questions}
      members={members}
      news={guideline}
      {...state}
      onGoOn={() => void goOn(projectId, state.session, setBase)}
    />
  );
}

/** Another lead published or threw the draft away: what is not saved is put on the newest version. */
async function goOn(
  projectId: string,
  session: DraftSession,
  setBase: (version: PublishedVersion | null) => void,
): Promise<void> {
  try {
    const { versions, draft } = await api.guideline.get(projectId);
    const newest = versions.at(-1) ?? null;
    setBase(newest);
    session.goOn(draft ?? { content: newest?.content ?? EMPTY_GUIDELINE, declarations: [] }, draft?.revision ?? 0);
  } catch (error) {
    toast.error(sentenceOf(error));
  }
}
