"use client";

import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { type HeldAttribute, type HeldClass, heldAttributes, valueWords } from "#client/held-attributes.ts";
import { digitOf, isModified } from "#client/keymap.ts";
import type { Annotation } from "#domain/annotation.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { AttributeControl } from "./attribute-control.tsx";
import { Key } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import { useKeys } from "./use-keys.ts";

/** An attribute of some outlines that may be said here. */
type Field = { readonly ids: readonly AnnotationId[]; readonly attribute: HeldAttribute };

/**
 * What outlines say besides their class, to be said and taken back. Number keys choose values once Q was pressed, so that
 * they go on meaning classes for whoever draws; Escape gives them back.
 */
export function OutlineAttributes(props: { readonly outlines: readonly Annotation[]; readonly editable: boolean }) {
  const { session } = useVisit();
  const classes = heldAttributes(props.outlines, session.workbench.guideline);
  const fields = classes.flatMap(({ ids, attributes }) =>
    attributes.filter(({ definition }) => !definition.retired).map((attribute): Field => ({ ids, attribute })),
  );
  const walk = useFieldKeys(props.editable ? fields : []);
  if (classes.every(({ attributes, others }) => attributes.length + others.length === 0)) return null;
  return (
    <fieldset className="mt-2.5 flex min-w-0 flex-col gap-2.5" aria-label="Attributes" data-testid="attributes">
      {classes.map((each) => (
        <div key={each.definition.id} className="flex flex-col gap-2">
          {classes.length === 1 ? null : <p className="text-2xs text-faint">{each.definition.name}</p>}
          {each.attributes.map((attribute) => {
            const index = fields.findIndex((field) => field.attribute === attribute);
            const name = `${each.definition.id} ${attribute.definition.id}`;
            return index === -1 || !props.editable ? (
              <Shown key={name} attribute={attribute} count={each.ids.length} />
            ) : (
              <Said
                key={name}
                attribute={attribute}
                count={each.ids.length}
                isActive={walk.at === index}
                onSay={(value) => walk.say(index, value)}
                onNext={walk.at === null ? null : walk.next}
                onLeave={walk.leave}
              />
            );
          })}
          <Others held={each} />
        </div>
      ))}
      {walk.at === null && props.editable && fields.length > 0 ? (
        <p className="text-2xs text-faint">
          <Key>Q</Key> then <Key>1–9</Key> to say them from the keyboard
        </p>
      ) : null}
    </fieldset>
  );
}

function Said(props: {
  readonly attribute: HeldAttribute;
  readonly count: number;
  readonly isActive: boolean;
  readonly onSay: (value: string | null) => void;
  /** Goes on after Enter; null where there is nothing to go on to. */
  readonly onNext: (() => void) | null;
  readonly onLeave: () => void;
}) {
  const { attribute, isActive } = props;
  const { definition, said } = attribute;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) place.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return (
    <div
      ref={place}
      data-attribute={definition.name}
      className={cn("rounded-md", isActive && "-mx-1.5 bg-accent-soft px-1.5 py-1.5 ring-1 ring-accent/50")}
    >
      <div className="flex min-h-5 items-center gap-1.5 text-xs">
        <span className="truncate font-medium" title={definition.help}>
          {definition.name}
        </span>
        {definition.unit === null || definition.unit === "" ? null : (
          <span className="text-faint">{definition.unit}</span>
        )}
        <Marks attribute={attribute} count={props.count} />
        <span className="flex-1" />
        {said === 0 ? null : (
          <button
            type="button"
            aria-label={`Clear ${definition.name}`}
            title="Clear"
            onClick={() => props.onSay(null)}
            className="grid size-5 place-items-center rounded text-faint hover:bg-hover hover:text-ink [&_svg]:size-3"
          >
            <X aria-hidden />
          </button>
        )}
      </div>
      {isActive && definition.help !== "" ? <p className="text-2xs text-muted">{definition.help}</p> : null}
      <AttributeControl
        // A value that another person gave meanwhile takes the place of what stood in the field.
        key={attribute.value}
        attribute={attribute}
        isActive={isActive}
        onSay={props.onSay}
        onNext={props.onNext}
        onLeave={props.onLeave}
      />
    </div>
  );
}

/** What is to be noticed about an attribute: missing, different among several, retired. */
function Marks({ attribute, count }: { readonly attribute: HeldAttribute; readonly count: number }) {
  const { definition, value, missing } = attribute;
  const old = definition.kind === "choice" && definition.values.some(({ id, retired }) => retired && id === value);
  return (
    <>
      {missing === 0 ? null : <Badge tone="warn">{count === 1 ? "required" : `${missing} of ${count} not said`}</Badge>}
      {value === null ? <Badge>mixed</Badge> : null}
      {old ? <Badge>{valueWords(definition, value ?? "")}: retired</Badge> : null}
      {definition.retired ? <Badge>retired</Badge> : null}
    </>
  );
}

/** What is kept and cannot be changed here. */
function Shown({ attribute, count }: { readonly attribute: HeldAttribute; readonly count: number }) {
  const { definition, value } = attribute;
  const words = value === null ? "mixed" : value === "" ? "not said" : valueWords(definition, value);
  return (
    <div className="grid grid-cols-[84px_1fr] items-baseline gap-x-2 text-xs" data-attribute={definition.name}>
      <span className="truncate text-faint">{definition.name}</span>
      <span className={cn("flex min-w-0 flex-wrap items-center gap-1", value === "" && "text-faint")}>
        {value === null ? null : <span className="truncate">{words}</span>}
        <Marks attribute={attribute} count={count} />
      </span>
    </div>
  );
}

function Others({ held: { others } }: { readonly held: HeldClass }) {
  return others.map(([name, value]) => (
    <div key={name} className="grid grid-cols-[84px_1fr] gap-x-2 text-xs" title="The guideline has no such attribute">
      <span className="truncate text-faint">{name}</span>
      <span className="truncate text-muted">{value ?? "mixed"}</span>
    </div>
  ));
}

/** Which attribute keys go to; none until Q is pressed. */
function useFieldKeys(fields: readonly Field[]) {
  const { session } = useVisit();
  const [chosen, setAt] = useState<number | null>(null);
  const at = chosen !== null && chosen < fields.length ? chosen : null;
  const leave = () => setAt(null);
  const move = (by: 1 | -1) => {
    const to = (at ?? 0) + by;
    if (to >= fields.length) leave();
    else setAt(Math.max(0, to));
  };
  const say = (index: number, value: string | null) => {
    const field = fields[index];
    if (field !== undefined) session.workbench.say(field.ids, field.attribute.definition.id, value);
  };
  useKeys((event) => {
    if (isModified(event) || fields.length === 0) return false;
    const key = event.key.toLowerCase();
    if (at === null) {
      if (key === "q") setAt(firstToSay(fields));
      return key === "q";
    }
    const value = fields[at]?.attribute.definition.values.filter(({ retired }) => !retired)[
      (digitOf(event.code) ?? 0) - 1
    ];
    if (value !== undefined) {
      say(at, value.id);
      move(1);
      return true;
    }
    const action: Record<string, () => void> = {
      q: leave,
      escape: leave,
      enter: () => move(1),
      arrowdown: () => move(1),
      arrowup: () => move(-1),
      backspace: () => say(at, null),
      delete: () => say(at, null),
    };
    action[key]?.();
    return action[key] !== undefined || digitOf(event.code) !== null;
  });
  return { at, say, leave, next: () => move(1) };
}

function firstToSay(fields: readonly Field[]): number {
  return Math.max(
    0,
    fields.findIndex(({ attribute: { missing } }) => missing > 0),
  );
}
