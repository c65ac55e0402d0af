"use client";

import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { hintsOf, type SplitFilling, type SplitTarget } from "#client/split-hints.ts";
import type { AttributeDefinition } from "#domain/guideline.ts";

const NONE = "none";

type Props = {
  readonly attributes: readonly AttributeDefinition[];
  readonly into: readonly SplitTarget[];
  readonly filling: SplitFilling;
  readonly onChange: (filling: SplitFilling) => void;
};

/** Which value of an attribute speaks for which new class, so that readers begin with a suggestion. */
export function SplitHints({ attributes, into, filling, onChange }: Props) {
  const attribute = attributes.find(({ id }) => id === filling.attributeId);
  const count = hintsOf(filling, into).length;
  return (
    <fieldset className="flex flex-col gap-2">
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
              onChange({ attributeId: attributes.find((each) => each.id === value)?.id ?? null, byValue: {} })
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
    </fieldset>
  );
}

type Rows = Omit<Props, "attributes"> & { readonly attribute: AttributeDefinition };

function ValueRows({ attribute, into, filling, onChange }: Rows) {
  return attribute.values.map(({ id, name }) => (
    <div key={id} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)] items-center gap-2">
      <span className="truncate text-sm">{name}</span>
      <Select
        aria-label={`${name} suggests`}
        value={filling.byValue[id] ?? NONE}
        onValueChange={(classId) => onChange({ ...filling, byValue: { ...filling.byValue, [id]: classId } })}
        options={[
          { value: NONE, label: "nothing" },
          ...into.map((each) => ({ value: each.id, label: each.name, icon: <Swatch colour={each.colour} /> })),
        ]}
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
