"use client";

import { TriangleAlert } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";

/** The file does not say how large a pixel is; without it there are no areas, so it is asked for and never guessed. */
export function StateMpp({ slide, edits }: { readonly slide: Slide; readonly edits: boolean }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { busy, error, run } = useSubmit();
  if (!edits) return <Badge tone="warn">scale not stated</Badge>;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const mpp = Number(new FormData(event.currentTarget).get("mpp"));
    void run(async () => {
      await api.slides.update(slide.id, { mpp });
      setOpen(false);
      router.refresh();
    });
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button size="sm" className="border-warn/40 bg-warn-soft text-warn-ink hover:bg-warn-soft">
          <TriangleAlert aria-hidden /> State scale
        </Button>
      </PopoverTrigger>
      <PopoverContent>
        <form className="flex flex-col gap-3" onSubmit={submit}>
          <Field
            label="Microns per pixel"
            hint="Ask whoever scanned the slide. 20× is usually near 0.5, 40× near 0.25."
            {...(error === null ? {} : { error })}
          >
            {(control) => (
              <Input
                {...control}
                name="mpp"
                type="number"
                required
                min={0.05}
                max={100}
                step="any"
                placeholder="0.2500"
                autoFocus
              />
            )}
          </Field>
          <Button type="submit" variant="primary" size="sm" busy={busy}>
            Save scale
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  );
}
