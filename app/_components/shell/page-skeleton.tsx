"use client";

import { usePathname } from "next/navigation";
import { Skeleton } from "#app/_components/ui/skeleton.tsx";
import { PageBody } from "./page.tsx";

const ROWS = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;
const VIEWER = /^\/projects\/[^/]+\/slides\/[^/]+/;

/** The frame of a page while its content is being asked for; the viewer has a dark one of its own. */
export function PageSkeleton() {
  const inViewer = VIEWER.test(usePathname());
  if (inViewer) return <div className="h-dvh bg-[#16191c]" />;
  return (
    <>
      <div className="flex h-13 items-center border-b bg-panel px-6">
        <Skeleton className="h-4 w-40" />
      </div>
      <PageBody wide>
        <span className="sr-only" role="status">
          Loading
        </span>
        <div className="overflow-hidden rounded-lg border bg-panel">
          {ROWS.map((row) => (
            <div key={row} className="flex h-12 items-center gap-4 border-b px-4 last:border-b-0">
              <Skeleton className="size-7" />
              <Skeleton className="h-3 w-56" />
              <Skeleton className="ml-auto h-3 w-24" />
            </div>
          ))}
        </div>
      </PageBody>
    </>
  );
}
