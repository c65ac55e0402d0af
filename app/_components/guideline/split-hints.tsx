"use client";

import { Field, Label } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { hintsOf, type SplitFilling, type SplitTarget } from "#client/split-hints.ts";
import type { AttributeDefinition, ClassDefinition } from "#domain/guideline.ts";

const NONE = "none";

type Props = {
  readonly attributes: readonly AttributeDefinition[];
  /** Classes that were merged into the one that is split. */
  readonly formers: readonly ClassDefinition[];
  readonly into: readonly SplitTarget[];
  readonly filling: SplitFilling;
  readonly onChange: (filling: SplitFilling) => void;
};

/** Which value of an attribute or former class speaks for which new class, so that readers begin with a suggestion. */
export function SplitHints(props: Props) {
  const { attributes, formers, ...rows } = props;
  return (
    <fieldset className="flex flex-col gap-4">
      {attributes.length === 0 ? null : <AttributeHints attributes={attributes} {...rows} />}
      {formers.length === 0 ? null : <FormerHints formers={formers} {...rows} />}
    </fieldset>
  );
}

/** What an outline was before a merge; what somebody said about it comes first. */
function FormerHints({ formers, into, filling, onChange }: Omit<Props, "attributes">) {
  return (
    <div className="flex flex-col gap-2" data-testid="former-hints">
      <Label>What was drawn before a merge</Label>
      {formers.map(({ id, name, colour }) => (
        <div key={id} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)] items-center gap-2">
          <ClassName name={`as ${name}`} colour={colour} />
          <TargetChoice
            label={`What was ${name} suggests`}
            into={into}
            value={filling.byFormer?.[id]}
            onChoose={(chosen) => onChange({ ...filling, byFormer: { ...filling.byFormer, [id]: chosen } })}
          />
        </div>
      ))}
    </div>
  );
}

function TargetChoice(props: {
  readonly label: string;
  readonly into: readonly SplitTarget[];
  readonly value: string | undefined;
  readonly onChoose: (id: string) => void;
}) {
  return (
    <Select
      aria-label={props.label}
      value={props.value ?? NONE}
      onValueChange={props.onChoose}
      options={[
        { value: NONE, label: "nothing" },
        ...props.into.map((each) => ({ value: each.id, label: each.name, icon: <Swatch colour={each.colour} /> })),
      ]}
    />
  );
}

function AttributeHints({ attributes, into, filling, onChange }: Omit<Props, "formers">) {
  const attribute = attributes.find(({ id }) => id === filling.attributeId);
  const count = hintsOf({ ...filling, byFormer: {} }, into).length;
  return (
    <div className="flex flex-col gap-2">
      <Field
        label="Fill the choice in by"
        hint={
          attribute === undefined
            ? "Readers begin with a suggestion where something speaks for one of the new classes. They still decide."
            : `${count === 1 ? "One value suggests" : `${count} values suggest`} a class.`
        }
      >
        {({ id }) => (
          <Select
            id={id}
            value={filling.attributeId ?? NONE}
            onValueChange={(value) =>
              onChange({
                attributeId: attributes.find((each) => each.id === value)?.id ?? null,
                byValue: {},
                byFormer: filling.byFormer ?? {},
              })
            }
            options={[
              { value: NONE, label: "names that are the same" },
              ...attributes.map((each) => ({ value: each.id, label: each.name })),
            ]}
          />
        )}
      </Field>
      {attribute === undefined ? null : attribute.kind === "choice" ? (
        <ValueRows attribute={attribute} into={into} filling={filling} onChange={onChange} />
      ) : (
        <TypedRows attribute={attribute} into={into} filling={filling} onChange={onChange} />
      )}
    </div>
  );
}

type Rows = Omit<Props, "attributes" | "formers"> & { readonly attribute: AttributeDefinition };

function ValueRows({ attribute, into, filling, onChange }: Rows) {
  return attribute.values.map(({ id, name }) => (
    <div key={id} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)] items-center gap-2">
      <span className="truncate text-sm">{name}</span>
      <TargetChoice
        label={`${name} suggests`}
        into={into}
        value={filling.byValue[id]}
        onChoose={(classId) => onChange({ ...filling, byValue: { ...filling.byValue, [id]: classId } })}
      />
    </div>
  ));
}

/** Numbers or words, separated by commas, for each new class. */
function TypedRows({ attribute, into, filling, onChange }: Rows) {
  return into.map((target) => (
    <div key={target.id} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)] items-center gap-2">
      <ClassName name={target.name} colour={target.colour} />
      <Input
        aria-label={`${attribute.name} that suggests ${target.name}`}
        placeholder={attribute.kind === "number" ? "1, 2" : "words, separated by commas"}
        maxLength={500}
        value={filling.typed?.[target.id] ?? ""}
        onChange={({ target: field }) =>
          onChange({ ...filling, typed: { ...filling.typed, [target.id]: field.value } })
        }
      />
    </div>
  ));
}
