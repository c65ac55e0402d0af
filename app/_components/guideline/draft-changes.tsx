"use client";

import { GitCompareArrows } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import type { DraftState } from "#client/guideline-draft.ts";
import { lintChanges } from "#domain/guideline/lint.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { type ClassId, classId } from "#domain/ids.ts";
import { ChangeList } from "./change-list.tsx";
import { lintSentence, namingOf, refusalSentence } from "./change-words.ts";

type Props = {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly onChoose: (chosen: ClassId) => void;
  /** A question about the class that is being edited. */
  readonly children: ReactNode;
};

/** The draft against the version in force, as typed changes; or why it does not hold together yet. */
export function DraftChanges({ base, draft, onChoose, children }: Props) {
  const diff = diffGuidelines(base, draft.content, draft.declarations);
  const name = namingOf(base, draft.content);
  return (
    <aside aria-label="Changes" className="scroll-thin flex flex-col gap-3 overflow-y-auto bg-panel p-4">
      {children}
      <h2 className="font-semibold">Changes</h2>
      {diff.ok ? null : (
        <Callout kind="warn" action={<GoToClass detail={diff.detail} onChoose={onChoose} />}>
          {refusalSentence(diff.reason, diff.detail, name)}
        </Callout>
      )}
      {diff.ok && diff.value.length === 0 ? (
        <EmptyState icon={GitCompareArrows} title="No changes yet" className="px-2 py-8">
          What you change is listed here as it will be published, with what it asks of the readers.
        </EmptyState>
      ) : null}
      {diff.ok ? <ChangeList changes={diff.value} before={base} after={draft.content} /> : null}
      {diff.ok
        ? lintChanges(diff.value, base, draft.content).map((lint) => (
            <Callout key={`${lint.code}-${lint.classId}`} kind="warn">
              {lintSentence(lint, name)}
            </Callout>
          ))
        : null}
    </aside>
  );
}

function GoToClass(props: {
  readonly detail: Readonly<Record<string, unknown>>;
  readonly onChoose: Props["onChoose"];
}) {
  const id = classId.safeParse(props.detail["classId"]);
  if (!id.success) return null;
  return (
    <Button variant="link" size="sm" onClick={() => props.onChoose(id.data)}>
      Show
    </Button>
  );
}
