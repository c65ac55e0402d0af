"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { Member } from "#client/answers.ts";
import { type ClassConsensus, consensusMethodSchema } from "#domain/guideline/rules.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import type { ClassPart } from "./class-editor.tsx";
import { MatchingField } from "./matching-field.tsx";
import { decidedBy, METHOD_OPTIONS, NAMED } from "./method-words.ts";
import { NumberField } from "./number-field.tsx";
import { PersonField } from "./people-fields.tsx";

const AS_THE_STUDY = "study";

/** How reads of one class are compared and made into one. */
export function ClassConsensusEditor(props: {
  readonly definition: ClassDefinition;
  readonly content: GuidelineContent;
  readonly members: readonly Member[];
  readonly edit: (part: ClassPart) => void;
}) {
  const { definition, content, members, edit } = props;
  const { rules } = content;
  const own = definition.consensus;
  const set = (part: Partial<ClassConsensus>) => {
    if (own !== null) edit({ consensus: { ...own, ...part } });
  };
  const choose = (value: string) => {
    const method = consensusMethodSchema.safeParse(value);
    if (!method.success) return edit({ consensus: null });
    const { quorum, adjudicatorId } = own ?? { quorum: rules.quorum, adjudicatorId: null };
    edit({ consensus: { method: method.data, quorum, adjudicatorId } });
  };
  const named = own === null ? undefined : NAMED[own.method];
  const deciders = members.filter(({ role }) => offers(role, "consensus.adjudicate"));
  return (
    <Card title="Consensus" description="Another method makes it be computed again">
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <MatchingField matching={definition.matching} onChange={(matching) => edit({ matching })} />
        <Field label="How readers are joined">
          {({ id }) => (
            <Select
              id={id}
              value={own?.method ?? AS_THE_STUDY}
              onValueChange={choose}
              options={[
                { value: AS_THE_STUDY, label: `as the study: ${decidedBy({ consensus: null }, rules)}` },
                ...METHOD_OPTIONS,
              ]}
            />
          )}
        </Field>
        {own?.method === "quorum" ? (
          <NumberField
            label="Quorum of this class"
            max={rules.readersPerCase}
            value={own.quorum}
            onChange={(quorum) => set({ quorum: Math.max(1, Math.round(quorum ?? 1)) })}
          />
        ) : null}
        {named === undefined || own === null ? null : (
          <PersonField
            {...named}
            none="whom the study names"
            members={own.method === "single" ? deciders : members}
            value={own.adjudicatorId}
            onChange={(adjudicatorId) => set({ adjudicatorId })}
          />
        )}
      </div>
    </Card>
  );
}
