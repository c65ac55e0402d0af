"use client";

import { MousePointerClick } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { PageHeader } from "#app/_components/shell/page.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import type { GuidelineQuestion, GuidelineView, Member, PublishedVersion } from "#client/answers.ts";
import type { CropSlide } from "#client/crop.ts";
import type { DraftSession, DraftSnapshot } from "#client/draft-session.ts";
import { addClass, freeHotkey, newClass } from "#client/guideline-draft.ts";
import { formersOf } from "#client/split-hints.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { AsksBelow } from "./asks-below.tsx";
import { ClassEditor } from "./class-editor.tsx";
import { DraftActions } from "./draft-actions.tsx";
import { DraftChanges } from "./draft-changes.tsx";
import { DraftClassList } from "./draft-class-list.tsx";
import { DraftEditors } from "./draft-editors.tsx";
import { DraftNotices } from "./draft-notices.tsx";
import { DraftReview } from "./draft-review.tsx";
import { DraftSide } from "./draft-side.tsx";
import { DraftTalk } from "./draft-talk.tsx";
import { freshClassId, freshColours } from "./fresh-class.ts";
import { LinkedQuestions } from "./linked-questions.tsx";
import { MeaningChoice } from "./meaning-choice.tsx";
import { StudyRulesEditor } from "./study-rules-editor.tsx";
import { useTalk } from "./use-talk.ts";

type Props = DraftSnapshot & {
  readonly projectId: string;
  readonly base: GuidelineContent;
  readonly baseNumber: number;
  readonly session: DraftSession;
  readonly at: ClassId | null;
  readonly slides: ReadonlyMap<string, CropSlide>;
  readonly questions: readonly GuidelineQuestion[];
  readonly members: readonly Member[];
  /** As the server has it now; another answer means that something changed. */
  readonly news: GuidelineView;
  /** There is a stored draft that one can talk about. */
  readonly isThere: boolean;
  /** A version that the draft does not follow; null where there is none. */
  readonly published: PublishedVersion | null;
  readonly onGoOn: () => void;
};

export function DraftEditor(props: Props) {
  const router = useRouter();
  const { projectId, base, session, draft, revision, save } = props;
  const { content } = draft;
  const change = (edit: (before: DraftState) => DraftState) => session.change(edit);
  const [chosen, setChosen] = useState<ClassId | "rules" | null>(props.at ?? content.classes[0]?.id ?? null);
  const definition = content.classes.find((each) => each.id === chosen) ?? null;
  const { talk, act } = useTalk(projectId, {
    exists: props.isThere,
    heard: props.news,
    place: definition?.id ?? null,
  });
  const [fresh, setFresh] = useState<ClassId | null>(null);
  const add = () => {
    const id = freshClassId();
    setFresh(id);
    change((before) =>
      addClass(before, {
        ...newClass(id, `New class ${before.content.classes.length + 1}`, freshColours(before.content)[0]),
        hotkey: freeHotkey(before.content),
      }),
    );
    setChosen(id);
  };
  const preview = async () => {
    if (await session.storeFirst()) router.push(`${projectPath(projectId, "guideline")}/preview`);
  };
  const lists = { base, draft, chosen, onChoose: setChosen, onChange: change };
  return (
    <>
      <PageHeader
        title="Guideline draft"
        meta={props.baseNumber === 0 ? "becomes version 1" : `follows version ${props.baseNumber}`}
        actions={
          <>
            <DraftEditors editors={talk.editors} content={content} />
            <DraftActions
              projectId={projectId}
              save={save}
              hasStored={revision > 0}
              onSave={() => session.store()}
              onDiscarded={() => session.abandon()}
              onPreview={preview}
            />
          </>
        }
      />
      <div className="grid grid-cols-1 lg:grid-cols-[208px_minmax(0,1fr)] xl:h-[calc(100dvh-3.25rem)] xl:grid-cols-[208px_minmax(0,1fr)_336px] 2xl:grid-cols-[240px_minmax(0,1fr)_420px]">
        <DraftClassList {...lists} editors={talk.editors} onAdd={add} />
        {/* Another class is read from its top. */}
        <div key={chosen} className="scroll-thin border-y bg-canvas lg:border-x lg:border-y-0 xl:overflow-y-auto">
          <div className="mx-auto flex max-w-[760px] flex-col gap-4 px-6 py-5">
            <DraftNotices
              projectId={projectId}
              published={props.published}
              save={save}
              clashes={props.clashes}
              content={content}
              onGoOn={props.onGoOn}
              onSettle={(clash, choice) => session.settle(clash, choice)}
            />
            {definition === null ? null : <AsksBelow base={base} draft={draft} definition={definition} />}
            {chosen === "rules" ? (
              <StudyRulesEditor draft={draft} members={props.members} onChange={change} />
            ) : definition === null ? (
              <EmptyState icon={MousePointerClick} title="Choose a class">
                Or add the first one: a name, what belongs to it, a colour and a key.
              </EmptyState>
            ) : (
              <ClassEditor
                key={definition.id}
                isFresh={definition.id === fresh}
                projectId={projectId}
                slides={props.slides}
                members={props.members}
                base={base}
                draft={draft}
                definition={definition}
                formers={formersOf(definition.id, props.news.versions)}
                onChange={change}
                onGone={() => setChosen(null)}
              />
            )}
          </div>
        </div>
        <DraftSide
          tabs={[
            {
              key: "changes",
              label: "Changes",
              count: 0,
              content: (
                <div className="flex flex-col gap-3">
                  {revision > 0 && (talk.review.needed || talk.review.state !== "writing") ? (
                    <DraftReview projectId={projectId} revision={revision} review={talk.review} act={act} />
                  ) : null}
                  <DraftChanges {...lists}>
                    {definition === null ? null : (
                      <MeaningChoice base={base} draft={draft} definition={definition} onChange={change} />
                    )}
                  </DraftChanges>
                </div>
              ),
            },
            {
              key: "talk",
              label: "Comments",
              count: talk.comments.filter(({ resolvedAt }) => resolvedAt === null).length,
              content: <DraftTalk {...{ projectId, content, definition, talk, act }} onChoose={setChosen} />,
            },
            {
              key: "questions",
              label: "Questions",
              count: questionsAt(props.questions, definition?.id ?? null).length,
              content: (
                <LinkedQuestions
                  projectId={projectId}
                  questions={questionsAt(props.questions, definition?.id ?? null)}
                />
              ),
            },
          ]}
        />
      </div>
    </>
  );
}

/** Questions that this draft answers, and open ones about the class at hand. */
function questionsAt(questions: readonly GuidelineQuestion[], at: ClassId | null): readonly GuidelineQuestion[] {
  return questions.filter(({ state, draftClassId, classId, otherClassId }) => {
    const isHere = at === null || [draftClassId, classId, otherClassId].includes(at);
    return state === "became-draft-change" ? isHere || draftClassId === null : state === "open" && isHere;
  });
}
