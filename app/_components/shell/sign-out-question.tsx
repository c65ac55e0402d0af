"use client";

import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import type { Me } from "#client/answers.ts";
import type { Leaving } from "./use-sign-out.ts";

/** Asked where changes wait that only this browser has. */
export function SignOutQuestion({ me, leaving }: { readonly me: Me; readonly leaving: Leaving }) {
  const { waiting, busy, stay, leave } = leaving;
  if (waiting === null) return null;
  const [changes, they, them] =
    waiting === 1 ? ["1 change", "It is", "it"] : [`${waiting} changes`, "They are", "them"];
  return (
    <Dialog
      open
      onOpenChange={(open) => open || stay()}
      title={`${changes} not sent to the server yet`}
      footer={
        <>
          <Button onClick={stay}>Stay signed in</Button>
          <Button variant="primary" busy={busy} onClick={() => void leave()}>
            Sign out and keep {them} for me
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 text-muted">
        <p>
          {they} kept in this browser only. To send {them}, stay, open the slide and wait for “Saved”.
        </p>
        <p>
          If you sign out now, {them === "it" ? "it waits" : "they wait"} here until {me.name} signs in again in this
          browser and opens the slide. Nobody else who signs in here is shown {them}.
        </p>
      </div>
    </Dialog>
  );
}
