"use client";

import { UserRound } from "lucide-react";
import Link from "next/link";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { offers } from "#app/_lib/abilities.ts";
import type { Task } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { useVisit } from "./session.tsx";

/** Whose answers these are, where they are not one's own, and what a lead may do about it. */
export function TaskOwner({ task, onChanged }: { readonly task: Task; readonly onChanged: () => void }) {
  const { session, projectId } = useVisit();
  const { busy, error, run } = useSubmit();
  const takeOver = () =>
    run(async () => {
      const { refused } = await api.tasks.reassign(projectId, { taskIds: [task.id], assigneeId: session.me.id });
      if (refused.length > 0) toast.error("This task cannot be yours.");
      onChanged();
    });
  return (
    <div
      className="flex shrink-0 flex-wrap items-center gap-2 border-b bg-sunken px-3 py-2 text-xs"
      data-testid="task-owner"
    >
      <UserRound className="size-3.5 shrink-0 text-faint" aria-hidden />
      <p className="min-w-0 flex-1">
        <strong className="font-medium">{task.assignee.name}</strong> answers this.
      </p>
      {offers(session.me.role, "task.assign") ? (
        <>
          <Button size="sm" busy={busy} onClick={() => void takeOver()}>
            Take it over
          </Button>
          <Button asChild size="sm" variant="ghost">
            <Link href={`/projects/${projectId}/tasks?view=table&task=${task.id}`}>Give it to somebody</Link>
          </Button>
        </>
      ) : null}
      {error === null ? null : (
        <p role="alert" className="w-full text-bad-ink">
          {error}
        </p>
      )}
    </div>
  );
}
