"use client";

import { Card } from "#app/_components/ui/card.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import { shapeSchema } from "#domain/guideline/change.ts";
import type { ClassDefinition, ClassRules, GuidelineContent } from "#domain/guideline.ts";
import { ClassChoice } from "./class-choice.tsx";
import type { ClassPart } from "./class-editor.tsx";
import { NumberField } from "./number-field.tsx";

type Props = {
  readonly definition: ClassDefinition;
  readonly content: GuidelineContent;
  readonly edit: (part: ClassPart) => void;
};

const SHAPES = shapeSchema.options;
const SEVERITIES = [
  { value: "warn", label: "warns" },
  { value: "block", label: "stops a submit or a release" },
];

/** What outlines of a class must satisfy, how they are drawn, and how much of them is aimed at. */
export function ClassRulesEditor({ definition, content, edit }: Props) {
  const { rules } = definition;
  const setRules = (part: Partial<ClassRules>) => edit({ rules: { ...rules, ...part } });
  const others = content.classes.filter((each) => !each.retired && each.id !== definition.id);
  return (
    <>
      <Card title="Drawing">
        <div className="flex flex-col gap-4">
          <div className="grid grid-cols-2 gap-4">
            <ShapeChoice definition={definition} edit={edit} />
            <Field label="Glass belongs to it" hint="Fat and lumen are empty by nature, so background is no finding.">
              {({ id }) => (
                <Switch
                  id={id}
                  checked={definition.backgroundAllowed}
                  onCheckedChange={(backgroundAllowed) => edit({ backgroundAllowed })}
                />
              )}
            </Field>
            <NumberField
              label="Target share of the annotated area (%)"
              hint="Aim higher than nature for a rare class; planning only."
              none="no target"
              value={definition.targetShare}
              scale={100}
              max={1}
              onChange={(targetShare) => edit({ targetShare })}
            />
          </div>
          <ClassChoice
            legend="Look-alikes"
            classes={others}
            chosen={definition.lookAlikes}
            onChange={(lookAlikes) => edit({ lookAlikes })}
          />
        </div>
      </Card>
      <Card title="Size and quality" description="What violates a stricter rule is reviewed; a looser one asks nobody">
        <div className="flex flex-col gap-4">
          <SizeRules definition={definition} edit={edit} setRules={setRules} />
          <div className="grid grid-cols-2 gap-4">
            <Field label="An outline that violates a rule">
              {({ id }) => (
                <Select
                  id={id}
                  value={rules.severity}
                  onValueChange={(value) => setRules({ severity: value === "block" ? "block" : "warn" })}
                  options={SEVERITIES}
                />
              )}
            </Field>
            <Field label="Takes the rules of the class above" hint="Where a rule here is left out.">
              {({ id }) => (
                <Switch id={id} checked={rules.inherits} onCheckedChange={(inherits) => setRules({ inherits })} />
              )}
            </Field>
          </div>
          <ClassChoice
            legend="May share tissue with"
            classes={others}
            chosen={rules.overlaps}
            onChange={(overlaps) => setRules({ overlaps })}
          />
          <ClassChoice
            legend="Lies inside one of"
            classes={others}
            chosen={rules.nestedIn}
            onChange={(nestedIn) => setRules({ nestedIn })}
          />
        </div>
      </Card>
    </>
  );
}

function SizeRules({
  definition,
  edit,
  setRules,
}: Omit<Props, "content"> & { readonly setRules: (part: Partial<ClassRules>) => void }) {
  const { rules, minAreaUm2 } = definition;
  const { fieldOfView } = rules;
  const setView = (part: { readonly count?: number | null; readonly sideUm?: number | null }) => {
    const count = part.count === undefined ? (fieldOfView?.count ?? 1) : part.count;
    const sideUm = part.sideUm === undefined ? (fieldOfView?.sideUm ?? 100) : part.sideUm;
    setRules({ fieldOfView: count === null || sideUm === null ? null : { count: Math.round(count), sideUm } });
  };
  return (
    <div className="grid grid-cols-3 gap-4">
      <NumberField label="Smallest area (µm²)" value={minAreaUm2} onChange={(value) => edit({ minAreaUm2: value })} />
      <NumberField
        label="Largest area (µm²)"
        value={rules.maxAreaUm2}
        onChange={(maxAreaUm2) => setRules({ maxAreaUm2 })}
      />
      <NumberField
        label="Advised area (µm²)"
        none="no advice"
        value={rules.advisedAreaUm2}
        onChange={(advisedAreaUm2) => setRules({ advisedAreaUm2 })}
      />
      <NumberField
        label="Holds squares"
        none="none"
        value={fieldOfView?.count ?? null}
        max={10_000}
        onChange={(count) => setView({ count })}
      />
      <NumberField
        label="of side (µm)"
        none="none"
        value={fieldOfView?.sideUm ?? null}
        onChange={(sideUm) => setView({ sideUm })}
      />
      <NumberField
        label="Shared with others (%)"
        zero
        value={rules.maxSharedShare}
        scale={100}
        max={1}
        onChange={(maxSharedShare) => setRules({ maxSharedShare })}
      />
      <NumberField
        label="Glass at most (%)"
        zero
        value={rules.maxBackgroundShare}
        scale={100}
        max={1}
        onChange={(maxBackgroundShare) => setRules({ maxBackgroundShare })}
      />
      <NumberField
        label="Variety at least (%)"
        none="not asked"
        value={rules.minVariety}
        scale={100}
        max={1}
        onChange={(minVariety) => setRules({ minVariety })}
      />
    </div>
  );
}

function ShapeChoice({ definition, edit }: Omit<Props, "content">) {
  const flip = (shape: (typeof SHAPES)[number]) => {
    const geometry = SHAPES.filter((each) => (each === shape) !== definition.geometry.includes(each));
    if (geometry.length > 0) edit({ geometry });
  };
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-xs">Drawn as</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {SHAPES.map((shape) => (
          <label key={shape} htmlFor={`shape-${shape}`} className="flex items-center gap-2">
            <Checkbox
              id={`shape-${shape}`}
              checked={definition.geometry.includes(shape)}
              onCheckedChange={() => flip(shape)}
            />
            {shape}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
