"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import type { DraftState } from "#domain/draft-merge.ts";
import { consensusMethodSchema } from "#domain/guideline/rules.ts";
import type { StudyRules } from "#domain/guideline.ts";
import { NumberField } from "./number-field.tsx";
import { ThresholdsEditor } from "./thresholds-editor.tsx";

type Props = {
  readonly draft: DraftState;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
};
type SetRules = (part: Partial<StudyRules>) => void;
type RulesProps = { readonly rules: StudyRules; readonly setRules: SetRules };

const METHODS: Readonly<Record<StudyRules["method"], string>> = {
  majority: "majority",
  quorum: "quorum",
  weighted: "weighted votes",
  staple: "STAPLE",
  single: "one adjudicator",
  "two-plus-one": "two readers, a third where they differ",
};
const REGIONS = [
  { value: "regions", label: "chosen regions" },
  { value: "tissue", label: "all tissue" },
  { value: "slide", label: "the whole slide" },
] as const;

export function StudyRulesEditor({ draft, onChange }: Props) {
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
      <ConsensusRules rules={rules} setRules={setRules} />
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

function ReadingRules({ rules, setRules }: RulesProps) {
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
      </div>
    </Card>
  );
}

function ConsensusRules({ rules, setRules }: RulesProps) {
  return (
    <Card title="Consensus" description="Another rule makes it be computed again">
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-4">
          <NumberField
            label="Readers per case"
            max={20}
            value={rules.readersPerCase}
            onChange={(readers) => setRules({ readersPerCase: Math.max(1, Math.round(readers ?? 1)) })}
          />
          <Field label="How readers are joined">
            {({ id }) => (
              <Select
                id={id}
                value={rules.method}
                onValueChange={(value) => setRules({ method: consensusMethodSchema.parse(value) })}
                options={consensusMethodSchema.options.map((method) => ({ value: method, label: METHODS[method] }))}
              />
            )}
          </Field>
          <NumberField
            label="Quorum"
            hint="Votes for a class that make it the consensus."
            max={20}
            value={rules.quorum}
            onChange={(quorum) => setRules({ quorum: Math.max(1, Math.round(quorum ?? 1)) })}
          />
          <NumberField
            label="Smallest dispute (µm²)"
            hint="Smaller differences are not put before an adjudicator."
            zero
            value={rules.minDisputeUm2}
            onChange={(area) => setRules({ minDisputeUm2: area ?? 0 })}
          />
          <Field label="Whoever read a case may not adjudicate it">
            {({ id }) => (
              <Switch id={id} checked={rules.barReaders} onCheckedChange={(barReaders) => setRules({ barReaders })} />
            )}
          </Field>
        </div>
        <ThresholdsEditor thresholds={rules.thresholds} onChange={(thresholds) => setRules({ thresholds })} />
      </div>
    </Card>
  );
}
