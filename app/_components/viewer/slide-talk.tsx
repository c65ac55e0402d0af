"use client";

import { Check, MessageSquare, RotateCcw, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { useStore } from "zustand";
import { Say } from "#app/_components/talk/say.tsx";
import { CommentLine } from "#app/_components/talk/task-talk.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { PersonRef, Thread } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { isModified } from "#client/keymap.ts";
import { listenToProject } from "#client/live-events.ts";
import type { SlideTalk as Talk, TalkSubject } from "#client/slide-talk.ts";
import { annotationId as annotationIdSchema, personId } from "#domain/ids.ts";
import { useLive, useVisit } from "./session.tsx";
import { useBegin } from "./talk-begin.tsx";
import { TalkPins } from "./talk-pins.tsx";
import { useKeys } from "./use-keys.ts";

/** Comments on the slide: a pin for each thread, and the one that is read or begun. */
export function SlideTalk() {
  const { talk } = useVisit();
  return talk === null ? null : <Comments talk={talk} />;
}

function Comments({ talk }: { readonly talk: Talk }) {
  const { open, isPlacing, threads } = useStore(talk.state);
  const begin = useBegin(talk);
  useThreads(talk);
  useKeys((event) => {
    if (isModified(event)) return false;
    if (event.key.toLowerCase() === "c") begin.here();
    else if (event.key === "Escape" && (open !== null || isPlacing)) talk.close();
    else if (event.key === "Enter" && isPlacing) begin.inTheMiddle();
    else return false;
    return true;
  });
  const thread = open !== null && "threadId" in open ? threads.find(({ id }) => id === open.threadId) : undefined;
  return (
    <>
      <TalkPins talk={talk} />
      {isPlacing ? <Placing onPlace={begin.at} /> : null}
      {thread === undefined ? null : <Card key={thread.id} talk={talk} thread={thread} about={null} />}
      {open !== null && "about" in open ? (
        <Card
          key={`${open.about.annotationId} ${open.about.at.x} ${open.about.at.y}`}
          talk={talk}
          thread={null}
          about={open.about}
        />
      ) : null}
    </>
  );
}

/** Threads of all layers that one sees, now and whenever something was said or the layers are others. */
function useThreads(talk: Talk): void {
  const { projectId } = useVisit();
  const layers = useLive((state) => state.layers);
  const ids = layers.map(({ id }) => id).join(" ");
  useEffect(() => {
    const ask = () => void talk.fetch(ids === "" ? [] : ids.split(" "));
    ask();
    return listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "comments") ask();
      },
      onGap: ask,
    });
  }, [talk, projectId, ids]);
}

/** Over the slide until a place is pressed. */
function Placing({ onPlace }: { readonly onPlace: (x: number, y: number) => void }) {
  const { session, talk } = useVisit();
  return (
    <>
      <button
        type="button"
        aria-label="Place a comment; Enter puts it in the middle"
        data-testid="talk-placing"
        className="absolute inset-0 z-10 cursor-crosshair"
        onClick={(event) => onPlace(...session.workbench.view.toSlide(event.clientX, event.clientY))}
      />
      <p
        role="status"
        className="absolute top-3 left-1/2 z-20 flex -translate-x-1/2 items-center gap-2 rounded-lg border bg-panel/95 px-3 py-1.5 text-xs shadow-float"
      >
        <MessageSquare className="size-3.5" aria-hidden /> Press where the comment belongs
        <Button size="sm" variant="ghost" onClick={() => talk?.close()}>
          Cancel
        </Button>
      </p>
    </>
  );
}

type CardProps = { readonly talk: Talk; readonly thread: Thread | null; readonly about: TalkSubject | null };

/** What was said, and a field to say more. */
function Card({ talk, thread, about }: CardProps) {
  const { session } = useVisit();
  const members = useMembers();
  const speaks = offers(session.me.role, "comment.write");
  const card = useRef<HTMLElement>(null);
  useEffect(() => card.current?.querySelector<HTMLElement>("textarea")?.focus(), []);
  const say = async (text: string, mentions: readonly string[]) => {
    const said = { text, mentions: mentions.map((id) => personId.parse(id)) };
    const layerId = thread?.layerId ?? about?.layerId ?? "";
    const { open } = talk.state.getState();
    talk.take(await api.talk.onLayer(layerId, { ...said, ...subjectOf(thread, about) }), open);
  };
  const resolve = (resolved: boolean) => {
    if (thread === null) return;
    const { open } = talk.state.getState();
    api.talk.resolve(thread.id, resolved).then(
      (now) => {
        talk.take(now, open);
        if (resolved) talk.leave(now.id);
      },
      (error: unknown) => toast.error(sentenceOf(error)),
    );
  };
  const isOutline = (thread?.annotationId ?? about?.annotationId ?? null) !== null;
  return (
    <section
      ref={card}
      aria-label="Comments"
      data-testid="talk-card"
      data-over-slide
      className="absolute top-14 right-3 z-20 flex max-h-[calc(100%-9rem)] w-80 max-w-[calc(100%-4.5rem)] select-text flex-col rounded-xl border bg-panel shadow-float"
      onKeyDown={(event) => {
        if (event.key === "Escape") talk.close();
      }}
    >
      <header className="flex shrink-0 items-center gap-2 border-b px-3 py-2">
        <h2 className="min-w-0 flex-1 truncate font-medium text-sm">
          {isOutline ? "About this outline" : "About this place"}
        </h2>
        {thread?.resolvedAt == null ? null : <Badge tone="good">dealt with</Badge>}
        {thread === null || !speaks ? null : (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => resolve(thread.resolvedAt === null)}
            data-testid="talk-resolve"
          >
            {thread.resolvedAt === null ? <Check aria-hidden /> : <RotateCcw aria-hidden />}
            {thread.resolvedAt === null ? "Dealt with" : "Open again"}
          </Button>
        )}
        <Button size="icon" variant="ghost" aria-label="Close" onClick={() => talk.close()}>
          <X />
        </Button>
      </header>
      {thread === null ? null : (
        <ol className="scroll-thin flex min-h-0 flex-col gap-3 overflow-y-auto px-3 py-3 text-sm">
          {thread.comments.map((comment) => (
            <CommentLine key={comment.id} comment={comment} />
          ))}
        </ol>
      )}
      {speaks ? (
        <div className="shrink-0 border-t p-3">
          <Say members={members} placeholder={thread === null ? "What is there to say?" : "Answer"} onSay={say} />
        </div>
      ) : null}
    </section>
  );
}

function subjectOf(thread: Thread | null, about: TalkSubject | null) {
  if (thread !== null) return { threadId: thread.id };
  if (about?.annotationId != null) return { annotationId: annotationIdSchema.parse(about.annotationId) };
  return about === null ? {} : { place: about.at };
}

/** Whom one may name. */
function useMembers(): readonly PersonRef[] {
  const { projectId, session } = useVisit();
  const [members, setMembers] = useState<readonly PersonRef[]>([]);
  useEffect(() => {
    let wanted = true;
    api.members.list(projectId).then(
      (found) => wanted && setMembers(found.filter(({ id }) => id !== session.me.id)),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [projectId, session]);
  return members;
}
