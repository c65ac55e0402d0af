"use client";

import { useId, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import type { ChangeOutcome, GuidelineChange } from "#domain/guideline.ts";
import { OUTCOME_WORDS } from "./outcome-badges.tsx";

/** Leaves out what a change asks for, with a reason that is audited and printed in every release. */
export function WeakenDialog(props: {
  readonly sentence: string;
  readonly change: GuidelineChange;
  readonly outcomes: readonly ChangeOutcome[];
  readonly onWeaken: (drop: readonly ChangeOutcome[], reason: string) => void;
  readonly onClose: () => void;
}) {
  const id = useId();
  const [drop, setDrop] = useState<readonly ChangeOutcome[]>(props.change.weakened?.drop ?? []);
  const [reason, setReason] = useState(props.change.weakened?.reason ?? "");
  const flip = (outcome: ChangeOutcome) =>
    setDrop(drop.includes(outcome) ? drop.filter((each) => each !== outcome) : [...drop, outcome]);
  const isWhole = drop.length === 0 || reason.trim() !== "";
  return (
    <Dialog
      open
      onOpenChange={props.onClose}
      title="Ask for less than this change does"
      description={props.sentence}
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button variant="primary" disabled={!isWhole} onClick={() => props.onWeaken(drop, reason.trim())}>
            {drop.length === 0 ? "Ask for all of it" : "Leave it out"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 font-medium text-xs">Leave out</legend>
          {props.outcomes.map((outcome) => (
            <label key={outcome} htmlFor={`${id}-${outcome}`} className="flex items-start gap-2">
              <Checkbox
                id={`${id}-${outcome}`}
                className="mt-0.5"
                checked={drop.includes(outcome)}
                onCheckedChange={() => flip(outcome)}
              />
              <span>
                <span className="font-medium">{OUTCOME_WORDS[outcome].label}</span>
                <span className="block text-muted text-xs">{OUTCOME_WORDS[outcome].text}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="Why" hint="It is audited and printed in every release that rests on it.">
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              maxLength={4_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
