"use client";

import { useId, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import type { ValueEnd } from "#client/draft-attributes.ts";
import type { AttributeValue } from "#domain/guideline.ts";
import type { ValueId } from "#domain/ids.ts";

const WAYS = [
  { value: "merge", label: "Becomes another" },
  { value: "split", label: "Is told apart" },
  { value: "retire", label: "Is forgotten" },
] as const;
type Way = (typeof WAYS)[number]["value"];

const WORDS: Readonly<Record<Way, string>> = {
  merge: "Every outline that says it says the one you choose, by itself.",
  split: "Each outline that says it is asked again: one of those you choose.",
  retire: "Outlines that say it say nothing from now on. What was said is kept as history.",
};

/** What becomes of what readers said, asked before a value can no longer be chosen. */
export function EndValueDialog(props: {
  readonly value: AttributeValue;
  readonly others: readonly AttributeValue[];
  readonly onEnd: (end: ValueEnd) => void;
  readonly onClose: () => void;
}) {
  const id = useId();
  const [way, setWay] = useState<Way>("merge");
  const [chosen, setChosen] = useState<readonly ValueId[]>([]);
  const [guide, setGuide] = useState("");
  const flip = (each: ValueId) => {
    if (way === "merge") setChosen([each]);
    else setChosen(chosen.includes(each) ? chosen.filter((other) => other !== each) : [...chosen, each]);
  };
  const end = endOf(way, chosen, guide);
  return (
    <Dialog
      open
      onOpenChange={props.onClose}
      title={`What becomes of “${props.value.name}”?`}
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button variant="primary" disabled={end === null} onClick={() => end !== null && props.onEnd(end)}>
            End the value
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Segmented
          label="What becomes of it"
          value={way}
          options={WAYS}
          onValueChange={(next) => {
            setWay(next);
            setChosen([]);
          }}
        />
        <p className="text-muted">{WORDS[way]}</p>
        {way === "retire" ? null : (
          <ul className="flex flex-col gap-2">
            {props.others.map((each) => (
              <li key={each.id}>
                <label htmlFor={`${id}-${each.id}`} className="flex items-center gap-2">
                  <Checkbox
                    id={`${id}-${each.id}`}
                    checked={chosen.includes(each.id)}
                    onCheckedChange={() => flip(each.id)}
                  />
                  {each.name}
                </label>
              </li>
            ))}
          </ul>
        )}
        {way === "split" ? (
          <Field label="How to choose" hint="Shown to whoever is asked.">
            {(control) => (
              <Textarea {...control} rows={2} value={guide} onChange={(event) => setGuide(event.target.value)} />
            )}
          </Field>
        ) : null}
      </div>
    </Dialog>
  );
}

function endOf(way: Way, chosen: readonly ValueId[], guide: string): ValueEnd | null {
  if (way === "retire") return { kind: "retire", successors: [] };
  if (way === "split") return chosen.length < 2 ? null : { kind: "split", into: chosen, guide: guide.trim() };
  const [into] = chosen;
  return into === undefined ? null : { kind: "merge", into };
}
