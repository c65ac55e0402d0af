"use client";

import { ArrowRight, Check, Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Task } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { isAnswerable, mayMove } from "#domain/task.ts";
import { placeOfTask } from "./task-place.ts";

type Target = "submitted" | "accepted" | "returned" | "cancelled";
type Props = {
  readonly projectId: string;
  readonly task: Task;
  readonly meId: string;
  readonly reviews: boolean;
  readonly assigns: boolean;
};

/** The steps that the state of the task has for this person; the API decides again. */
function stepsOf({ task, meId, reviews, assigns }: Omit<Props, "projectId">) {
  const isMine = task.assignee.id === meId;
  return {
    isMine,
    canReview: reviews && mayMove(task.state, "accepted"),
    canSubmit: isMine && task.left === 0 && mayMove(task.state, "submitted"),
    canCancel: assigns && task.kind === "rework" && mayMove(task.state, "cancelled"),
  };
}

export function TaskActions({ projectId, task, meId, reviews, assigns }: Props) {
  const router = useRouter();
  const [note, setNote] = useState("");
  const { busy, error, run } = useSubmit();
  const move = (to: Target) =>
    run(async () => {
      await api.tasks.move(task.id, { revision: task.revision, to, note });
      setNote("");
      router.refresh();
    });
  const { isMine, canReview, canSubmit, canCancel } = stepsOf({ task, meId, reviews, assigns });
  return (
    <>
      {canReview || canCancel || canSubmit ? (
        <Textarea
          aria-label="Note"
          placeholder={canReview ? "A note; say why where you return it" : "A note"}
          rows={2}
          maxLength={2_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      ) : null}
      {error === null ? null : (
        <p role="alert" className="w-full text-bad-ink text-xs">
          {error}
        </p>
      )}
      {canCancel ? (
        <Button variant="danger" className="mr-auto" disabled={busy} onClick={() => void move("cancelled")}>
          Cancel task
        </Button>
      ) : null}
      {task.kind === "requalify" && !isMine ? null : (
        <Button asChild variant={isMine && isAnswerable(task.state) && !canSubmit ? "primary" : "secondary"}>
          <ViewerLink href={placeOfTask(projectId, task)}>
            {placeWords(task, isMine)} <ArrowRight aria-hidden />
          </ViewerLink>
        </Button>
      )}
      {canSubmit ? (
        <Button variant="primary" busy={busy} onClick={() => void move("submitted")}>
          Hand in
        </Button>
      ) : null}
      {canReview ? (
        <>
          <Button disabled={busy || note.trim() === ""} onClick={() => void move("returned")}>
            <Undo2 aria-hidden /> Return
          </Button>
          <Button variant="primary" busy={busy} onClick={() => void move("accepted")}>
            <Check aria-hidden /> Accept
          </Button>
        </>
      ) : null}
    </>
  );
}

function placeWords({ kind, state }: Task, isMine: boolean): string {
  if (kind === "requalify") return isAnswerable(state) ? "To the test" : "Look at the result";
  return isMine && isAnswerable(state) ? "Answer in the viewer" : "Look in the viewer";
}
