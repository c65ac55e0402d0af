"use client";

import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { WaiverView } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { requestNames } from "#client/fresh-id.ts";
import type { WaiverScope } from "#domain/waiver.ts";

const DAY_MS = 86_400_000;
/** What a lead who does not care gets: long enough for a release, short enough to be looked at again. */
const USUAL_DAYS = 90;

type Props = {
  readonly projectId: string;
  /** The newest version: a waiver covers what versions up to it ask. */
  readonly version: number;
  readonly title: string;
  /** What is excused; null while that is still to be chosen. */
  readonly scope: WaiverScope | null;
  /** Says what is excused, or asks for it. */
  readonly children: ReactNode;
  readonly onMade?: (made: WaiverView) => void;
  readonly onClose: () => void;
};

/** A written exception: why, and until when. Whoever approves it is its approver. Sent again it is the same waiver. */
export function WaiverDialog({ projectId, version, title, scope, children, onMade, onClose }: Props) {
  const [nameOf] = useState(requestNames);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => new Date(Date.now() + USUAL_DAYS * DAY_MS).toISOString().slice(0, 10));
  const { busy, error, run } = useSubmit();
  const ends = Date.parse(`${until}T23:59:59`);
  const isReady = scope !== null && reason.trim() !== "" && ends > Date.now();
  const send = () =>
    run(async () => {
      if (scope === null) return;
      const waiver = { scope, reason, expiresAt: new Date(ends).toISOString() };
      const made = await api.guideline.waive(projectId, { id: nameOf(waiver), ...waiver });
      toast.success(`The waiver holds; it excuses ${plural(made.covers, "outline")} now.`);
      onClose();
      onMade?.(made);
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title={title}
      description={`Excuses what versions up to ${version} ask, until it expires; then it is work again. You approve it, and each release prints it.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={!isReady} onClick={() => void send()}>
            Approve
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {children}
        <Field label="Why" hint="Printed in each release beside what is excused.">
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              maxLength={4_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              placeholder="For example: the block is lost, and these outlines cannot be looked at again"
            />
          )}
        </Field>
        <Field label="Until" hint="The end of this day." className="w-48">
          {(control) => (
            <Input {...control} type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
          )}
        </Field>
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
      </div>
    </Dialog>
  );
}
