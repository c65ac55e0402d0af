"use client";

import { RadioGroup } from "radix-ui";
import { Card } from "#app/_components/ui/card.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { declareMeaning, type MeaningChange, meaningOf, neighboursOf } from "#client/guideline-draft.ts";
import type { ClassEditorProps } from "./class-editor.tsx";

const MEANINGS: readonly { readonly value: MeaningChange; readonly label: string; readonly text: string }[] = [
  {
    value: "reword",
    label: "Reworded",
    text: "Says the same more clearly. Readers confirm the new words; nothing is reviewed.",
  },
  { value: "narrow", label: "Narrowed", text: "Some of what was drawn no longer belongs. Its members are reviewed." },
  {
    value: "broaden",
    label: "Broadened",
    text: "More belongs than before. Finished slides are screened again; members of the neighbours you name are reviewed.",
  },
  { value: "both", label: "Both", text: "Some went, some came." },
];

/** The two texts cannot say what a change of words means for what is drawn; the lead can. */
export function MeaningChoice({ draft, definition, onChange }: Omit<ClassEditorProps, "base" | "onGone">) {
  const chosen = meaningOf(draft, definition.id);
  const neighbours = neighboursOf(draft, definition.id);
  const others = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  const choose = (value: string) => {
    const meaning = MEANINGS.find((each) => each.value === value)?.value;
    if (meaning !== undefined) onChange((state) => declareMeaning(state, definition.id, meaning, neighbours));
  };
  const flip = (id: (typeof others)[number]["id"]) => {
    const next = neighbours.includes(id) ? neighbours.filter((each) => each !== id) : [...neighbours, id];
    onChange((state) => declareMeaning(state, definition.id, chosen ?? "broaden", next));
  };
  return (
    <Card
      title={`What do the new words of ${definition.name} mean for what is already drawn?`}
      className={cn("shrink-0", chosen === null && "border-warn")}
    >
      <RadioGroup.Root
        value={chosen ?? ""}
        onValueChange={choose}
        aria-label="Meaning of the change"
        className="grid gap-2"
      >
        {MEANINGS.map((meaning) => (
          <RadioGroup.Item
            key={meaning.value}
            value={meaning.value}
            className="rounded-lg border px-3 py-2 text-left transition-colors hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft/40"
          >
            <span className="block font-medium">{meaning.label}</span>
            <span className="block text-muted text-xs">{meaning.text}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {chosen === "broaden" || chosen === "both" ? (
        <fieldset className="mt-3">
          <legend className="mb-1.5 font-medium text-xs">Neighbours it may take members from</legend>
          <div className="flex flex-col gap-2">
            {others.map((each) => (
              <label key={each.id} htmlFor={`neighbour-${each.id}`} className="flex items-center gap-2">
                <Checkbox
                  id={`neighbour-${each.id}`}
                  checked={neighbours.includes(each.id)}
                  onCheckedChange={() => flip(each.id)}
                />
                <ClassName name={each.name} colour={each.colour} />
              </label>
            ))}
          </div>
        </fieldset>
      ) : null}
    </Card>
  );
}
