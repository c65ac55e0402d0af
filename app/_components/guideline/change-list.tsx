import type { ClassDefinition, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { ChangeBadge } from "./change-badge.tsx";
import { changeSentence, namingOf } from "./change-words.ts";
import { TEXT_FIELDS } from "./class-fields.ts";
import { TextChange } from "./text-change.tsx";

type Props = {
  readonly changes: readonly GuidelineChange[];
  readonly before: GuidelineContent | null;
  readonly after: GuidelineContent;
};

/** Typed changes as sentences; where words changed, the words can be unfolded. */
export function ChangeList({ changes, before, after }: Props) {
  const name = before === null ? namingOf(after) : namingOf(before, after);
  return (
    <ul className="mt-2 flex flex-col gap-2">
      {changes.map((change) => (
        <li key={JSON.stringify(change)} className="flex items-start gap-2">
          <ChangeBadge kind={change.kind} />
          <div className="min-w-0 flex-1 text-xs leading-5">
            <p>{changeSentence(change, name)}</p>
            {change.kind === "split" && change.guide !== "" ? (
              <p className="text-muted">How to choose: {change.guide}</p>
            ) : null}
            <WordChanges change={change} before={before} after={after} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function WordChanges({
  change,
  before,
  after,
}: { readonly change: GuidelineChange } & Pick<Props, "before" | "after">) {
  if (change.kind !== "reword" && change.kind !== "narrow" && change.kind !== "broaden") return null;
  const old = before?.classes.find((each) => each.id === change.classId);
  const now = after.classes.find((each) => each.id === change.classId);
  if (old === undefined || now === undefined) return null;
  return (
    <details className="mt-0.5">
      <summary className="text-accent-ink hover:underline">Show the words</summary>
      <ClassTextChanges before={old} after={now} />
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
