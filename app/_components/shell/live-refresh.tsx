"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { toast } from "sonner";
import { listenToProject } from "#client/live-events.ts";

/** Several changes in a row ask for the page once. */
const SETTLE_MS = 400;

/** Keeps the open page true: what changed elsewhere is asked again, and said where it is meant for this person. */
export function LiveRefresh({ projectId, refresh }: { readonly projectId: string; readonly refresh: boolean }) {
  const router = useRouter();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askAgain = () => {
      if (!refresh) return;
      clearTimeout(timer);
      timer = setTimeout(() => router.refresh(), SETTLE_MS);
    };
    const stop = listenToProject(projectId, {
      onEvent: (event) => {
        if (event.toast !== null) toast(event.toast);
        if (event.kind !== "notifications" && event.kind !== "comments") askAgain();
      },
      onGap: askAgain,
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [projectId, refresh, router]);
  return null;
}
