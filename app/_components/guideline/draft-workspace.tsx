"use client";

import { useState } from "react";
import { toast } from "sonner";
import type { Draft, GuidelineQuestion, GuidelineView, Member, Slide } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { cropSlide } from "#client/crop.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";
import type { ClassId } from "#domain/ids.ts";
import { DraftEditor } from "./draft-editor.tsx";
import { DraftPublished } from "./draft-published.tsx";
import { type LateDraft, RebaseDialog } from "./rebase-dialog.tsx";
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
    parent: guideline.draft?.parent ?? base?.number ?? 0,
    revision: guideline.draft?.revision ?? 0,
  }));
  const latest = guideline.draft?.revision ?? 0;
  const newest = guideline.versions.at(-1) ?? null;
  const state = useDraft(projectId, start, latest, newest?.number ?? 0);
  const [late, setLate] = useState<LateDraft | null>(null);
  const goOn = async (draft: Draft | null) => {
    setLate(null);
    try {
      const { versions } = await api.guideline.get(projectId);
      const now = versions.at(-1) ?? null;
      setBase(now);
      const there = draft ?? { content: now?.content ?? EMPTY_GUIDELINE, declarations: [], revision: 0 };
      state.session.restart({ draft: there, parent: now?.number ?? 0, revision: there.revision });
    } catch (error) {
      toast.error(sentenceOf(error));
    }
  };
  if (newest !== null && state.isOvertaken && state.save.state === "saved" && state.clashes.length === 0) {
    return <DraftPublished projectId={projectId} version={newest} onGoOn={() => void goOn(guideline.draft)} />;
  }
  return (
    <>
      {late === null ? null : (
        <RebaseDialog
          projectId={projectId}
          late={late}
          onClose={() => setLate(null)}
          onDone={(draft) => void goOn(draft)}
        />
      )}
      <DraftEditor
        projectId={projectId}
        base={content}
        baseNumber={base?.number ?? 0}
        at={at}
        slides={new Map(slides.map((slide) => [slide.id, cropSlide(slide)]))}
        questions={questions}
        members={members}
        news={guideline}
        isThere={state.revision > 0 && !state.isOvertaken && guideline.draft !== null}
        published={state.isOvertaken ? newest : null}
        {...state}
        onGoOn={() => setLate({ parent: state.parent, ...state.draft })}
      />
    </>
  );
}
