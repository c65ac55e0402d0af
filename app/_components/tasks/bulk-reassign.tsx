"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { Member } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { rolesFor } from "#domain/permissions.ts";

/** People to whom a task can be given. */
export function assignable(members: readonly Member[]): readonly Member[] {
  return members.filter((member) => rolesFor("task.answer").includes(member.role));
}

export function BulkReassign(props: {
  readonly projectId: string;
  readonly taskIds: readonly string[];
  readonly members: readonly Member[];
  readonly onDone: () => void;
}) {
  const router = useRouter();
  const people = assignable(props.members);
  const [assigneeId, setAssigneeId] = useState("");
  const { busy, error, run } = useSubmit();
  const reassign = () =>
    run(async () => {
      const answer = await api.tasks.reassign(props.projectId, { taskIds: [...props.taskIds], assigneeId });
      const refused = answer.refused.length;
      toast.success(`${plural(answer.moved, "task")} reassigned${refused === 0 ? "." : `; ${refused} could not be.`}`);
      props.onDone();
      router.refresh();
    });
  return (
    <div className="flex items-center gap-3 border-b bg-accent-soft/50 px-4 py-2">
      <span className="font-medium">{plural(props.taskIds.length, "task")} chosen</span>
      <Select
        aria-label="Give them to"
        placeholder="Give them to…"
        value={assigneeId}
        onValueChange={setAssigneeId}
        options={people.map((each) => ({
          value: each.id,
          label: each.name,
          icon: <Avatar name={each.name} colour={each.colour} size="sm" />,
        }))}
        className="w-56"
      />
      <Button size="sm" variant="primary" busy={busy} disabled={assigneeId === ""} onClick={() => void reassign()}>
        Reassign
      </Button>
      <Button size="sm" variant="ghost" onClick={props.onDone}>
        Cancel
      </Button>
      {error === null ? null : <span className="text-bad-ink text-xs">{error}</span>}
    </div>
  );
}
