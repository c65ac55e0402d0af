"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { AssignmentPreview, Member, Task } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import type { AssignmentRule } from "#domain/assignment.ts";
import { personId } from "#domain/ids.ts";
import { AssignPreview } from "./assign-preview.tsx";
import { assignable } from "./assignable.ts";

type Kind = AssignmentRule["kind"];
const RULES: readonly { readonly value: Kind; readonly label: string; readonly says: string }[] = [
  { value: "balanced", label: "Whoever has least to do", says: "By estimated hours, beside what people have already." },
  { value: "author", label: "Who drew it", says: "Each task goes to the author of what it is about." },
  { value: "not-author", label: "Anybody but who drew it", says: "A second pair of eyes, balanced by hours." },
  { value: "person", label: "One person", says: "All of them to a specialist of your choice." },
];

type Props = {
  readonly projectId: string;
  readonly tasks: readonly Task[];
  readonly members: readonly Member[];
  /** Whom the guideline names to settle disputes. */
  readonly decider: string | null;
  readonly onClose: () => void;
};

/** Gives many tasks away by a rule: who would get what is shown first, and exactly that is done. */
export function AssignDialog({ projectId, tasks, members, decider, onClose }: Props) {
  const router = useRouter();
  const taskIds = tasks.map(({ id }) => id);
  const settles = tasks.every((task) => task.kind === "adjudication");
  const people = assignable(members, settles ? "consensus.adjudicate" : "task.answer");
  const named = settles ? people.find(({ id }) => id === decider) : undefined;
  const [kind, setKind] = useState<Kind>(named === undefined ? "balanced" : "person");
  const [person, setPerson] = useState((named ?? people[0])?.id ?? "");
  const { preview, problem } = usePreview(projectId, taskIds, kind, person);
  const { busy, error, run } = useSubmit();
  const apply = async () => {
    if (preview === null) return;
    const expected = preview.assignments.map(({ taskId, to }) => ({ taskId, to: to?.id ?? null }));
    const done = await run(async () => {
      const answer = await api.tasks.assign(projectId, { taskIds, rule: ruleOf(kind, person), expected });
      const rest = answer.refused.length === 0 ? "." : `; ${answer.refused.length} stay where they are.`;
      toast.success(`${plural(answer.moved, "task")} assigned${rest}`);
    });
    if (!done) return;
    onClose();
    router.refresh();
  };
  const says = RULES.find(({ value }) => value === kind)?.says;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={`Assign ${plural(taskIds.length, "task")}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={preview === null} onClick={() => void apply()}>
            Assign as shown
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-4">
        <Field label="To" hint={says}>
          {(control) => (
            <Select
              id={control.id}
              value={kind}
              onValueChange={(value) => setKind(RULES.find((rule) => rule.value === value)?.value ?? "balanced")}
              options={RULES.map(({ value, label }) => ({ value, label }))}
            />
          )}
        </Field>
        {kind === "person" ? (
          <Field label="Person" {...(person === named?.id ? { hint: "Named by the guideline." } : {})}>
            {(control) => (
              <Select
                id={control.id}
                value={person}
                onValueChange={setPerson}
                options={people.map(({ id, name, colour }) => ({
                  value: id,
                  label: name,
                  icon: <Avatar name={name} colour={colour} size="sm" />,
                }))}
              />
            )}
          </Field>
        ) : null}
      </div>
      <div className="mt-4">
        {problem === null ? <AssignPreview preview={preview} /> : <Callout kind="bad">{problem}</Callout>}
        {error === null ? null : (
          <Callout kind="bad" className="mt-3">
            {error}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}

function ruleOf(kind: Kind, person: string): AssignmentRule {
  if (kind === "person") return { kind, personId: personId.parse(person) };
  return kind === "author" ? { kind } : { kind, personIds: [] };
}

function usePreview(projectId: string, taskIds: readonly string[], kind: Kind, person: string) {
  const [preview, setPreview] = useState<AssignmentPreview | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const ids = taskIds.join(" ");
  useEffect(() => {
    let wanted = true;
    setPreview(null);
    setProblem(null);
    api.tasks.previewAssignment(projectId, { taskIds: ids.split(" "), rule: ruleOf(kind, person) }).then(
      (answer) => wanted && setPreview(answer),
      (error: unknown) => wanted && setProblem(sentenceOf(error)),
    );
    return () => {
      wanted = false;
    };
  }, [projectId, ids, kind, person]);
  return { preview, problem };
}
