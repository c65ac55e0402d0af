"use client";

import { useId } from "react";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import type { Member } from "#client/answers.ts";
import type { StudyRules } from "#domain/guideline.ts";
import { type PersonId, personId } from "#domain/ids.ts";

const NOBODY = "nobody";
type Person = Pick<Member, "id" | "name" | "colour">;

/** One of the members, or nobody. Whoever is named and has left is still shown, so that nobody is forgotten unseen. */
export function PersonField(props: {
  readonly label: string;
  readonly hint?: string;
  /** What nobody stands for. */
  readonly none: string;
  readonly members: readonly Person[];
  readonly value: PersonId | null;
  readonly onChange: (value: PersonId | null) => void;
}) {
  const people = withNamed(props.members, props.value === null ? [] : [props.value]);
  return (
    <Field label={props.label} {...(props.hint === undefined ? {} : { hint: props.hint })}>
      {({ id }) => (
        <Select
          id={id}
          value={props.value ?? NOBODY}
          onValueChange={(value) => props.onChange(value === NOBODY ? null : personId.parse(value))}
          options={[
            { value: NOBODY, label: props.none },
            ...people.map((each) => ({ value: each.id, label: each.name })),
          ]}
        />
      )}
    </Field>
  );
}

/** Some of the members. */
export function PeopleField(props: {
  readonly legend: string;
  readonly hint: string;
  readonly members: readonly Person[];
  readonly chosen: readonly PersonId[];
  readonly onChange: (chosen: PersonId[]) => void;
}) {
  const id = useId();
  const { chosen } = props;
  const flip = (each: PersonId) =>
    props.onChange(chosen.includes(each) ? chosen.filter((other) => other !== each) : [...chosen, each]);
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-xs">{props.legend}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {withNamed(props.members, chosen).map((each) => {
          const person = personId.parse(each.id);
          return (
            <label key={each.id} htmlFor={`${id}-${each.id}`} className="flex items-center gap-2">
              <Checkbox
                id={`${id}-${each.id}`}
                checked={chosen.includes(person)}
                onCheckedChange={() => flip(person)}
              />
              <PersonName name={each.name} colour={each.colour} />
            </label>
          );
        })}
      </div>
      <p className="mt-1 text-faint text-xs">{props.hint}</p>
    </fieldset>
  );
}

/** How much the vote of each member counts, where votes are weighed; 1 is not written down. */
export function WeightsField(props: {
  readonly members: readonly Person[];
  readonly weights: StudyRules["weights"];
  readonly onChange: (weights: StudyRules["weights"]) => void;
}) {
  const { weights } = props;
  const named = Object.keys(weights).map((id) => personId.parse(id));
  const set = (id: PersonId, weight: number) => {
    const { [id]: _, ...others } = weights;
    props.onChange(weight === 1 ? others : { ...others, [id]: weight });
  };
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-xs">Weight of each reader's vote</legend>
      <ul className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-2">
        {withNamed(props.members, named).map((each) => {
          const id = personId.parse(each.id);
          return (
            <li key={each.id} className="flex items-center justify-between gap-3">
              <PersonName name={each.name} colour={each.colour} />
              <Input
                type="number"
                min={0}
                max={100}
                step="0.1"
                className="w-20 shrink-0"
                aria-label={`Weight of ${each.name}`}
                value={weights[id] ?? 1}
                onChange={(event) => {
                  const weight = Number(event.target.value);
                  if (Number.isFinite(weight)) set(id, Math.max(0, Math.min(100, weight)));
                }}
              />
            </li>
          );
        })}
      </ul>
      <p className="mt-1 text-faint text-xs">A class needs more than half of all weight. 0 counts nothing.</p>
    </fieldset>
  );
}

function withNamed(members: readonly Person[], named: readonly PersonId[]): Person[] {
  const gone = named.filter((id) => members.every((each) => each.id !== id));
  return [...members, ...gone.map((id) => ({ id, name: "Somebody who left", colour: "#8b93a1" }))];
}
