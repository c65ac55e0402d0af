"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { Member } from "#client/answers.ts";
import { consensusMethodSchema } from "#domain/guideline/rules.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { METHOD_OPTIONS, NAMED } from "./method-words.ts";
import { NumberField } from "./number-field.tsx";
import { PeopleField, PersonField, WeightsField } from "./people-fields.tsx";
import type { SetRules } from "./study-rules-editor.tsx";
import { ThresholdsEditor } from "./thresholds-editor.tsx";

type Props = {
  readonly content: GuidelineContent;
  readonly members: readonly Member[];
  readonly setRules: SetRules;
};

/** How the reads of a case become one record, and who decides where they do not. */
export function ConsensusRulesEditor({ content, members, setRules }: Props) {
  const { rules, classes } = content;
  const used = [rules.method, ...classes.flatMap((each) => (each.retired ? [] : (each.consensus?.method ?? [])))];
  const deciders = members.filter(({ role }) => offers(role, "consensus.adjudicate"));
  const named = NAMED[rules.method];
  return (
    <Card title="Consensus" description="Another rule makes it be computed again; a class may have a method of its own">
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
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
                options={METHOD_OPTIONS}
              />
            )}
          </Field>
          <NumberField
            label="Quorum"
            hint="Votes for a class that make it the consensus, where readers are joined by quorum."
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
          {named === undefined ? null : (
            <PersonField
              {...named}
              none={rules.method === "single" ? "any adjudicator" : "any two who agree"}
              members={rules.method === "single" ? deciders : members}
              value={rules.adjudicatorId}
              onChange={(adjudicatorId) => setRules({ adjudicatorId })}
            />
          )}
          <Field label="Whoever read a case may not adjudicate it">
            {({ id }) => (
              <Switch id={id} checked={rules.barReaders} onCheckedChange={(barReaders) => setRules({ barReaders })} />
            )}
          </Field>
        </div>
        {used.includes("weighted") ? (
          <WeightsField members={members} weights={rules.weights} onChange={(weights) => setRules({ weights })} />
        ) : null}
        <PeopleField
          legend="Never adjudicates in this project"
          hint="Whoever drew up the study, say, or works beside the readers."
          members={deciders}
          chosen={rules.barredAdjudicators}
          onChange={(barredAdjudicators) => setRules({ barredAdjudicators })}
        />
        <ThresholdsEditor thresholds={rules.thresholds} onChange={(thresholds) => setRules({ thresholds })} />
      </div>
    </Card>
  );
}
