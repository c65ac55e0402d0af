"use client";

import { Eye } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Round } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { readsOf } from "./round-words.ts";

export function UnblindRound({ round }: { readonly round: Round }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const { submitted, total } = readsOf(round);
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)}>
        <Eye aria-hidden /> Unblind…
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Unblind “${round.name}”?`}
        confirm="Unblind the round"
        action={async () => {
          await api.rounds.unblind(round.id);
          router.refresh();
        }}
      >
        <p>
          From then on all readers see each other's outlines, and agreement and consensus can be looked at. This cannot
          be taken back.
        </p>
        {submitted < total ? (
          <Callout kind="warn">
            {plural(total - submitted, "read is", "reads are")} not submitted yet. What is read after unblinding is no
            longer independent.
          </Callout>
        ) : null}
      </Confirm>
    </>
  );
}
