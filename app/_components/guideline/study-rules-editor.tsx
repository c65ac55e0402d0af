"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import type { Member } from "#client/answers.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { StudyRules } from "#domain/guideline.ts";
import { ConsensusRulesEditor } from "./consensus-rules-editor.tsx";
import { NumberField } from "./number-field.tsx";

type Props = {
  readonly draft: DraftState;
  readonly members: readonly Member[];
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
};
export type SetRules = (part: Partial<StudyRules>) => void;

const REGIONS = [
  { value: "regions", label: "chosen regions" },
  { value: "tissue", label: "all tissue" },
  { value: "slide", label: "the whole slide" },
] as const;

export function StudyRulesEditor({ draft, members, onChange }: Props) {
  const { content } = draft;
  const { rules } = content;
  const setRules: SetRules = (part) =>
    onChange((before) => ({
      ...before,
      content: { ...before.content, rules: { ...before.content.rules, ...part } },
    }));
  return (
    <>
      <Card title="Introduction">
        <Field
          label="Shown above the classes"
          hint="What the ground truth is for, at which magnification to read, what to leave out."
        >
          {(control) => (
            <Textarea
              {...control}
              rows={6}
              maxLength={20_000}
              value={content.introduction}
              onChange={(event) =>
                onChange((before) => ({ ...before, content: { ...before.content, introduction: event.target.value } }))
              }
            />
          )}
        </Field>
      </Card>
      <ReadingRules rules={rules} setRules={setRules} />
      <ConsensusRulesEditor content={content} members={members} setRules={setRules} />
      <Card title="This guideline">
        <Field
          label="A second lead approves every draft"
          hint="In force from the version that says so: neither who put a draft forward nor who wrote in it last can approve it."
        >
          {({ id }) => (
            <Switch id={id} checked={rules.secondLead} onCheckedChange={(secondLead) => setRules({ secondLead })} />
          )}
        </Field>
      </Card>
    </>
  );
}

function ReadingRules({ rules, setRules }: { readonly rules: StudyRules; readonly setRules: SetRules }) {
  return (
    <Card title="Reading" description="A stricter rule makes finished slides be looked through again">
      <div className="grid grid-cols-2 gap-4">
        <Field label="What is read">
          {({ id }) => (
            <Select
              id={id}
              value={rules.region}
              onValueChange={(value) => {
                const region = REGIONS.find((each) => each.value === value)?.value;
                if (region !== undefined) setRules({ region });
              }}
              options={REGIONS}
            />
          )}
        </Field>
        <NumberField
          label="Seen at least at (×)"
          hint="Magnification at which a slide must have been seen before it is signed off."
          none="not asked"
          max={200}
          value={rules.minScreeningMagnification}
          onChange={(minScreeningMagnification) => setRules({ minScreeningMagnification })}
        />
        <NumberField
          label="Share to be seen (%)"
          hint="Of the tissue, at that magnification. Whoever has seen less is asked before they sign."
          zero
          max={100}
          value={Math.round(rules.minScreeningShare * 100)}
          onChange={(share) => setRules({ minScreeningShare: (share ?? 0) / 100 })}
        />
        <Field
          label="Exhaustive reading"
          hint="Everything on a slide belongs to some class, so a new class makes finished slides incomplete."
        >
          {({ id }) => (
            <Switch id={id} checked={rules.exhaustive} onCheckedChange={(exhaustive) => setRules({ exhaustive })} />
          )}
        </Field>
        <NumberField
          label="Washout (days)"
          hint="Between a read and its hidden repetition."
          zero
          max={3_650}
          value={rules.washoutDays}
          onChange={(days) => setRules({ washoutDays: Math.round(days ?? 0) })}
        />
        <NumberField
          label="Passes a test (%)"
          hint="Right answers by which a reader shows that they can tell a redefined class."
          zero
          max={100}
          value={Math.round(rules.qualifyShare * 100)}
          onChange={(share) => setRules({ qualifyShare: (share ?? 0) / 100 })}
        />
        <NumberField
          label="Touching after a merge (µm)"
          hint="Outlines of merged classes no further apart than this are offered for being made one."
          zero
          max={100}
          value={rules.dissolveGapUm}
          onChange={(gap) => setRules({ dissolveGapUm: gap ?? 0 })}
        />
      </div>
    </Card>
  );
}
