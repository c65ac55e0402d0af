import type { Exception } from "#client/exceptions.ts";

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Until when an outline need not be looked at again, and why. */
export function exceptionText({ expiresAt, reason }: Exception): string {
  return `Waived until ${day.format(new Date(expiresAt))}: ${reason}`;
}
