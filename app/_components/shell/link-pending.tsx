"use client";

import { LoaderCircle } from "lucide-react";
import { useLinkStatus } from "next/link";

/** Inside a link: turns while the page it leads to is on its way, if that takes more than a moment. */
export function LinkPending() {
  const { pending } = useLinkStatus();
  if (!pending) return null;
  return (
    <span role="status" className="late-in ml-auto">
      <LoaderCircle className="size-3.5 animate-spin text-faint" aria-hidden />
      <span className="sr-only">Loading</span>
    </span>
  );
}
