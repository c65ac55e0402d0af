"use client";

import { GitCompareArrows } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { ambiguitiesOf } from "#client/draft-ambiguities.ts";
import { weakenChange } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import { lintChanges } from "#domain/guideline/lint.ts";
import { changeKey, leavableOutcomes } from "#domain/guideline/outcomes.ts";
import type { ClassDefinition, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { type ClassId, classId } from "#domain/ids.ts";
import { ChangeList } from "./change-list.tsx";
import { changeSentence, lintSentence, namingOf, refusalSentence } from "./change-words.ts";
import { WeakenDialog } from "./weaken-dialog.tsx";

type Props = {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
  readonly onChoose: (chosen: ClassId) => void;
  /** The class that is open; what is asked about it is among the children. */
  readonly chosen: ClassId | "rules" | null;
  /** A question about the class that is being edited. */
  readonly children: ReactNode;
};

/** The draft against the version in force, as typed changes; or why it does not hold together yet. */
export function DraftChanges({ base, draft, chosen, onChange, onChoose, children }: Props) {
  const [weakening, setWeakening] = useState<GuidelineChange | null>(null);
  const diff = diffGuidelines(base, draft.content, draft.declarations);
  const name = namingOf(base, draft.content);
  const open = ambiguitiesOf(base, draft).filter((each) => !each.answered && each.kind !== "unit");
  const elsewhere = [...new Set(open.map((each) => each.classId))].filter((id) => id !== chosen);
  const { rules } = draft.content;
  const known = new Set(base.classes.map(({ id }) => id));
  const wordless = draft.content.classes.filter(
    ({ id, retired, abstract, definition }) => !(known.has(id) || retired || abstract) && definition.trim() === "",
  );
  return (
    <div className="flex flex-col gap-3">
      {children}
      {elsewhere.length === 0 ? null : (
        <Callout kind="warn" title="Say what the new words mean">
          <ClassLinks classes={elsewhere.map((id) => ({ id, name: name(id) }))} onChoose={onChoose} />
        </Callout>
      )}
      {diff.ok || open.length > 0 ? null : (
        <Callout kind="warn" action={<GoToClass detail={diff.detail} onChoose={onChoose} />}>
          {refusalSentence(diff.reason, diff.detail, name)}
        </Callout>
      )}
      {diff.ok ? null : (
        <p className="text-faint text-xs">What else changes is listed here again as soon as that is mended.</p>
      )}
      <Wordless classes={wordless} onChoose={onChoose} />
      {diff.ok && diff.value.length === 0 ? (
        <EmptyState icon={GitCompareArrows} title="No changes yet" className="px-2 py-8">
          What you change is listed here as it will be published, with what it asks of the readers.
        </EmptyState>
      ) : null}
      {diff.ok ? (
        <ChangeList
          changes={diff.value}
          before={base}
          after={draft.content}
          actions={(change) =>
            leavableOutcomes(change, rules).length > 0 ? (
              <Button variant="link" size="sm" onClick={() => setWeakening(change)}>
                {change.weakened === undefined ? "Ask for less" : "Change"}
              </Button>
            ) : null
          }
        />
      ) : null}
      {diff.ok
        ? lintChanges(diff.value, base, draft.content).map((lint) => (
            <Callout key={`${lint.code}-${lint.classId}-${lint.changes.join()}`} kind="warn">
              {lintSentence(lint, name)}
            </Callout>
          ))
        : null}
      {weakening === null ? null : (
        <WeakenDialog
          sentence={changeSentence(weakening, name)}
          change={weakening}
          outcomes={leavableOutcomes(weakening, rules)}
          onClose={() => setWeakening(null)}
          onWeaken={(drop, reason) => {
            onChange((before) => weakenChange(before, changeKey(weakening), { drop, reason }));
            setWeakening(null);
          }}
        />
      )}
    </div>
  );
}

/** New classes that say nothing yet: a split or a quick addition leaves them so. */
function Wordless(props: { readonly classes: readonly ClassDefinition[]; readonly onChoose: Props["onChoose"] }) {
  if (props.classes.length === 0) return null;
  return (
    <Callout kind="info" title="Still without a definition">
      <ClassLinks classes={props.classes} onChoose={props.onChoose} />
    </Callout>
  );
}

function ClassLinks(props: {
  readonly classes: readonly Pick<ClassDefinition, "id" | "name">[];
  readonly onChoose: Props["onChoose"];
}) {
  return (
    <ul className="flex flex-wrap gap-x-3">
      {props.classes.map(({ id, name }) => (
        <li key={id}>
          <Button variant="link" size="sm" onClick={() => props.onChoose(id)}>
            {name}
          </Button>
        </li>
      ))}
    </ul>
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
