"use client";

import { ClipboardList } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import type { Member } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { Annotation, Geometry } from "#domain/annotation.ts";
import { type ReasonCode, reasonCodeSchema } from "#domain/task.ts";
import { REASON_WORDS } from "./reason-words.ts";
import { useVisit } from "./session.tsx";

/** What a lead was looking at: it is told with the task. */
export type Origin = {
  readonly from: "outlines" | "region" | "dispute" | "finding" | "search";
  readonly detail: string;
};
type Selected = { readonly layerId: string; readonly annotation: Annotation };

/** Sends the selected outlines back to somebody, with a reason. Leads only. */
export function ReworkButton(props: {
  readonly selected: readonly Selected[];
  readonly origin?: Origin;
  readonly reason?: ReasonCode;
}) {
  const { selected } = props;
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
      {open ? (
        <ReworkDialog
          layerId={first.layerId}
          selected={selected}
          origin={props.origin ?? { from: "outlines", detail: "" }}
          reason={props.reason ?? "too-loose"}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}

/** Who is to do what again, why, and by when. */
export function ReworkDialog(props: {
  readonly layerId: string;
  readonly selected: readonly Selected[];
  readonly region?: Geometry;
  readonly origin: Origin;
  readonly reason: ReasonCode;
  readonly onClose: () => void;
}) {
  const { session, projectId } = useVisit();
  const reader = session.state.getState().layers.find(({ id }) => id === props.layerId)?.reader ?? null;
  const [members, setMembers] = useState<readonly Member[]>([]);
  const [assigneeId, setAssigneeId] = useState(reader?.id ?? "");
  const [reason, setReason] = useState<ReasonCode>(props.reason);
  const [text, setText] = useState("");
  const [due, setDue] = useState("");
  const { busy, error, run } = useSubmit();
  useEffect(() => {
    api.members.list(projectId).then(setMembers, () => toast.error("The members could not be fetched."));
  }, [projectId]);
  const people = members.filter(({ role }) => offers(role, "task.answer"));
  const send = () =>
    run(async () => {
      const annotationIds = props.selected.map(({ annotation }) => annotation.id);
      const dueAt = due === "" ? null : new Date(`${due}T23:59:59`).toISOString();
      const { layerId, region = null, origin } = props;
      await api.tasks.createRework(projectId, {
        layerId,
        annotationIds,
        region,
        origin,
        assigneeId,
        reason,
        text,
        dueAt,
      });
      toast.success("The rework task is on its way.");
      props.onClose();
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || props.onClose()}
      title={`Ask for rework of ${aboutText(props.selected.length, props.region !== undefined)}`}
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
      <Field label="Due" className="mt-4 w-1/2 pr-2">
        {(control) => <Input {...control} type="date" value={due} onChange={(event) => setDue(event.target.value)} />}
      </Field>
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

function aboutText(outlines: number, isRegion: boolean): string {
  const some = plural(outlines, "outline");
  if (!isRegion) return some;
  return outlines === 0 ? "a region" : `a region with ${some}`;
}
