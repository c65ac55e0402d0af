"use client";

import { Snowflake } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { Thumbnail } from "#app/_components/slides/thumbnail.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { PickList } from "#app/_components/ui/pick-list.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Blocker, ReleaseDetail, Slide } from "#client/answers.ts";
import { ApiError, api } from "#client/api.ts";
import { requestNames } from "#client/fresh-id.ts";
import { BlockerList } from "./blocker-list.tsx";

const FORM = "freeze-release";

/** What a refusal lists as standing in the way; nothing where it is another refusal. */
function blockersIn(error: unknown): readonly Blocker[] {
  const listed = error instanceof ApiError ? error.detail["blockers"] : undefined;
  return Array.isArray(listed) ? (listed as Blocker[]) : [];
}

export function FreezeRelease(props: {
  readonly projectId: string;
  readonly slides: readonly Slide[];
  readonly nextNumber: number;
  /** Something stands in the way for all slides together; a part may still be consistent. */
  readonly blocked: boolean;
}) {
  const router = useRouter();
  const [nameOf] = useState(requestNames);
  const [open, setOpen] = useState(false);
  const [slideIds, setSlideIds] = useState<ReadonlySet<string>>(() => new Set(props.slides.map((slide) => slide.id)));
  const [blockers, setBlockers] = useState<readonly Blocker[]>([]);
  const { busy, error, run } = useSubmit();
  const freeze = async (...request: Parameters<typeof api.releases.create>): Promise<ReleaseDetail> => {
    try {
      return await api.releases.create(...request);
    } catch (refusal) {
      setBlockers(blockersIn(refusal));
      throw refusal;
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    const isAll = slideIds.size === props.slides.length;
    void run(async () => {
      const wanted = { name, ...(isAll ? {} : { slideIds: [...slideIds] }) };
      const release = await freeze(props.projectId, { id: nameOf(wanted), ...wanted });
      toast.success(`“${release.name}” is frozen.`);
      router.push(`/projects/${props.projectId}/releases/${release.id}`);
      router.refresh();
    });
  };
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)} disabled={props.slides.length === 0}>
        <Snowflake aria-hidden /> Freeze a release…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Freeze release ${props.nextNumber}`}
        description="A copy of the ground truth of these slides, with guideline, agreement and hashes. It is never changed; the next release is another."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" busy={busy} disabled={slideIds.size === 0}>
              Freeze
            </Button>
          </>
        }
      >
        <form id={FORM} className="flex flex-col gap-4" onSubmit={submit}>
          {error === null ? null : (
            <Callout kind="bad" title={error}>
              {blockers.length === 0 ? null : "This stands in the way for the slides you chose:"}
            </Callout>
          )}
          {error === null || blockers.length === 0 ? null : <BlockerList blockers={blockers} />}
          {props.blocked && error === null ? (
            <Callout kind="warn">
              Not everything is settled; freezing is refused unless the slides you choose are consistent.
            </Callout>
          ) : null}
          <Field label="Name">
            {(control) => (
              <Input {...control} name="name" required maxLength={120} placeholder={`Release ${props.nextNumber}`} />
            )}
          </Field>
          <PickList
            title="Slides"
            empty="There are no slides."
            items={props.slides.map((slide) => ({
              id: slide.id,
              label: slide.name,
              hint: slide.caseName,
              mark: <Thumbnail url={slide.thumbnailUrl} className="h-7 w-10" />,
            }))}
            chosen={slideIds}
            onChange={setSlideIds}
          />
        </form>
      </Dialog>
    </>
  );
}
