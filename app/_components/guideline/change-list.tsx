import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { changeKey } from "#domain/guideline/outcomes.ts";
import type { ClassDefinition, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { ChangeBadge } from "./change-badge.tsx";
import { changeSentence, namingOf } from "./change-words.ts";
import { TEXT_FIELDS } from "./class-fields.ts";
import { OutcomeBadges } from "./outcome-badges.tsx";
import { ruleChanges } from "./rule-words.ts";
import { TextChange } from "./text-change.tsx";

type Props = {
  readonly changes: readonly GuidelineChange[];
  readonly before: GuidelineContent | null;
  readonly after: GuidelineContent;
  /** False where the words stand beside the list. */
  readonly withWords?: boolean;
  /** What can be done about a change. */
  readonly actions?: (change: GuidelineChange) => ReactNode;
};

/** Typed changes as sentences, with what they ask for; where words changed, the words can be unfolded. */
export function ChangeList({ changes, before, after, withWords = true, actions }: Props) {
  const name = before === null ? namingOf(after) : namingOf(before, after);
  return (
    <ul className="mt-2 flex flex-col gap-3">
      {changes.map((change) => (
        <li key={`${changeKey(change)} ${JSON.stringify(change)}`} className="flex items-start gap-2">
          <ChangeBadge kind={change.kind} />
          <div className="min-w-0 flex-1 text-xs leading-5">
            <p>{changeSentence(change, name)}</p>
            <RuleChanges change={change} before={before} after={after} />
            {change.kind === "split" && change.guide !== "" ? (
              <p className="text-muted">How to choose: {change.guide}</p>
            ) : null}
            <div className="mt-1 flex flex-wrap items-center gap-2">
              <OutcomeBadges change={change} rules={after.rules} />
              {actions?.(change)}
            </div>
            {change.weakened === undefined ? null : (
              <p className="mt-0.5 text-muted">Left out because: {change.weakened.reason}</p>
            )}
            {withWords ? <WordChanges change={change} before={before} after={after} /> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** What stricter or looser rules asked, and ask now. */
function RuleChanges({
  change,
  before,
  after,
}: { readonly change: GuidelineChange } & Pick<Props, "before" | "after">) {
  if (change.kind !== "limits" || before === null) return null;
  const changed = ruleChanges(change.what, [before, after], change.classId, namingOf(before, after));
  return (
    <ul className="text-muted">
      {changed.map((each) => (
        <li key={each.rule}>
          <span className="first-letter:uppercase">{each.rule}</span>: {each.before}{" "}
          <ArrowRight className="inline size-3" aria-label="becomes" /> {each.after}
        </li>
      ))}
    </ul>
  );
}

/** The two texts of a class that a change is about; null where none differs. */
export function wordsOf(
  change: GuidelineChange,
  before: GuidelineContent | null,
  after: GuidelineContent,
): { readonly old: ClassDefinition; readonly now: ClassDefinition } | null {
  if (!["reword", "narrow", "broaden", "redefine", "boundary"].includes(change.kind) || !("classId" in change)) {
    return null;
  }
  const old = before?.classes.find((each) => each.id === change.classId);
  const now = after.classes.find((each) => each.id === change.classId);
  return old === undefined || now === undefined ? null : { old, now };
}

function WordChanges({
  change,
  before,
  after,
}: { readonly change: GuidelineChange } & Pick<Props, "before" | "after">) {
  const words = wordsOf(change, before, after);
  if (words === null) return null;
  return (
    <details className="mt-0.5">
      <summary className="text-accent-ink hover:underline">Show the words</summary>
      <ClassTextChanges before={words.old} after={words.now} />
    </details>
  );
}

/** Every text of a class that differs, old words struck out and new ones marked. */
export function ClassTextChanges({
  before,
  after,
}: {
  readonly before: ClassDefinition;
  readonly after: ClassDefinition;
}) {
  const changed = TEXT_FIELDS.filter((field) => before[field.key] !== after[field.key]);
  return (
    <dl className="mt-1 flex flex-col gap-1.5 rounded-md border bg-canvas p-2.5">
      {changed.map((field) => (
        <div key={field.key}>
          <dt className="text-2xs text-faint">{field.label}</dt>
          <dd>
            <TextChange before={before[field.key]} after={after[field.key]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
