"use client";

import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { isSignedOut } from "#client/live-status.ts";
import { changes } from "./save-words.ts";
import { useLive, useVisit } from "./session.tsx";

/** Comes by itself when the session ended, here or elsewhere, and goes when the person is signed in again. */
export function SignedOut() {
  const { session } = useVisit();
  const ended = useLive(({ layers }) => layers.some(({ id }) => endedFor(session.link(id)?.status)));
  return ended ? <SignInAgain /> : null;
}

function endedFor(status: { readonly connection: string; readonly code: string | null } | undefined): boolean {
  return status?.connection === "refused" && isSignedOut(status.code);
}

function SignInAgain() {
  const { session } = useVisit();
  const waiting = useLive((state) => state.waiting);
  const kept = useLive((state) => state.status?.kept !== false);
  const [open, setOpen] = useState(true);
  const { pathname, search, hash } = window.location;
  const address = `/sign-in?callbackUrl=${encodeURIComponent(pathname + search + hash)}`;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="You are signed out"
      footer={
        <>
          <Button onClick={() => setOpen(false)}>Look on</Button>
          <Button asChild variant="primary">
            {kept ? (
              <a href={address}>Sign in</a>
            ) : (
              <a href="/sign-in" target="_blank" rel="noreferrer">
                Sign in in another tab
              </a>
            )}
          </Button>
        </>
      }
    >
      <div data-testid="signed-out" className="flex flex-col gap-2 text-muted">
        <p>
          {session.me.name} is not signed in here any more: the password was changed, or somebody signed out in this
          browser.
        </p>
        {waiting === 0 ? null : (
          <p>
            {changes(waiting)} {waiting === 1 ? "is" : "are"} not on the server yet.{" "}
            {kept
              ? "What waits is kept in this browser for you alone, and sent when you have signed in again."
              : "This browser keeps nothing: leave this page open, and sign in in another tab."}
          </p>
        )}
      </div>
    </Dialog>
  );
}
