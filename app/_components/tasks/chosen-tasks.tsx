"use client";

import { ArrowUpToLine, UserRoundPen } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Member, Task } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { inOrderOfWork, isAnswerable } from "#domain/task.ts";
import { AssignDialog } from "./assign-dialog.tsx";

type Props = {
  readonly projectId: string;
  readonly chosen: readonly Task[];
  /** All tasks that are shown. */
  readonly tasks: readonly Task[];
  readonly members: readonly Member[];
  /** Whom the guideline names to settle disputes. */
  readonly decider: string | null;
  readonly onDone: () => void;
};

/** What can be done with several tasks at once. */
export function ChosenTasks({ projectId, chosen, tasks, members, decider, onDone }: Props) {
  const router = useRouter();
  const [assigning, setAssigning] = useState(false);
  const toTop = async () => {
    const first = new Set(chosen.map(({ id }) => id));
    const open = tasks.filter(({ state }) => isAnswerable(state)).toSorted(inOrderOfWork);
    const order = [...open.filter(({ id }) => first.has(id)), ...open.filter(({ id }) => !first.has(id))];
    try {
      await api.tasks.order(
        projectId,
        order.slice(0, 2_000).map(({ id }) => id),
      );
      toast.success("They come first among tasks of the same priority.");
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    onDone();
    router.refresh();
  };
  return (
    <div className="flex items-center gap-2 border-b bg-accent-soft/50 px-4 py-2">
      <span className="mr-2 font-medium">{plural(chosen.length, "task")} chosen</span>
      <Button size="sm" variant="primary" onClick={() => setAssigning(true)}>
        <UserRoundPen aria-hidden /> Assign…
      </Button>
      <Button size="sm" onClick={() => void toTop()}>
        <ArrowUpToLine aria-hidden /> Do first
      </Button>
      <Button size="sm" variant="ghost" onClick={onDone}>
        Cancel
      </Button>
      {assigning ? (
        <AssignDialog
          projectId={projectId}
          tasks={chosen}
          members={members}
          decider={decider}
          onClose={() => {
            setAssigning(false);
            onDone();
          }}
        />
      ) : null}
    </div>
  );
}
