"use client";

import { useEffect, useRef, useState } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { Input } from "#app/_components/ui/input.tsx";
import type { AskedAttribute } from "#client/asked-attributes.ts";
import { isValueOf } from "#domain/guideline/attribute-values.ts";
import { Key } from "./redraw-bar.tsx";

type Said = Readonly<Record<string, string>>;

/** Attributes to be said: values to press, or a field for a number or words. */
export function AttributeFields(props: {
  readonly asked: readonly AskedAttribute[];
  /** What is there already, by attribute. */
  readonly held: Said;
  readonly said: Said;
  /** Place of the one that keys go to; null where there are no keys. */
  readonly at: number | null;
  readonly onSay: (index: number, value: string) => void;
  readonly onBack: (() => void) | null;
}) {
  return (
    <div className="mt-2 flex flex-col gap-3">
      {props.asked.map((each, index) => (
        <Attribute
          key={each.definition.id}
          asked={each}
          held={props.held[each.definition.id] ?? ""}
          said={props.said[each.definition.id] ?? ""}
          isActive={index === props.at}
          saysOnLeaving={props.at === null}
          onSay={(value) => props.onSay(index, value)}
          onBack={props.onBack}
        />
      ))}
    </div>
  );
}

function Attribute(props: {
  readonly asked: AskedAttribute;
  readonly held: string;
  readonly said: string;
  readonly isActive: boolean;
  /** What is typed counts without Enter too, where nothing follows from it. */
  readonly saysOnLeaving: boolean;
  readonly onSay: (value: string) => void;
  readonly onBack: (() => void) | null;
}) {
  const { definition, choices, mayStay } = props.asked;
  const now = definition.values.find(({ id }) => id === props.held)?.name ?? props.held;
  return (
    <div className="text-sm" data-attribute={definition.name}>
      <p className="flex items-baseline gap-2">
        <span className="font-medium">{definition.name}</span>
        {definition.unit === null ? null : <span className="text-faint text-xs">{definition.unit}</span>}
        {now === "" ? null : (
          <span className="text-muted text-xs">
            now {now}
            {mayStay ? ", may stay" : ""}
          </span>
        )}
      </p>
      {definition.help === "" ? null : <p className="text-muted text-xs">{definition.help}</p>}
      {definition.kind === "choice" ? (
        <Choices {...props} choices={choices} />
      ) : (
        <Typed {...props} definition={definition} />
      )}
    </div>
  );
}

function Choices(props: {
  readonly choices: AskedAttribute["choices"];
  readonly said: string;
  readonly isActive: boolean;
  readonly onSay: (value: string) => void;
}) {
  return (
    <div className="mt-1.5 flex flex-wrap gap-1.5">
      {props.choices.map(({ id, name }, index) => (
        <button
          key={id}
          type="button"
          aria-pressed={props.said === id}
          onClick={() => props.onSay(id)}
          className={cn(
            "flex min-h-8 items-center gap-2 rounded-md border bg-panel px-2.5 text-left transition-colors hover:bg-hover",
            props.said === id && "border-accent",
          )}
        >
          {name}
          {props.isActive && index < 9 ? <Key>{String(index + 1)}</Key> : null}
        </button>
      ))}
    </div>
  );
}

/** A number or words; Enter takes them, Escape gives the keys back to the viewer. */
function Typed(props: {
  readonly asked: AskedAttribute;
  readonly definition: AskedAttribute["definition"];
  readonly said: string;
  readonly isActive: boolean;
  /** What is typed counts without Enter too, where nothing follows from it. */
  readonly saysOnLeaving: boolean;
  readonly onSay: (value: string) => void;
  readonly onBack: (() => void) | null;
}) {
  const { definition, isActive, onSay, onBack } = props;
  const [text, setText] = useState(props.said);
  const [refused, setRefused] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isActive) field.current?.focus();
  }, [isActive]);
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") {
      event.currentTarget.blur();
      onBack?.();
    } else if (event.key === "Enter") {
      const value = text.trim();
      if (isValueOf(definition, value)) onSay(value);
      else setRefused(true);
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
        className="mt-1.5"
        maxLength={256}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setRefused(false);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          const value = text.trim();
          if (props.saysOnLeaving && value !== props.said && isValueOf(definition, value)) onSay(value);
        }}
      />
      {refused ? (
        <p className="mt-1 text-bad-ink text-xs" role="alert">
          {definition.kind === "number" ? "A number is needed, for example 2.5." : "A word is needed."}
        </p>
      ) : null}
    </>
  );
}
