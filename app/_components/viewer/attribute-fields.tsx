"use client";

import { cn } from "#app/_components/ui/class-names.ts";
import type { AskedAttribute } from "#client/asked-attributes.ts";
import { Key } from "./redraw-bar.tsx";
import { TypedField } from "./typed-field.tsx";

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
        <TypedField
          definition={definition}
          held={props.said}
          isActive={props.isActive}
          mayBeEmpty={false}
          onEnter={props.onSay}
          onLeave={props.saysOnLeaving ? props.onSay : null}
          onEscape={props.onBack}
        />
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
