"use client";

import { useEffect, useRef, useState } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { type HeldAttribute, typedValue } from "#client/held-attributes.ts";
import { Key } from "./redraw-bar.tsx";

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

/** What is typed counts when the field is left or Enter is pressed; Escape leaves what was there. */
function Typed({ attribute: { definition, value }, isActive, onSay, onNext, onLeave }: Props) {
  const held = value ?? "";
  const [text, setText] = useState(held);
  const [refused, setRefused] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const isSettled = useRef(false);
  useEffect(() => {
    if (isActive) field.current?.focus();
  }, [isActive]);
  const leaveField = () => {
    isSettled.current = true;
    field.current?.blur();
  };
  const take = (): boolean => {
    const typed = typedValue(definition, text);
    setRefused(typed === null);
    // Of several that differ an untouched field changes nothing.
    if (typed !== null && typed !== held) onSay(typed === "" ? null : typed);
    return typed !== null;
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") {
      setText(held);
      setRefused(false);
      leaveField();
      onLeave();
    } else if (event.key === "Enter") {
      if (take()) {
        leaveField();
        onNext?.();
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <Input
        ref={field}
        aria-label={definition.name}
        aria-invalid={refused}
        inputMode={definition.kind === "number" ? "decimal" : "text"}
        placeholder={value === null ? "Mixed" : definition.kind === "number" ? "A number" : "Words"}
        className="mt-1 h-7 text-xs"
        maxLength={256}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setRefused(false);
        }}
        onKeyDown={onKeyDown}
        onFocus={() => {
          isSettled.current = false;
        }}
        onBlur={() => {
          if (!isSettled.current) take();
        }}
      />
      {refused ? (
        <p className="mt-1 text-bad-ink text-xs" role="alert">
          “{text.trim()}” is no number. Write it as 2.5.
        </p>
      ) : null}
    </>
  );
}
