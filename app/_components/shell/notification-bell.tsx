"use client";

import { Bell, CheckCheck } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { plural } from "#app/_lib/format.ts";
import { api } from "#client/api.ts";
import { listenToProject } from "#client/live-events.ts";
import { NotificationList } from "./notification-list.tsx";

/** More than this is said as "99+". */
const SHOWN = 99;

type Props = {
  /** The project whose events say that there is something new; null on pages of no project. */
  readonly projectId: string | null;
  /** As a row of a menu, with its word beside it. */
  readonly labelled?: boolean;
};

/** How much there is that one should know, and on a click what it is. */
export function NotificationBell({ projectId, labelled }: Props) {
  const [open, setOpen] = useState(false);
  const { unread, refresh } = useUnread(projectId);
  const readAll = async () => {
    await api.notifications.read().catch(() => undefined);
    refresh();
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger
        aria-label={unread === 0 ? "Notifications" : `Notifications, ${plural(unread, "unread", "unread")}`}
        data-testid="notifications"
        data-unread={unread}
        className={cn(
          "relative flex items-center rounded-md text-muted hover:bg-hover hover:text-ink data-[state=open]:bg-hover",
          labelled ? "h-7.5 w-full gap-2.5 px-2 font-medium" : "size-8 justify-center",
        )}
      >
        <Bell className="size-4 text-faint" strokeWidth={1.75} aria-hidden />
        {labelled ? <span className="flex-1 text-left max-md:sr-only">Inbox</span> : null}
        {unread === 0 ? null : (
          <span
            className={cn(
              "tabular rounded-full bg-accent px-1.5 font-semibold text-[10px] text-on-accent leading-4",
              labelled
                ? "max-md:absolute max-md:-top-0.5 max-md:right-0 max-md:px-1"
                : "absolute -top-0.5 -right-0.5 px-1",
            )}
          >
            {unread > SHOWN ? `${SHOWN}+` : unread}
          </span>
        )}
      </PopoverTrigger>
      <PopoverContent align="end" side={labelled ? "right" : "bottom"} className="w-96 p-0">
        <header className="flex h-11 items-center gap-2 border-b px-4">
          <h2 className="flex-1 font-semibold">Inbox</h2>
          <Button variant="ghost" size="sm" disabled={unread === 0} onClick={() => void readAll()}>
            <CheckCheck aria-hidden /> All read
          </Button>
        </header>
        {open ? <NotificationList key={unread} onFollow={() => setOpen(false)} onRead={refresh} /> : null}
      </PopoverContent>
    </Popover>
  );
}

/** The number of unread notifications, kept true by the project's events. */
function useUnread(projectId: string | null): { readonly unread: number; readonly refresh: () => void } {
  const [unread, setUnread] = useState(0);
  const refresh = useCallback(() => {
    api.notifications.unread().then(
      (answer) => setUnread(answer.unread),
      () => undefined,
    );
  }, []);
  useEffect(() => {
    refresh();
    if (projectId === null) return undefined;
    return listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "notifications" || kind === "rounds") refresh();
      },
      onGap: refresh,
    });
  }, [projectId, refresh]);
  return { unread, refresh };
}
