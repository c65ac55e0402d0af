"use client";

import { MousePointerClick } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { PageHeader } from "#app/_components/shell/page.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import type { Draft } from "#client/answers.ts";
import { addClass, freeHotkey, meaningDiffers, newClass } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { ClassEditor } from "./class-editor.tsx";
import { DraftActions } from "./draft-actions.tsx";
import { DraftChanges } from "./draft-changes.tsx";
import { DraftClassList } from "./draft-class-list.tsx";
import { DraftNotices } from "./draft-notices.tsx";
import { freshClassId, nextColour } from "./fresh-class.ts";
import { MeaningChoice } from "./meaning-choice.tsx";
import { StudyRulesEditor } from "./study-rules-editor.tsx";
import { useDraft } from "./use-draft.ts";

type Props = {
  readonly projectId: string;
  readonly base: GuidelineContent;
  readonly baseNumber: number;
  readonly newestNumber: number;
  readonly stored: Draft | null;
  /** The draft as the server has it now. */
  readonly latest: Draft | null;
  readonly onReload: () => void;
};

export function DraftEditor(props: Props) {
  const router = useRouter();
  const { base, stored } = props;
  const initial: DraftState = stored ?? { content: base, declarations: [] };
  const { session, draft, revision, save } = useDraft(props.projectId, initial, stored?.revision ?? 0);
  const change = (edit: (before: DraftState) => DraftState) => session.change(edit);
  const [chosen, setChosen] = useState<ClassId | "rules" | null>(draft.content.classes[0]?.id ?? null);
  const definition = draft.content.classes.find((each) => each.id === chosen);

  const add = () => {
    const id = freshClassId();
    change((before) =>
      addClass(before, {
        ...newClass(id, `New class ${before.content.classes.length + 1}`, nextColour(before.content)),
        hotkey: freeHotkey(before.content),
      }),
    );
    setChosen(id);
  };
  const preview = async () => {
    if (await session.storeFirst()) router.push(`${projectPath(props.projectId, "guideline")}/preview`);
  };

  return (
    <>
      <PageHeader
        title="Guideline draft"
        meta={props.baseNumber === 0 ? "becomes version 1" : `follows version ${props.baseNumber}`}
        actions={
          <DraftActions
            projectId={props.projectId}
            save={save}
            hasStored={revision > 0}
            onSave={() => session.store()}
            onDiscarded={() => session.abandon()}
            onPreview={preview}
          />
        }
      />
      <div className="grid h-[calc(100dvh-3.25rem)] grid-cols-[208px_minmax(0,1fr)_288px] 2xl:grid-cols-[240px_minmax(0,1fr)_400px]">
        <DraftClassList base={base} draft={draft} chosen={chosen} onChoose={setChosen} onAdd={add} />
        <div className="scroll-thin overflow-y-auto border-x bg-canvas">
          <div className="mx-auto flex max-w-[720px] flex-col gap-4 px-6 py-5">
            <DraftNotices
              save={save}
              isBehind={props.newestNumber > props.baseNumber}
              newestNumber={props.newestNumber}
              otherSave={props.latest !== null && props.latest.revision > revision ? props.latest : null}
              onReload={props.onReload}
            />
            {chosen === "rules" ? (
              <StudyRulesEditor draft={draft} onChange={change} />
            ) : definition === undefined ? (
              <EmptyState icon={MousePointerClick} title="Choose a class">
                Or add the first one: a name, what belongs to it, a colour and a key.
              </EmptyState>
            ) : (
              <ClassEditor
                key={definition.id}
                base={base}
                draft={draft}
                definition={definition}
                onChange={change}
                onGone={() => setChosen(null)}
              />
            )}
          </div>
        </div>
        <DraftChanges base={base} draft={draft} onChoose={setChosen}>
          {definition !== undefined && meaningDiffers(base, draft, definition.id) ? (
            <MeaningChoice draft={draft} definition={definition} onChange={change} />
          ) : null}
        </DraftChanges>
      </div>
    </>
  );
}
