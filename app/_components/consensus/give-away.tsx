"use client";

import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { TaskDialog } from "#app/_components/tasks/task-dialog.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { plural } from "#app/_lib/format.ts";
import type { ConsensusView } from "#client/answers.ts";
import { api } from "#client/api.ts";

type Props = { readonly projectId: string; readonly consensus: ConsensusView };

/** A lead gives all disputes of a slide that are still to be settled to an adjudicator. */
export function GiveAway({ projectId, consensus }: Props) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const waiting = consensus.disputes.filter(({ settled }) => !settled).length;
  if (waiting === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <UserPlus aria-hidden /> Give to an adjudicator
      </Button>
      {open ? (
        <TaskDialog
          projectId={projectId}
          title={`Give ${plural(waiting, "dispute")} away`}
          needs="consensus.adjudicate"
          placeholder="For example: agree on the border of the invasive front first"
          send={(given) => api.consensus.giveAway(consensus.roundId, consensus.slide.id, given)}
          onSent={() => router.refresh()}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}
