"use client";

import { useHydrated } from "#app/_components/use-hydrated.ts";
import { ago } from "#app/_lib/format.ts";

const day = (timeZone?: string) =>
  new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...(timeZone ? { timeZone } : {}),
  });
const minute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** A moment: how long ago, or the date; the exact local time on hover. The server, which knows no time zone, says the day in UTC. */
export function Time({ at, exact }: { readonly at: string; readonly exact?: boolean }) {
  const inBrowser = useHydrated();
  const date = new Date(at);
  if (!inBrowser) return <time dateTime={at}>{day("UTC").format(date)}</time>;
  const text = exact ? minute.format(date) : (ago(date.getTime(), Date.now()) ?? day().format(date));
  return (
    <time dateTime={at} title={minute.format(date)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
