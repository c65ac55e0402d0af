"use client";

import { AtSign, BellOff, ClipboardList, GitCompareArrows, type LucideIcon, MessageCircle, Undo2 } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { differencesPath } from "#app/_components/consensus/queue-link.ts";
import { Time } from "#app/_components/time.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Skeleton } from "#app/_components/ui/skeleton.tsx";
import type { Notification } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { projectPath, viewerPath } from "./navigation.ts";

const SHOWN = 30;

/** What one should know, the newest first; following one reads it. */
export function NotificationList({ onFollow, onRead }: { readonly onFollow: () => void; readonly onRead: () => void }) {
  const [items, setItems] = useState<readonly Notification[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    api.notifications.list({ limit: SHOWN }).then(
      (page) => wanted && setItems(page.items),
      (failed: unknown) => wanted && setError(sentenceOf(failed)),
    );
    return () => {
      wanted = false;
    };
  }, []);
  const follow = (item: Notification) => {
    onFollow();
    if (!item.read) void api.notifications.read({ ids: [item.id] }).then(onRead, () => undefined);
  };
  if (error !== null) return <p className="px-4 py-6 text-bad-ink text-sm">{error}</p>;
  if (items === null) return <Waiting />;
  if (items.length === 0) {
    return (
      <p className="flex flex-col items-center gap-2 px-4 py-10 text-center text-faint">
        <BellOff className="size-5" aria-hidden /> Nothing new. Tasks, returns and mentions appear here.
      </p>
    );
  }
  return (
    <ul className="scroll-thin max-h-[min(60vh,480px)] divide-y overflow-y-auto">
      {items.map((item) => (
        <li key={item.id}>
          <Link
            prefetch={false}
            href={hrefOf(item)}
            onClick={() => follow(item)}
            className={cn(
              "flex gap-3 px-4 py-2.5 hover:bg-hover focus-visible:outline-offset-[-2px]",
              item.read ? "text-muted" : "bg-accent-soft/40",
            )}
          >
            <Sign kind={item.kind} />
            <span className="min-w-0 flex-1">
              <span className={cn("block", !item.read && "font-medium")}>{item.text}</span>
              {item.note === "" ? null : <span className="mt-0.5 line-clamp-2 block text-muted">“{item.note}”</span>}
              <span className="mt-0.5 block truncate text-faint text-xs">
                {item.slide === null ? item.project.name : `${item.slide.name} · ${item.project.name}`} ·{" "}
                <Time at={item.at} />
              </span>
            </span>
            {item.read ? null : <span className="mt-1.5 size-2 shrink-0 rounded-full bg-accent" title="Not read" />}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Waiting() {
  return (
    <div className="flex flex-col gap-3 p-4" role="status" aria-label="Fetching">
      <Skeleton className="h-9" />
      <Skeleton className="h-9" />
      <Skeleton className="h-9" />
    </div>
  );
}

const SIGNS: Readonly<Partial<Record<Notification["kind"], LucideIcon>>> = {
  mention: AtSign,
  reply: MessageCircle,
  "task-returned": Undo2,
  "round-unblinded": GitCompareArrows,
};

function Sign({ kind }: { readonly kind: Notification["kind"] }) {
  const Icon = SIGNS[kind] ?? ClipboardList;
  return (
    <Icon
      className={cn("mt-0.5 size-4 shrink-0", kind === "task-returned" ? "text-bad-ink" : "text-faint")}
      strokeWidth={1.75}
      aria-hidden
    />
  );
}

/** To the task, to where a round differs from the record, to the annotation on the slide, or to the list of tasks. */
function hrefOf({ project, slide, taskId, layerId, roundId, annotationId }: Notification): string {
  if (taskId !== null) return `${projectPath(project.id, "tasks")}?task=${taskId}`;
  if (roundId !== null) return differencesPath(project.id, roundId);
  if (slide === null || layerId === null) return projectPath(project.id, "tasks");
  return viewerPath(project.id, slide.id, { layer: layerId, annotation: annotationId ?? undefined });
}
