"use client";

import { RadioGroup } from "radix-ui";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import {
  boundaryMoves,
  declareBoundary,
  declareMeaning,
  type MeaningChange,
  meaningOf,
  neighboursOf,
  textsDiffer,
} from "#client/guideline-draft.ts";
import { ClassChoice } from "./class-choice.tsx";
import type { ClassEditorProps } from "./class-editor.tsx";

type Choice<Value extends string> = { readonly value: Value; readonly label: string; readonly text: string };

const MEANINGS: readonly Choice<MeaningChange>[] = [
  {
    value: "reword",
    label: "The same, said better",
    text: "Readers confirm the new words before they draw on. Nothing is reviewed.",
  },
  {
    value: "narrow",
    label: "Less belongs to it",
    text: "Some of what was drawn no longer does: members are reviewed.",
  },
  {
    value: "broaden",
    label: "More belongs to it",
    text: "Finished slides are screened again; members of the neighbours you name are reviewed.",
  },
  { value: "both", label: "Some went, some came", text: "Members are reviewed, and finished slides screened again." },
  {
    value: "redefine",
    label: "It means something else",
    text: "Members are reviewed, slides screened again, and readers show that they can tell it.",
  },
];

const BOUNDARIES: readonly Choice<"same" | "moved">[] = [
  { value: "same", label: "It runs where it did", text: "Only the words are clearer. No outline is drawn again." },
  { value: "moved", label: "It runs elsewhere", text: "Lumen in or out, a margin: every member is drawn again." },
];

type Props = Omit<ClassEditorProps, "onGone">;

/** Two texts cannot say what a change of words means for what is drawn; the lead can. */
export function MeaningChoice(props: Props) {
  const differ = textsDiffer(props.base, props.draft, props.definition.id);
  return (
    <>
      {differ.meaning ? <Meaning {...props} /> : null}
      {differ.boundary ? <Boundary {...props} isAlone={!differ.meaning} /> : null}
    </>
  );
}

function Meaning({ draft, definition, onChange }: Props) {
  const chosen = meaningOf(draft, definition.id);
  const neighbours = neighboursOf(draft, definition.id);
  const others = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  const declare = (meaning: MeaningChange, near = neighbours) =>
    onChange((state) => declareMeaning(state, definition.id, meaning, near));
  return (
    <Card
      title={`What do the new words of ${definition.name} mean for what is drawn?`}
      className={cn("shrink-0", chosen === null && "border-warn")}
    >
      <Choices label="Meaning of the change" options={MEANINGS} value={chosen} onChange={declare} />
      {chosen === "broaden" || chosen === "both" ? (
        <div className="mt-3">
          <ClassChoice
            legend="Neighbours it may take members from"
            classes={others}
            chosen={neighbours}
            onChange={(near) => declare(chosen, near)}
          />
        </div>
      ) : null}
      {chosen === "redefine" ? (
        <Callout kind="warn" className="mt-3">
          Safer: retire {definition.name} and add a class with the new words. What was drawn then keeps the name that it
          was drawn under.
        </Callout>
      ) : null}
    </Card>
  );
}

/** Where only the words on the boundary changed, clearer words are a reword of the class. */
function Boundary({ draft, definition, onChange, isAlone }: Props & { readonly isAlone: boolean }) {
  const isMoved = boundaryMoves(draft, definition.id);
  const isSaid = meaningOf(draft, definition.id) !== null;
  const choose = (value: "same" | "moved") =>
    onChange((state) => {
      const said = declareBoundary(state, definition.id, value === "moved");
      return value === "same" && isAlone ? declareMeaning(said, definition.id, "reword") : said;
    });
  return (
    <Card
      title={`Does the outline of ${definition.name} run elsewhere now?`}
      className={cn("shrink-0", !isMoved && !isSaid && "border-warn")}
    >
      <Choices
        label="Boundary"
        options={BOUNDARIES}
        value={isMoved ? "moved" : isSaid ? "same" : null}
        onChange={choose}
      />
    </Card>
  );
}

function Choices<Value extends string>(props: {
  readonly label: string;
  readonly options: readonly Choice<Value>[];
  readonly value: Value | null;
  readonly onChange: (value: Value) => void;
}) {
  const choose = (next: string) => {
    const option = props.options.find(({ value }) => value === next);
    if (option !== undefined) props.onChange(option.value);
  };
  return (
    <RadioGroup.Root value={props.value ?? ""} onValueChange={choose} aria-label={props.label} className="grid gap-1.5">
      {props.options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className="rounded-lg border px-3 py-2 text-left transition-colors hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft/40"
        >
          <span className="block font-medium">{option.label}</span>
          <span className="block text-muted text-xs">{option.text}</span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
