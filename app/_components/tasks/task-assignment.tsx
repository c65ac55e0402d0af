"use client";

import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import type { Member, Task } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { isUnfinished } from "#domain/task.ts";
import { assignable } from "./assignable.ts";

/** Who does it, and a choice of somebody else while it is not finished. */
export function TaskAssignment({ task, members }: { readonly task: Task; readonly members: readonly Member[] }) {
  const router = useRouter();
  const people = assignable(members, task.kind === "adjudication" ? "consensus.adjudicate" : "task.answer");
  const options = people.some((each) => each.id === task.assignee.id) ? people : [task.assignee, ...people];
  const assign = async (assigneeId: string) => {
    if (assigneeId === task.assignee.id) return;
    try {
      await api.tasks.update(task.id, { revision: task.revision, assigneeId });
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    router.refresh();
  };
  return (
    <Select
      aria-label="Assigned to"
      value={task.assignee.id}
      disabled={!isUnfinished(task.state)}
      onValueChange={(value) => void assign(value)}
      options={options.map((each) => ({
        value: each.id,
        label: each.name,
        icon: <Avatar name={each.name} colour={each.colour} size="sm" />,
      }))}
      className="max-w-64"
    />
  );
}
