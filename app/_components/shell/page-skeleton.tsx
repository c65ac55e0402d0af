import { Skeleton } from "#app/_components/ui/skeleton.tsx";
import { PageBody } from "./page.tsx";

const ROWS = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

/**
 * The frame of a page that may take more than a moment. Not for quick ones: a skeleton stays for 300 ms once it shows,
 * so a page that is there in 60 ms comes sooner without.
 */
export function PageSkeleton() {
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
