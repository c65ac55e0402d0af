"use client";

import { useEffect, useRef, useState } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { Input } from "#app/_components/ui/input.tsx";
import { typedValue } from "#client/held-attributes.ts";
import type { AttributeDefinition } from "#domain/guideline.ts";

type Props = {
  readonly definition: AttributeDefinition;
  /** What stands in it at first, and again after Escape. */
  readonly held: string;
  readonly placeholder?: string;
  /** Keys go to it. */
  readonly isActive: boolean;
  /** Left empty it takes back what was said; otherwise Enter asks for something. */
  readonly mayBeEmpty: boolean;
  /** With what the attribute takes, as it is stored. */
  readonly onEnter: (value: string) => void;
  /** The same where the field is left otherwise; null where only Enter counts. */
  readonly onLeave: ((value: string) => void) | null;
  readonly onEscape: (() => void) | null;
  readonly className?: string;
};

/** A number or words about an attribute. What the attribute does not take is refused and stays to be put right. */
export function TypedField(props: Props) {
  const { definition, held, isActive, onLeave } = props;
  const [text, setText] = useState(held);
  const [isRefused, setIsRefused] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const isSettled = useRef(false);
  useEffect(() => {
    if (isActive) field.current?.focus();
  }, [isActive]);
  const leaveField = () => {
    isSettled.current = true;
    field.current?.blur();
  };
  /** @returns null where it is refused */
  const taken = (): string | null => {
    const typed = typedValue(definition, text);
    const value = typed === "" && !props.mayBeEmpty ? null : typed;
    setIsRefused(value === null);
    return value;
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") {
      setText(held);
      setIsRefused(false);
      leaveField();
      props.onEscape?.();
    } else if (event.key === "Enter") {
      const value = taken();
      if (value !== null) {
        leaveField();
        props.onEnter(value);
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onBlur = () => {
    const isUntouched = text.trim() === held;
    if (isSettled.current || onLeave === null || isUntouched) return;
    const value = taken();
    if (value !== null && value !== held) onLeave(value);
  };
  return (
    <>
      <Input
        ref={field}
        aria-label={definition.name}
        aria-invalid={isRefused}
        inputMode={definition.kind === "number" ? "decimal" : "text"}
        placeholder={props.placeholder}
        className={cn("mt-1.5", props.className)}
        maxLength={256}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setIsRefused(false);
        }}
        onKeyDown={onKeyDown}
        onFocus={() => {
          isSettled.current = false;
        }}
        onBlur={onBlur}
      />
      {isRefused ? (
        <p className="mt-1 text-bad-ink text-xs" role="alert">
          {whyRefused(definition, text)}
        </p>
      ) : null}
    </>
  );
}

function whyRefused({ kind }: AttributeDefinition, text: string): string {
  if (kind !== "number") return "A word is needed.";
  const wanted = "A number is needed, for example 2.5.";
  return text.trim() === "" ? wanted : `“${text.trim()}” is no number. ${wanted}`;
}
