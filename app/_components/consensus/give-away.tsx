"use client";

import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
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
import { plural } from "#app/_lib/format.ts";
import type { ConsensusView, Member } from "#client/answers.ts";
import { api } from "#client/api.ts";

type Props = { readonly projectId: string; readonly consensus: ConsensusView };

/** A lead gives all disputes of a slide that are still to be settled to an adjudicator. */
export function GiveAway({ projectId, consensus }: Props) {
  const [open, setOpen] = useState(false);
  const waiting = consensus.disputes.filter(({ settled }) => !settled).length;
  if (waiting === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <UserPlus aria-hidden /> Give to an adjudicator
      </Button>
      {open ? (
        <GiveDialog projectId={projectId} consensus={consensus} waiting={waiting} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}

function GiveDialog(props: Props & { readonly waiting: number; readonly onClose: () => void }) {
  const { projectId, consensus, waiting, onClose } = props;
  const router = useRouter();
  const [members, setMembers] = useState<readonly Member[]>([]);
  const [assigneeId, setAssigneeId] = useState("");
  const [text, setText] = useState("");
  const { busy, error, run } = useSubmit();
  useEffect(() => {
    api.members.list(projectId).then(setMembers, () => toast.error("The members could not be fetched."));
  }, [projectId]);
  const people = members.filter(({ role }) => offers(role, "consensus.adjudicate"));
  const send = () =>
    run(async () => {
      await api.consensus.giveAway(consensus.roundId, consensus.slide.id, { assigneeId, text });
      toast.success("The task is on its way.");
      onClose();
      router.refresh();
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title={`Give ${plural(waiting, "dispute")} away`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={assigneeId === ""} onClick={() => void send()}>
            Make the task
          </Button>
        </>
      }
    >
      <Field label="To">
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
      <Field label="What to look at" className="mt-4">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={4_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="For example: agree on the border of the invasive front first"
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
