"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";

type Part = Partial<Omit<ClassDefinition, "id" | "retired">>;
type Props = {
  readonly definition: ClassDefinition;
  readonly content: GuidelineContent;
  readonly edit: (part: Part) => void;
};

const KINDS = ["polygon", "point", "line"] as const;

function numberOrNull(text: string): number | null {
  const value = Number(text);
  return text === "" || !Number.isFinite(value) || value <= 0 ? null : value;
}

/** Rules for the outlines of a class; changing them asks nobody to review anything. */
export function ClassRulesEditor({ definition, content, edit }: Props) {
  const flipKind = (kind: (typeof KINDS)[number]) => {
    const geometry = KINDS.filter((each) => (each === kind) !== definition.geometry.includes(each));
    if (geometry.length > 0) edit({ geometry });
  };
  const others = content.classes.filter((each) => !each.retired && each.id !== definition.id);
  const flipLookAlike = (id: (typeof others)[number]["id"]) => {
    const has = definition.lookAlikes.includes(id);
    edit({ lookAlikes: has ? definition.lookAlikes.filter((each) => each !== id) : [...definition.lookAlikes, id] });
  };
  return (
    <Card title="Rules for its outlines">
      <div className="grid grid-cols-2 gap-4">
        <Field label="Smallest area (µm²)" hint="Smaller outlines get a finding.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              step="any"
              placeholder="no limit"
              value={definition.minAreaUm2 ?? ""}
              onChange={(event) => edit({ minAreaUm2: numberOrNull(event.target.value) })}
            />
          )}
        </Field>
        <Field label="Target share of the annotated area (%)" hint="Aim higher than nature for a rare class.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={100}
              step="any"
              placeholder="no target"
              value={definition.targetShare === null ? "" : Math.round(definition.targetShare * 10_000) / 100}
              onChange={(event) => {
                const value = numberOrNull(event.target.value);
                edit({ targetShare: value === null ? null : Math.min(1, value / 100) });
              }}
            />
          )}
        </Field>
        <fieldset>
          <legend className="mb-1.5 font-medium text-xs">Drawn as</legend>
          <div className="flex gap-5">
            {KINDS.map((kind) => (
              <label key={kind} htmlFor={`kind-${kind}`} className="flex items-center gap-2">
                <Checkbox
                  id={`kind-${kind}`}
                  checked={definition.geometry.includes(kind)}
                  onCheckedChange={() => flipKind(kind)}
                />
                {kind}
              </label>
            ))}
          </div>
        </fieldset>
        <Field label="Glass belongs to it" hint="Fat and lumen are empty by nature, so background is no finding.">
          {({ id }) => (
            <Switch
              id={id}
              checked={definition.backgroundAllowed}
              onCheckedChange={(backgroundAllowed) => edit({ backgroundAllowed })}
            />
          )}
        </Field>
      </div>
      {others.length === 0 ? null : (
        <fieldset className="mt-4">
          <legend className="mb-1.5 font-medium text-xs">Look-alikes</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {others.map((each) => (
              <label key={each.id} htmlFor={`look-alike-${each.id}`} className="flex items-center gap-2">
                <Checkbox
                  id={`look-alike-${each.id}`}
                  checked={definition.lookAlikes.includes(each.id)}
                  onCheckedChange={() => flipLookAlike(each.id)}
                />
                <ClassName name={each.name} colour={each.colour} />
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </Card>
  );
}
