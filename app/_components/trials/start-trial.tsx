"use client";

import { FlaskConical } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Thumbnail } from "#app/_components/slides/thumbnail.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { PickList } from "#app/_components/ui/pick-list.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { slideId } from "#domain/ids.ts";

/** Tries the draft out, as it is now, on slides of one's choice. */
export function StartTrial(props: {
  readonly projectId: string;
  readonly slides: readonly Slide[];
  readonly hasDraft: boolean;
}) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { busy, error, run } = useSubmit();
  const start = () =>
    run(async () => {
      const slideIds = [...chosen].map((id) => slideId.parse(id));
      const { id } = await api.trials.start(props.projectId, { name: name.trim(), slideIds });
      router.push(`${projectPath(props.projectId, "guideline/trials")}/${id}`);
    });
  return (
    <>
      <Button
        variant="primary"
        disabled={!props.hasDraft}
        title={props.hasDraft ? undefined : "There is no draft to try out"}
        onClick={() => setOpen(true)}
      >
        <FlaskConical aria-hidden /> Try the draft out…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Try the draft out"
        description="Readers draw with the draft's classes on these slides, each for themselves. Nothing of it enters the data: no layer, no count, no consensus, no release."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button
              variant="primary"
              busy={busy}
              disabled={name.trim() === "" || chosen.size === 0}
              onClick={() => void start()}
            >
              Start the trial
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-4">
          <Field label="Name">
            {(control) => (
              <Input
                {...control}
                value={name}
                maxLength={120}
                placeholder="For example: isolated cells count"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <PickList
            title="Slides"
            empty="There are no slides yet."
            items={props.slides.map((slide) => ({
              id: slide.id,
              label: slide.name,
              hint: slide.caseName,
              mark: <Thumbnail url={slide.thumbnailUrl} className="h-7 w-10" />,
            }))}
            chosen={chosen}
            onChange={setChosen}
          />
          {error === null ? null : <Callout kind="bad">{error}</Callout>}
        </div>
      </Dialog>
    </>
  );
}
