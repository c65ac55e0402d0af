"use client";

import { CloudOff, TriangleAlert, X } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { plural } from "#app/_lib/format.ts";
import type { TaskWalk } from "./use-task.ts";

/** What became of answers that could not be sent or were refused; silent while everything goes its way. */
export function TaskNotices({ walk }: { readonly walk: TaskWalk }) {
  const { stuck, sending, refused } = walk;
  if (!stuck && refused.length === 0) return null;
  return (
    <div className="flex shrink-0 flex-col gap-2 border-b bg-sunken px-3 py-2 text-xs" role="status">
      {stuck ? (
        <p className="flex items-center gap-2 text-warn-ink" data-testid="walk-stuck">
          <CloudOff className="size-3.5 shrink-0" aria-hidden />
          <span className="flex-1">
            The server does not answer. {plural(sending, "answer")} kept here and sent when it does.
          </span>
          <Button size="sm" variant="ghost" onClick={walk.retry}>
            Try now
          </Button>
        </p>
      ) : null}
      {refused.length === 0 ? null : (
        <div className="flex items-start gap-2 text-bad-ink" data-testid="walk-refused">
          <TriangleAlert className="mt-1.5 size-3.5 shrink-0" aria-hidden />
          <ul className="flex-1 py-1">
            {[...new Set(refused.map(({ sentence }) => sentence))].map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
            <li className="text-muted">
              {refused.length === 1 ? "One answer was" : `${refused.length} answers were`} not taken; the items wait
              again.
            </li>
          </ul>
          <Button size="icon" variant="ghost" aria-label="Understood" onClick={walk.dismiss}>
            <X />
          </Button>
        </div>
      )}
    </div>
  );
}
