"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { api } from "#client/api.ts";

export function EndTrial({ trialId }: { readonly trialId: string }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => setAsking(true)}>End the trial</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="End this trial?"
        confirm="End it"
        action={async () => {
          await api.trials.end(trialId);
          setAsking(false);
          router.refresh();
        }}
      >
        Nothing is drawn in it any more. What was drawn stays here to be looked at.
      </Confirm>
    </>
  );
}
