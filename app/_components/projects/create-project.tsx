"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { api } from "#client/api.ts";

const FORM = "create-project";

export function CreateProject() {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { busy, error, run } = useSubmit();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void run(async () => {
      const project = await api.projects.create({
        name: String(form.get("name")),
        description: String(form.get("description")),
      });
      router.push(projectPath(project.id));
    });
  };
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Plus aria-hidden /> New project
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="New project"
        description="You become its lead. Slides, the guideline and people come next."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" busy={busy}>
              Create project
            </Button>
          </>
        }
      >
        <form id={FORM} onSubmit={submit} className="flex flex-col gap-4">
          {error === null ? null : <Callout kind="bad">{error}</Callout>}
          <Field label="Name">
            {(control) => <Input {...control} name="name" required maxLength={120} placeholder="Colon tumour, pilot" />}
          </Field>
          <Field label="Description" hint="What the ground truth is for; everybody in the project reads it.">
            {(control) => <Textarea {...control} name="description" maxLength={4000} rows={3} />}
          </Field>
        </form>
      </Dialog>
    </>
  );
}
