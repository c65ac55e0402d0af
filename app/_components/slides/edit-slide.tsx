"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";

const FORM = "edit-slide";

export function EditSlide({ slide, onClose }: { readonly slide: Slide; readonly onClose: () => void }) {
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const mpp = String(form.get("mpp"));
    void run(async () => {
      await api.slides.update(slide.id, {
        name: String(form.get("name")),
        case: String(form.get("case")),
        stain: String(form.get("stain")),
        site: String(form.get("site")),
        ...(mpp === "" ? {} : { mpp: Number(mpp) }),
      });
      onClose();
      router.refresh();
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? null : onClose())}
      title="Slide details"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" busy={busy}>
            Save
          </Button>
        </>
      }
    >
      <form id={FORM} className="grid grid-cols-2 gap-4" onSubmit={submit}>
        {error === null ? null : (
          <Callout kind="bad" className="col-span-2">
            {error}
          </Callout>
        )}
        <Field label="Name" className="col-span-2">
          {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={slide.name} />}
        </Field>
        <Field label="Case" hint="Slides of one patient share a case; it is never split.">
          {(control) => <Input {...control} name="case" required maxLength={120} defaultValue={slide.caseName} />}
        </Field>
        <Field label="Microns per pixel">
          {(control) => (
            <Input
              {...control}
              name="mpp"
              type="number"
              min={0.05}
              max={100}
              step="any"
              defaultValue={slide.mpp ?? ""}
            />
          )}
        </Field>
        <Field label="Stain">
          {(control) => <Input {...control} name="stain" maxLength={80} defaultValue={slide.stain} placeholder="H&E" />}
        </Field>
        <Field label="Site">
          {(control) => <Input {...control} name="site" maxLength={120} defaultValue={slide.site} />}
        </Field>
      </form>
    </Dialog>
  );
}
