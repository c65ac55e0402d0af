"use client";

import { signOut } from "next-auth/react";
import { useState } from "react";
import { toast } from "sonner";
import { changesKept, wipeEmptyJournals } from "#client/journal.ts";

export type Leaving = {
  /** How many changes wait in this browser while the person is asked what to do; null where nothing is asked. */
  readonly waiting: number | null;
  readonly busy: boolean;
  /** Signs out at once where nothing waits, and asks otherwise. */
  readonly ask: () => Promise<void>;
  readonly stay: () => void;
  /** Signs out; what waits stays in this browser for the same person. */
  readonly leave: () => Promise<void>;
};

/** Signing out of a browser that may hold work which no server has. */
export function useSignOut(personId: string): Leaving {
  const [waiting, setWaiting] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await wipeEmptyJournals().catch(() => undefined);
      await signOut({ callbackUrl: "/sign-in" });
    } catch {
      toast.error("The server does not answer: you are still signed in on this machine.");
    }
    setBusy(false);
  };
  const ask = async () => {
    // A store that does not answer keeps nothing either.
    const kept = await changesKept(personId).catch(() => 0);
    if (kept === 0) await leave();
    else setWaiting(kept);
  };
  return { waiting, busy, ask, stay: () => setWaiting(null), leave };
}
