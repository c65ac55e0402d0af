"use client";

import { CircleCheck, CloudOff, LoaderCircle, Lock, type LucideIcon, RefreshCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import type { LiveStatus } from "#client/live-status.ts";
import { changes, type SaveState, type SaveWords, saveWords } from "./save-words.ts";
import { useLive, useVisit } from "./session.tsx";
import { SignedOut } from "./signed-out.tsx";

const LOOKS: Readonly<Record<SaveState, { readonly icon: LucideIcon; readonly tone: string }>> = {
  saved: { icon: CircleCheck, tone: "text-good-ink" },
  saving: { icon: LoaderCircle, tone: "text-muted" },
  offline: { icon: CloudOff, tone: "text-warn-ink" },
  connecting: { icon: LoaderCircle, tone: "text-faint" },
  refused: { icon: TriangleAlert, tone: "text-bad-ink" },
  "read-only": { icon: Lock, tone: "text-faint" },
};

/** Whether one's work is safe: "saved" only for what the server has called durable. A press says more. */
export function SaveStatus() {
  const { mode } = useVisit();
  const status = useLive((state) => state.status);
  const waiting = useLive((state) => state.waiting);
  const words = saveWords(status, waiting);
  const { icon: Icon, tone } = LOOKS[words.state];
  const hidden = mode !== "draw" && words.state === "read-only" && waiting === 0;
  return (
    <>
      <SignedOut />
      {hidden ? null : (
        <Popover>
          <PopoverTrigger className="rounded-md hover:bg-hover data-[state=open]:bg-hover">
            <output
              data-testid="save-status"
              data-state={words.state}
              data-waiting={waiting}
              className={cn("flex h-7 items-center gap-1.5 whitespace-nowrap px-1.5 text-xs", tone)}
            >
              <Icon
                className={cn("size-3.5", (words.state === "saving" || words.state === "connecting") && "animate-spin")}
                aria-hidden
              />
              {words.text}
              {status?.kept === false && waiting > 0 ? <span className="text-warn-ink">(only in this tab)</span> : null}
            </output>
          </PopoverTrigger>
          <PopoverContent align="end" className="w-80" data-testid="save-details">
            <Details words={words} status={status} />
          </PopoverContent>
        </Popover>
      )}
    </>
  );
}

function Details({ words, status }: { readonly words: SaveWords; readonly status: LiveStatus | null }) {
  const { session } = useVisit();
  const layers = useLive((state) => state.layers);
  useLive((state) => state.waiting);
  const unsent = layers.flatMap((layer) => {
    const link = session.link(layer.id);
    return link === null || link.status.waiting === 0 ? [] : [{ layer, link }];
  });
  const retry = () => {
    for (const { id } of layers) session.link(id)?.retry();
  };
  const outdated = status?.code === "page-outdated";
  const away = !outdated && (words.state === "offline" || words.state === "refused");
  return (
    <div className="flex flex-col gap-2.5">
      <p>{words.sentence}</p>
      {status?.kept === false ? (
        <p className="text-warn-ink">
          This browser keeps nothing over a crash of the tab (a private window, or a full disk). Leave the tab open
          until everything is saved.
        </p>
      ) : null}
      {outdated ? (
        <Button size="sm" className="self-start" onClick={() => location.reload()}>
          <RefreshCw aria-hidden /> Reload
        </Button>
      ) : null}
      {away ? (
        <Button size="sm" className="self-start" onClick={retry}>
          <RefreshCw aria-hidden /> Try again now
        </Button>
      ) : null}
      {unsent.map(({ layer, link }) => (
        <div key={layer.id} className="flex items-center justify-between gap-2 border-t pt-2">
          <span className="min-w-0 truncate text-muted">
            {layer.name}: {changes(link.status.waiting)} waiting
          </span>
          {isRefused(link.status) ? <GiveUp layerId={layer.id} waiting={link.status.waiting} /> : null}
        </div>
      ))}
    </div>
  );
}

/** Not where a reload is all that it takes. */
function isRefused({ connection, write, code }: LiveStatus): boolean {
  return code !== "page-outdated" && (connection === "refused" || write === false);
}

function GiveUp({ layerId, waiting }: { readonly layerId: string; readonly waiting: number }) {
  const { session } = useVisit();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="danger" size="sm" onClick={() => setOpen(true)}>
        Give up…
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Give up ${changes(waiting)}?`}
        confirm="Give up"
        danger
        action={() => session.giveUp(layerId)}
      >
        <p>
          {waiting === 1 ? "It is" : "They are"} nowhere but on this computer, and cannot be brought back. The layer is
          shown again as the server has it.
        </p>
      </Confirm>
    </>
  );
}
