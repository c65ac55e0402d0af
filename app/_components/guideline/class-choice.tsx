"use client";

import { useId } from "react";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { ClassDefinition } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";

/** Some of the other classes of a guideline. */
export function ClassChoice(props: {
  readonly legend: string;
  readonly hint?: string;
  readonly classes: readonly ClassDefinition[];
  readonly chosen: readonly ClassId[];
  readonly onChange: (chosen: ClassId[]) => void;
}) {
  const id = useId();
  const flip = (each: ClassId) =>
    props.onChange(
      props.chosen.includes(each) ? props.chosen.filter((other) => other !== each) : [...props.chosen, each],
    );
  if (props.classes.length === 0) return null;
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-xs">{props.legend}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {props.classes.map((each) => (
          <label key={each.id} htmlFor={`${id}-${each.id}`} className="flex items-center gap-2">
            <Checkbox
              id={`${id}-${each.id}`}
              checked={props.chosen.includes(each.id)}
              onCheckedChange={() => flip(each.id)}
            />
            <ClassName name={each.name} colour={each.colour} />
          </label>
        ))}
      </div>
      {props.hint === undefined ? null : <p className="mt-1 text-faint text-xs">{props.hint}</p>}
    </fieldset>
  );
}
