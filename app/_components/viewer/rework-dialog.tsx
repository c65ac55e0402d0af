"use client";

import { ClipboardList } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { offers } from "#app/_lib/abilities.ts";
import type { Member } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { Annotation } from "#domain/annotation.ts";
import { type ReasonCode, reasonCodeSchema } from "#domain/task.ts";
import { REASON_WORDS } from "./reason-words.ts";
import { useVisit } from "./session.tsx";

type Selected = { readonly layerId: string; readonly annotation: Annotation };

/** Sends the selected outlines back to somebody, with a reason. Leads only. */
export function ReworkButton({ selected }: { readonly selected: readonly Selected[] }) {
  const { session } = useVisit();
  const [open, setOpen] = useState(false);
  const [first] = selected;
  const oneLayer = first !== undefined && selected.every(({ layerId }) => layerId === first.layerId);
  if (!offers(session.me.role, "task.create") || !oneLayer) return null;
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Ask for rework"
        title="Ask for rework"
        data-testid="rework"
        onClick={() => setOpen(true)}
      >
        <ClipboardList />
      </Button>
      {open ? <ReworkDialog layerId={first.layerId} selected={selected} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function ReworkDialog(props: {
  readonly layerId: string;
  readonly selected: readonly Selected[];
  readonly onClose: () => void;
}) {
  const { session, projectId } = useVisit();
  const reader = session.state.getState().layers.find(({ id }) => id === props.layerId)?.reader ?? null;
  const [members, setMembers] = useState<readonly Member[]>([]);
  const [assigneeId, setAssigneeId] = useState(reader?.id ?? "");
  const [reason, setReason] = useState<ReasonCode>("too-loose");
  const [text, setText] = useState("");
  const { busy, error, run } = useSubmit();
  useEffect(() => {
    api.members.list(projectId).then(setMembers, () => toast.error("The members could not be fetched."));
  }, [projectId]);
  const people = members.filter(({ role }) => offers(role, "task.answer"));
  const send = () =>
    run(async () => {
      const annotationIds = props.selected.map(({ annotation }) => annotation.id);
      await api.tasks.createRework(projectId, { layerId: props.layerId, annotationIds, assigneeId, reason, text });
      toast.success("The rework task is on its way.");
      props.onClose();
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || props.onClose()}
      title={
        props.selected.length === 1
          ? "Ask for rework of 1 outline"
          : `Ask for rework of ${props.selected.length} outlines`
      }
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={assigneeId === ""} onClick={() => void send()}>
            Make the task
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-4">
        <Field label="For">
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
        <Field label="Reason">
          {(control) => (
            <Select
              id={control.id}
              value={reason}
              onValueChange={(value) => setReason(reasonCodeSchema.parse(value))}
              options={reasonCodeSchema.options.map((code) => ({ value: code, label: REASON_WORDS[code] }))}
            />
          )}
        </Field>
      </div>
      <Field label="What to do" className="mt-4">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={4000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="For example: follow the basement membrane"
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
