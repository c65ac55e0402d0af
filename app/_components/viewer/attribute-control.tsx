"use client";

import { cn } from "#app/_components/ui/class-names.ts";
import { Select } from "#app/_components/ui/select.tsx";
import type { HeldAttribute } from "#client/held-attributes.ts";
import { Key } from "./redraw-bar.tsx";
import { TypedField } from "./typed-field.tsx";

/** More values than this are chosen from a list. */
const MOST_BUTTONS = 8;

type Props = {
  readonly attribute: HeldAttribute;
  /** Keys go to it. */
  readonly isActive: boolean;
  readonly onSay: (value: string | null) => void;
  readonly onNext: (() => void) | null;
  readonly onLeave: () => void;
};

/** Buttons or a list for a choice, a field for a number or words. */
export function AttributeControl(props: Props) {
  const { definition } = props.attribute;
  if (definition.kind !== "choice") return <Typed {...props} />;
  const open = definition.values.filter(({ retired }) => !retired);
  return open.length > MOST_BUTTONS ? <Listed {...props} /> : <Buttons {...props} />;
}

/** The value that is pressed again is taken back. */
function Buttons({ attribute: { definition, value }, isActive, onSay }: Props) {
  return (
    <div className="mt-1 flex flex-wrap gap-1">
      {definition.values
        .filter(({ retired }) => !retired)
        .map(({ id, name }, index) => (
          <button
            key={id}
            type="button"
            aria-pressed={value === id}
            onClick={() => onSay(value === id ? null : id)}
            className={cn(
              "flex min-h-6 items-center gap-1.5 rounded border bg-panel px-2 text-left text-xs hover:bg-hover",
              value === id && "border-accent bg-accent-soft font-medium text-accent-ink hover:bg-accent-soft",
            )}
          >
            {name}
            {isActive && index < 9 ? <Key>{String(index + 1)}</Key> : null}
          </button>
        ))}
    </div>
  );
}

function Listed({ attribute: { definition, value }, onSay }: Props) {
  return (
    <Select
      aria-label={definition.name}
      className="mt-1 text-xs"
      value={definition.values.some(({ id, retired }) => !retired && id === value) ? (value ?? "") : ""}
      placeholder={value === null ? "Mixed" : "Choose"}
      onValueChange={onSay}
      options={definition.values.filter(({ retired }) => !retired).map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}

/** Of several that differ an untouched field changes nothing. */
function Typed({ attribute: { definition, value }, isActive, onSay, onNext, onLeave }: Props) {
  const held = value ?? "";
  const say = (typed: string) => {
    if (typed !== held) onSay(typed === "" ? null : typed);
  };
  return (
    <TypedField
      definition={definition}
      held={held}
      placeholder={value === null ? "Mixed" : definition.kind === "number" ? "A number" : "Words"}
      isActive={isActive}
      mayBeEmpty
      onEnter={(typed) => {
        say(typed);
        onNext?.();
      }}
      onLeave={say}
      onEscape={onLeave}
      className="mt-1 h-7 text-xs"
    />
  );
}
