"use client";

import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type Offered, TaskDialog } from "#app/_components/tasks/task-dialog.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { plural } from "#app/_lib/format.ts";
import type { ConsensusView, Decider } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { requestNames } from "#client/fresh-id.ts";

type Props = { readonly consensus: ConsensusView };

/** A lead gives all disputes of a slide that are still to be settled to an adjudicator. */
export function GiveAway({ consensus }: Props) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [nameOf, setNameOf] = useState(requestNames);
  const waiting = consensus.disputes.filter(({ settled }) => !settled).length;
  if (waiting === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <UserPlus aria-hidden /> Give to an adjudicator
      </Button>
      {open ? (
        <TaskDialog
          title={`Give ${plural(waiting, "dispute")} away`}
          people={async () => offeredOf(await api.consensus.deciders(consensus.roundId, consensus.slide.id), waiting)}
          placeholder="For example: agree on the border of the invasive front first"
          send={(given) =>
            api.consensus.giveAway(consensus.roundId, consensus.slide.id, { id: nameOf(given), ...given })
          }
          onSent={() => {
            setNameOf(requestNames);
            router.refresh();
          }}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}

/** Whom the guideline names first is chosen; each with what they may decide of what waits. */
function offeredOf(deciders: readonly Decider[], waiting: number): readonly Offered[] {
  return deciders.map(({ person, disputes, named }, index) => {
    const part = disputes === waiting ? "" : `May decide ${disputes} of ${waiting}; the others stay. `;
    const says = `${part}${named === 0 ? "" : "Named by the guideline."}`.trim();
    return {
      id: person.id,
      name: person.name,
      isNamed: index === 0 && named > 0,
      hint: says === "" ? undefined : says,
    };
  });
}
