import { GitCompareArrows } from "lucide-react";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { ClassDefinition, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { ChangeList, ClassTextChanges } from "./change-list.tsx";
import { TextChange } from "./text-change.tsx";

type Props = {
  readonly changes: readonly GuidelineChange[];
  readonly before: GuidelineContent;
  readonly after: GuidelineContent;
};

/** Two versions side by side: left what changed by its nature, right the words, class by class. */
export function DiffTable({ changes, before, after }: Props) {
  const groups = after.classes.map((definition) => ({
    definition,
    changes: changes.filter((change) => isAbout(change, definition)),
    old: before.classes.find(({ id }) => id === definition.id),
  }));
  const study = changes.filter((change) => !("classId" in change) && change.kind !== "merge");
  const shown = groups.filter((group) => group.changes.length > 0);
  const introduced = before.introduction !== after.introduction;
  if (shown.length === 0 && study.length === 0 && !introduced) {
    return (
      <EmptyState icon={GitCompareArrows} title="No difference">
        The two say the same.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {study.length === 0 && !introduced ? null : (
        <Side title="The study" changes={study} before={before} after={after}>
          {introduced ? <TextChange before={before.introduction} after={after.introduction} /> : <NoWords />}
        </Side>
      )}
      {shown.map(({ definition, changes: own, old }) => (
        <Side
          key={definition.id}
          title={<ClassName name={definition.name} colour={definition.colour} retired={definition.retired} />}
          changes={own}
          before={before}
          after={after}
        >
          <Words old={old} now={definition} />
        </Side>
      ))}
    </div>
  );
}

function Side(props: Props & { readonly title: React.ReactNode; readonly children: React.ReactNode }) {
  return (
    <Card title={props.title} flush>
      <div className="grid md:grid-cols-2">
        <div className="border-b p-4 md:border-r md:border-b-0">
          <ChangeList changes={props.changes} before={props.before} after={props.after} withWords={false} />
        </div>
        <div className="p-4 text-xs leading-5">{props.children}</div>
      </div>
    </Card>
  );
}

function Words({ old, now }: { readonly old: ClassDefinition | undefined; readonly now: ClassDefinition }) {
  if (now.retired) return <p className="text-muted">Its words are kept for what was drawn under them.</p>;
  const blank = { definition: "", include: "", exclude: "", boundary: "", whenUnsure: "" };
  const before = old ?? { ...now, ...blank };
  const same = TEXTS.every((field) => before[field] === now[field]);
  if (same && old === undefined) return <p className="text-warn-ink">It has no words yet.</p>;
  return same ? <NoWords /> : <ClassTextChanges before={before} after={now} />;
}

const TEXTS = ["definition", "include", "exclude", "boundary", "whenUnsure"] as const;

function NoWords() {
  return <p className="text-faint">The words are the same.</p>;
}

function isAbout(change: GuidelineChange, { id }: ClassDefinition): boolean {
  return change.kind === "merge" ? change.into === id : "classId" in change && change.classId === id;
}
