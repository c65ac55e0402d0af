"use client";

import { FileInput } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { bytes } from "#app/_lib/format.ts";
import type { DroppedFile } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { stemOf } from "./upload-queue.ts";

const FORM = "register-slide";

/** Files that somebody put in the server's slides folder and that are no slides of a project yet. */
export function DroppedFiles({
  projectId,
  files,
}: {
  readonly projectId: string;
  readonly files: readonly DroppedFile[];
}) {
  const [chosen, setChosen] = useState<DroppedFile | null>(null);
  return (
    <Card
      title="Found in the server's slides folder"
      description="Register a file to make it a slide of this project."
      flush
    >
      <ul className="divide-y">
        {files.map((file) => (
          <li key={file.file} className="flex h-11 items-center gap-3 px-4">
            <FileInput className="size-4 text-faint" aria-hidden />
            <span className="truncate font-medium">{file.file}</span>
            <span className="tabular text-faint text-xs">{bytes(file.bytes)}</span>
            <Button size="sm" className="ml-auto" onClick={() => setChosen(file)}>
              Register…
            </Button>
          </li>
        ))}
      </ul>
      {chosen === null ? null : <RegisterFile projectId={projectId} file={chosen} onClose={() => setChosen(null)} />}
    </Card>
  );
}

function RegisterFile(props: { readonly projectId: string; readonly file: DroppedFile; readonly onClose: () => void }) {
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const mpp = String(form.get("mpp"));
    void run(async () => {
      const slide = await api.slides.register(props.projectId, {
        file: props.file.file,
        name: String(form.get("name")),
        case: String(form.get("case")),
        mpp: mpp === "" ? null : Number(mpp),
      });
      toast.success(`${slide.name} is registered.`);
      props.onClose();
      router.refresh();
    });
  };
  const stem = stemOf(props.file.file);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? null : props.onClose())}
      title={`Register ${props.file.file}`}
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" busy={busy}>
            Register slide
          </Button>
        </>
      }
    >
      <form id={FORM} className="flex flex-col gap-4" onSubmit={submit}>
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
        <Field label="Name">
          {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={stem} />}
        </Field>
        <Field label="Case" hint="Slides of one patient share a case; a case is never split between training and test.">
          {(control) => <Input {...control} name="case" required maxLength={120} defaultValue={stem} />}
        </Field>
        <Field label="Microns per pixel" hint="Only where the file does not say it.">
          {(control) => (
            <Input {...control} name="mpp" type="number" min={0.05} max={100} step="any" placeholder="from the file" />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
