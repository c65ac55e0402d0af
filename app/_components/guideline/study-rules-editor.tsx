"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import type { DraftState } from "#domain/draft-merge.ts";
import type { StudyRules } from "#domain/guideline.ts";

type Props = {
  readonly draft: DraftState;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
};

export function StudyRulesEditor({ draft, onChange }: Props) {
  const { content } = draft;
  const setRules = (part: Partial<StudyRules>) =>
    onChange((before) => ({
      ...before,
      content: { ...before.content, rules: { ...before.content.rules, ...part } },
    }));
  const whole =
    (part: (value: number) => Partial<StudyRules>) => (event: { readonly target: { readonly value: string } }) => {
      const value = Number(event.target.value);
      if (Number.isFinite(value)) setRules(part(value));
    };
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
      <Card title="Rules of the study">
        <div className="grid grid-cols-2 gap-4">
          <Field label="Readers per case">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={1}
                max={20}
                value={content.rules.readersPerCase}
                onChange={whole((readersPerCase) => ({ readersPerCase }))}
              />
            )}
          </Field>
          <Field label="Quorum" hint="Readers who must agree for a consensus.">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={1}
                max={20}
                value={content.rules.quorum}
                onChange={whole((quorum) => ({ quorum }))}
              />
            )}
          </Field>
          <Field label="Smallest dispute (µm²)" hint="Smaller differences are not put before an adjudicator.">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={0}
                step="any"
                value={content.rules.minDisputeUm2}
                onChange={whole((minDisputeUm2) => ({ minDisputeUm2 }))}
              />
            )}
          </Field>
          <Field
            label="Exhaustive reading"
            hint="Everything on a slide belongs to some class, so a new class makes finished slides incomplete."
          >
            {({ id }) => (
              <Switch
                id={id}
                checked={content.rules.exhaustive}
                onCheckedChange={(exhaustive) => setRules({ exhaustive })}
              />
            )}
          </Field>
        </div>
      </Card>
    </>
  );
}
