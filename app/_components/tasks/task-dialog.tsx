"use client";

import { type ReactNode, useEffect, useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { sentenceOf } from "#client/api.ts";

/** Somebody to whom the work can be given. */
export type Offered = {
  readonly id: string;
  readonly name: string;
  /** What is to be known before it is given to them. */
  readonly hint?: string | undefined;
  /** Chosen unless somebody else is. */
  readonly isNamed?: boolean;
};

type Props = {
  readonly title: string;
  /** Asked once, when the dialog opens. */
  readonly people: () => Promise<readonly Offered[]>;
  /** Who is chosen at first; empty for whoever is named. */
  readonly firstAssigneeId?: string;
  readonly placeholder: string;
  /** What else the task says, beside the person. */
  readonly beside?: ReactNode;
  readonly below?: ReactNode;
  readonly send: (given: { readonly assigneeId: string; readonly text: string }) => Promise<unknown>;
  readonly onSent?: () => void;
  readonly onClose: () => void;
};

/** Work is given to a person with a text: to whom, what else the kind of work needs, and what to do. */
export function TaskDialog(props: Props) {
  const { onClose } = props;
  const [people, setPeople] = useState<readonly Offered[]>([]);
  const [assigneeId, setAssigneeId] = useState(props.firstAssigneeId ?? "");
  const [text, setText] = useState("");
  const { busy, error, run } = useSubmit();
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: asked once, when the dialog opens.
  useEffect(() => {
    props.people().then(
      (found) => {
        setPeople(found);
        setAssigneeId((chosen) => chosen || (found.find(({ isNamed }) => isNamed)?.id ?? ""));
      },
      (failed: unknown) => toast.error(sentenceOf(failed)),
    );
  }, []);
  const hint = people.find(({ id }) => id === assigneeId)?.hint;
  const send = async () => {
    if (!(await run(() => props.send({ assigneeId, text })))) return;
    toast.success("The task is on its way.");
    onClose();
    props.onSent?.();
  };
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title={props.title}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={assigneeId === ""} onClick={() => void send()}>
            Make the task
          </Button>
        </>
      }
    >
      <div className={props.beside === undefined ? "" : "grid grid-cols-2 gap-4"}>
        <Field label="For" hint={hint}>
          {(control) => (
            <Select
              id={control.id}
              value={assigneeId}
              onValueChange={setAssigneeId}
              placeholder="Choose a person"
              options={people.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
        </Field>
        {props.beside}
      </div>
      {props.below}
      <Field label="What to do" className="mt-4">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={4_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={props.placeholder}
          />
        )}
      </Field>
      {error === null ? null : (
        <Callout kind="bad" className="mt-3">
          {error}
        </Callout>
      )}
    </Dialog>
  );
}
