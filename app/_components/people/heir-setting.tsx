"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { Member, Project } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import type { HeirRule } from "#domain/assignment.ts";
import { personId } from "#domain/ids.ts";

const RULES = [
  { value: "lead", label: "the lead who has been here longest" },
  { value: "balanced", label: "whoever of the other readers has least to do" },
  { value: "person", label: "one person" },
] as const;

/** Who takes over the tasks of somebody who leaves; their outlines stay theirs. */
export function HeirSetting(props: {
  readonly projectId: string;
  readonly heirs: Project["heirs"];
  readonly members: readonly Member[];
}) {
  const router = useRouter();
  const [rule, setRule] = useState<HeirRule>(props.heirs);
  const able = props.members.filter(({ role }) => offers(role, "task.answer"));
  const save = async (next: HeirRule) => {
    const before = rule;
    setRule(next);
    try {
      await api.projects.update(props.projectId, { heirs: next });
      toast.success("Saved. What was given away already stays where it is.");
      router.refresh();
    } catch (error) {
      setRule(before);
      toast.error(sentenceOf(error));
    }
  };
  const choose = (value: string) => {
    const [first] = able;
    if (value === "person" && first !== undefined) return save({ kind: "person", personId: personId.parse(first.id) });
    return save({ kind: value === "balanced" ? "balanced" : "lead" });
  };
  return (
    <Card title="When somebody leaves" description="Or may no longer do it; their outlines stay theirs">
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Field label="Their open work goes to">
          {({ id }) => (
            <Select id={id} value={rule.kind} onValueChange={(value) => void choose(value)} options={RULES} />
          )}
        </Field>
        {rule.kind === "person" ? (
          <Field label="Who">
            {({ id }) => (
              <Select
                id={id}
                value={rule.personId}
                onValueChange={(value) => void save({ kind: "person", personId: personId.parse(value) })}
                options={able.map((member) => ({ value: member.id, label: member.name }))}
              />
            )}
          </Field>
        ) : null}
      </div>
    </Card>
  );
}
