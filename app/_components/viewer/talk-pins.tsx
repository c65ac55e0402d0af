"use client";

import { MessageSquare } from "lucide-react";
import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { Button } from "#app/_components/ui/button.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Thread } from "#client/answers.ts";
import { pinnedThreads, type SlideTalk } from "#client/slide-talk.ts";
import { useTools, useVisit } from "./session.tsx";

/** A pin where each thread is, moved in the frame in which the slide moves. */
export function TalkPins({ talk }: { readonly talk: SlideTalk }) {
  const { session } = useVisit();
  const state = useStore(talk.state);
  const hidden = useTools(({ hiddenLayerIds }) => hiddenLayerIds);
  const pins = pinnedThreads(state, hidden);
  const places = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { view } = session.workbench;
    const place = () => {
      for (const pin of places.current?.children ?? []) {
        if (!(pin instanceof HTMLElement)) continue;
        const [x, y] = view.toView([Number(pin.dataset["x"]), Number(pin.dataset["y"])]);
        pin.style.transform = `translate(${x}px, ${y}px)`;
      }
    };
    place();
    return view.addPainter(place);
  });
  const openId = state.open !== null && "threadId" in state.open ? state.open.threadId : null;
  const fresh = state.open !== null && "about" in state.open ? state.open.about : null;
  return (
    <div ref={places} className="pointer-events-none absolute inset-0 z-[5] overflow-hidden">
      {pins.map((thread) => (
        <div key={thread.id} data-x={thread.place?.x} data-y={thread.place?.y} className="absolute top-0 left-0">
          <Pin thread={thread} isOpen={thread.id === openId} onOpen={() => talk.read(thread.id)} />
        </div>
      ))}
      {fresh === null ? null : (
        <div data-x={fresh.at.x} data-y={fresh.at.y} className="absolute top-0 left-0">
          <span className={cn(PIN, "border-accent bg-accent text-on-accent")}>
            <MessageSquare className="size-3.5" aria-hidden />
          </span>
        </div>
      )}
    </div>
  );
}

/** Its lower left corner is the place. */
const PIN =
  "-translate-y-full absolute flex h-7 min-w-7 items-center justify-center gap-1 rounded-full rounded-bl-none border px-1.5 text-xs shadow-float";

function Pin(props: { readonly thread: Thread; readonly isOpen: boolean; readonly onOpen: () => void }) {
  const { thread, isOpen } = props;
  const [first] = thread.comments;
  return (
    <button
      type="button"
      data-over-slide
      data-testid="talk-pin"
      aria-label={`Comment by ${first?.person.name ?? "somebody"}: ${first?.text.slice(0, 80) ?? ""}`}
      title={first?.text.slice(0, 200)}
      onClick={props.onOpen}
      className={cn(
        PIN,
        "pointer-events-auto bg-panel text-ink transition-colors hover:border-accent",
        isOpen && "border-accent bg-accent-soft text-accent-ink",
        thread.resolvedAt !== null && "opacity-60",
      )}
    >
      <MessageSquare className="size-3.5" aria-hidden />
      {thread.comments.length > 1 ? <span className="tabular">{thread.comments.length}</span> : null}
    </button>
  );
}

/** How many threads there are, and the way to each of them. */
export function TalkChip() {
  const { talk } = useVisit();
  return talk === null ? null : <Chip talk={talk} />;
}

function Chip({ talk }: { readonly talk: SlideTalk }) {
  const { session } = useVisit();
  const state = useStore(talk.state);
  const open = state.threads.filter(({ resolvedAt }) => resolvedAt === null);
  if (state.threads.length === 0) return null;
  const shown = state.showsResolved ? state.threads : open;
  const go = ({ id, place }: Thread) => {
    if (place !== null) session.workbench.view.flyTo({ ...session.workbench.view.camera, x: place.x, y: place.y });
    talk.read(id);
  };
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button
          type="button"
          data-testid="talk-chip"
          className="pointer-events-auto flex h-8 items-center gap-2 rounded-lg border bg-panel/95 px-3 text-xs shadow-float backdrop-blur hover:bg-hover"
        >
          <MessageSquare className="size-3.5" aria-hidden />
          {open.length === 0 ? "Comments" : plural(open.length, "comment")}
        </button>
      </PopoverTrigger>
      <PopoverContent side="top" className="w-80 p-1.5">
        <ul className="scroll-thin max-h-80 overflow-y-auto">
          {shown.map((thread) => (
            <li key={thread.id}>
              <Button
                variant="ghost"
                className="h-auto w-full justify-start py-1.5 text-left"
                onClick={() => go(thread)}
              >
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-ink">{thread.comments[0]?.text}</span>
                  <span className="block truncate text-2xs text-faint">
                    {thread.comments[0]?.person.name}
                    {thread.comments.length > 1 ? `, ${plural(thread.comments.length - 1, "answer")}` : ""}
                    {thread.resolvedAt === null ? "" : ", dealt with"}
                  </span>
                </span>
              </Button>
            </li>
          ))}
        </ul>
        <div className="flex items-center gap-2 border-t px-2 pt-2 pb-1 text-muted text-xs">
          <Checkbox
            aria-label="Show what is dealt with"
            checked={state.showsResolved}
            onCheckedChange={(checked) => talk.state.setState({ showsResolved: checked === true })}
          />
          Show what is dealt with
        </div>
      </PopoverContent>
    </Popover>
  );
}
