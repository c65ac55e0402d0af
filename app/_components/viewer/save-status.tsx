"use client";

import { CircleCheck, CloudOff, LoaderCircle, Lock, type LucideIcon, RefreshCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import type { LiveStatus } from "#client/live-layer.ts";
import { useLive, useVisit } from "./session.tsx";

type Shown = {
  readonly state: "saved" | "saving" | "offline" | "connecting" | "refused" | "read-only";
  readonly text: string;
  readonly icon: LucideIcon;
  readonly tone: string;
};

/** Whether one's work is safe: "saved" only for what the server has called durable. */
export function SaveStatus() {
  const { session, mode } = useVisit();
  const status = useLive((state) => state.status);
  const waiting = useLive((state) => state.waiting);
  const { state, text, icon: Icon, tone } = shownFor(status, waiting);
  const layer = session.drawingLayer;
  if (mode !== "draw" && state === "read-only") return null;
  return (
    <div className="flex items-center gap-1">
      <output
        data-testid="save-status"
        data-state={state}
        data-waiting={waiting}
        className={cn("flex items-center gap-1.5 whitespace-nowrap px-1.5 text-xs", tone)}
      >
        <Icon
          className={cn("size-3.5", (state === "saving" || state === "connecting") && "animate-spin")}
          aria-hidden
        />
        {text}
      </output>
      {status?.kept === false && waiting > 0 ? (
        <span
          className="text-warn-ink text-xs"
          title="This browser keeps nothing over a crash of the tab (a private window, or a full disk)."
        >
          not kept in this browser
        </span>
      ) : null}
      {state === "refused" && layer !== null ? (
        <Button variant="ghost" size="sm" onClick={() => session.link(layer.id)?.retry()}>
          <RefreshCw aria-hidden /> Try again
        </Button>
      ) : null}
      {waiting > 0 && layer !== null && (state === "refused" || status?.write === false) ? (
        <GiveUp layerId={layer.id} />
      ) : null}
    </div>
  );
}

function GiveUp({ layerId }: { readonly layerId: string }) {
  const { session } = useVisit();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="ghost" size="sm" onClick={() => setOpen(true)}>
        Give up unsaved
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title="Give up unsaved changes?"
        confirm="Give them up"
        danger
        action={() => session.giveUp(layerId)}
      >
        <p>The server does not take your last changes in this layer. Without them it is shown as it is stored.</p>
      </Confirm>
    </>
  );
}

function shownFor(status: LiveStatus | null, waiting: number): Shown {
  const changes = waiting === 1 ? "1 change" : `${waiting} changes`;
  if (status === null) return { state: "read-only", text: "View only", icon: Lock, tone: "text-faint" };
  if (status.connection === "refused") {
    return {
      state: "refused",
      text: refusal(status.code, waiting, changes),
      icon: TriangleAlert,
      tone: "text-bad-ink",
    };
  }
  if (status.connection === "offline" || (status.connection === "connecting" && waiting > 0)) {
    const text = waiting === 0 ? "Offline" : `Offline · ${changes} waiting`;
    return { state: "offline", text, icon: CloudOff, tone: "text-warn-ink" };
  }
  if (!status.synced) return { state: "connecting", text: "Connecting", icon: LoaderCircle, tone: "text-faint" };
  if (waiting > 0) return { state: "saving", text: `Saving ${changes}`, icon: LoaderCircle, tone: "text-muted" };
  if (status.write === false) return { state: "read-only", text: "View only", icon: Lock, tone: "text-faint" };
  return { state: "saved", text: "Saved", icon: CircleCheck, tone: "text-good-ink" };
}

function refusal(code: string | null, waiting: number, changes: string): string {
  const kept = waiting === 0 ? "" : ` · ${changes} kept here`;
  if (code === "not-signed-in" || code === "4401") return `Signed out${kept}`;
  if (code === "not-allowed" || code === "not-found") return `No longer yours to see${kept}`;
  return `Not connected (${code ?? "refused"})${kept}`;
}
