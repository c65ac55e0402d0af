"use client";

import { ClipboardList } from "lucide-react";
import { useState } from "react";
import { assignable } from "#app/_components/tasks/assignable.ts";
import { TaskDialog } from "#app/_components/tasks/task-dialog.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { api } from "#client/api.ts";
import { requestNames } from "#client/fresh-id.ts";
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
  /** Says what it does; without it the sign stands alone, beside a finding. */
  readonly withLabel?: boolean;
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
        size={props.withLabel === true ? "sm" : "icon"}
        aria-label={props.withLabel === true ? undefined : "Ask for rework"}
        title="Ask for rework"
        data-testid="rework"
        onClick={() => setOpen(true)}
      >
        <ClipboardList aria-hidden /> {props.withLabel === true ? "Rework…" : null}
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
  const { layerId, selected, region = null, origin, onClose } = props;
  const reader = session.state.getState().layers.find(({ id }) => id === layerId)?.reader ?? null;
  const [reason, setReason] = useState<ReasonCode>(props.reason);
  const [due, setDue] = useState("");
  const [nameOf] = useState(requestNames);
  const send = (given: { readonly assigneeId: string; readonly text: string }) => {
    const annotationIds = selected.map(({ annotation }) => annotation.id);
    const dueAt = due === "" ? null : new Date(`${due}T23:59:59`).toISOString();
    const task = { ...given, layerId, annotationIds, region, origin, reason, dueAt };
    return api.tasks.createRework(projectId, { id: nameOf(task), ...task });
  };
  return (
    <TaskDialog
      title={`Ask for rework of ${aboutText(selected.length, region !== null)}`}
      people={async () => assignable(await api.members.list(projectId))}
      firstAssigneeId={reader?.id ?? ""}
      placeholder="For example: follow the basement membrane"
      send={send}
      onClose={onClose}
      beside={
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
      }
      below={
        <Field label="Due" className="mt-4 w-1/2 pr-2">
          {(control) => <Input {...control} type="date" value={due} onChange={(event) => setDue(event.target.value)} />}
        </Field>
      }
    />
  );
}

function aboutText(outlines: number, isRegion: boolean): string {
  const some = plural(outlines, "outline");
  if (!isRegion) return some;
  return outlines === 0 ? "a region" : `a region with ${some}`;
}
