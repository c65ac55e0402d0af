"use client";

import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { GuidelineQuestion } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { type ClassId, classId } from "#domain/ids.ts";
import type { PlaceInput } from "#domain/question.ts";
import { type ReasonCode, reasonCodeSchema } from "#domain/task.ts";
import { REASON_WORDS } from "./reason-words.ts";
import { useVisit } from "./session.tsx";

const NEW = "new";
const NONE = "none";

/** Asks what the guideline leaves open, or adds this place to a question that is open already. */
export function AskQuestion(props: {
  readonly place: PlaceInput;
  readonly classId: ClassId | null;
  readonly onClose: () => void;
}) {
  const { session, projectId } = useVisit();
  const [open, setOpen] = useState<readonly GuidelineQuestion[]>([]);
  const [question, setQuestion] = useState(NEW);
  const [title, setTitle] = useState("");
  const [other, setOther] = useState(NONE);
  const [reason, setReason] = useState<ReasonCode>("guideline-silent");
  const [note, setNote] = useState("");
  const { busy, error, run } = useSubmit();
  useEffect(() => {
    api.questions
      .list(projectId, { state: "open" })
      .then(setOpen, () => toast.error("Open questions could not be fetched."));
  }, [projectId]);
  const { palette, byId } = session.workbench.guideline;
  const about = byId.get(props.classId ?? "");
  const send = () =>
    run(async () => {
      const place = { ...props.place, reason, note: note.trim() };
      if (question !== NEW) await api.questions.addPlace(question, place);
      else {
        const confused = classId.safeParse(other);
        const classes = { classId: props.classId, otherClassId: confused.success ? confused.data : null };
        await api.questions.ask(projectId, { title: title.trim(), ...classes, place });
      }
      toast.success("The question is with the leads.");
      props.onClose();
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || props.onClose()}
      title="Ask what the guideline says"
      description={about === undefined ? undefined : `About ${about.name}, with this place as a picture.`}
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={busy}
            disabled={question === NEW && title.trim().length < 3}
            onClick={() => void send()}
          >
            Ask
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {open.length === 0 ? null : (
          <Field label="Question">
            {({ id }) => (
              <Select
                id={id}
                value={question}
                onValueChange={setQuestion}
                options={[
                  { value: NEW, label: "a new one" },
                  ...open.map((each) => ({ value: each.id, label: each.title })),
                ]}
              />
            )}
          </Field>
        )}
        {question === NEW ? (
          <Field label="What is unclear?">
            {(control) => (
              <Input
                {...control}
                value={title}
                maxLength={300}
                placeholder="For example: does the mucin around a nest belong to the tumour?"
                onChange={(event) => setTitle(event.target.value)}
              />
            )}
          </Field>
        ) : null}
        <div className="grid grid-cols-2 gap-4">
          {question === NEW ? (
            <Field label="Taken for">
              {({ id }) => (
                <Select
                  id={id}
                  value={other}
                  onValueChange={setOther}
                  options={[
                    { value: NONE, label: "no other class" },
                    ...palette
                      .filter((each) => each.id !== props.classId)
                      .map((each) => ({ value: each.id, label: each.name })),
                  ]}
                />
              )}
            </Field>
          ) : null}
          <Field label="Because">
            {({ id }) => (
              <Select
                id={id}
                value={reason}
                onValueChange={(value) => setReason(reasonCodeSchema.parse(value))}
                options={reasonCodeSchema.options.map((code) => ({ value: code, label: REASON_WORDS[code] }))}
              />
            )}
          </Field>
        </div>
        <Field label="Note on this place">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              maxLength={2_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
      </div>
    </Dialog>
  );
}
