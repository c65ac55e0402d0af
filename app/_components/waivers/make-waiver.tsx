"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { classId, slideId } from "#domain/ids.ts";
import type { WaiverScope } from "#domain/waiver.ts";

const DAY_MS = 86_400_000;
/** What a lead who does not care gets: long enough for a release, short enough to be looked at again. */
const USUAL_DAYS = 90;

type Props = {
  readonly projectId: string;
  /** The newest version: a waiver covers what versions up to it ask. */
  readonly version: number;
  readonly classes: readonly ClassDefinition[];
  readonly slides: readonly { readonly id: string; readonly name: string }[];
  /** What the page was opened for; the dialog then opens with it. */
  readonly asked: { readonly class?: string; readonly slide?: string };
};

export function MakeWaiver(props: Props) {
  const { asked } = props;
  const [open, setOpen] = useState(asked.class !== undefined || asked.slide !== undefined);
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Plus aria-hidden /> New waiver
      </Button>
      {open ? <WaiverDialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function WaiverDialog({
  projectId,
  version,
  classes,
  slides,
  asked,
  onClose,
}: Props & { readonly onClose: () => void }) {
  const router = useRouter();
  const [kind, setKind] = useState<"class" | "slide">(asked.slide === undefined ? "class" : "slide");
  const [about, setAbout] = useState({ class: asked.class ?? "", slide: asked.slide ?? "" });
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => new Date(Date.now() + USUAL_DAYS * DAY_MS).toISOString().slice(0, 10));
  const { busy, error, run } = useSubmit();
  const scope = scopeOf(kind, about);
  const ends = Date.parse(`${until}T23:59:59`);
  const isReady = scope !== null && reason.trim() !== "" && ends > Date.now();
  const send = () =>
    run(async () => {
      if (scope === null) return;
      const made = await api.guideline.waive(projectId, { scope, reason, expiresAt: new Date(ends).toISOString() });
      toast.success(`The waiver holds; it excuses ${made.covers} now.`);
      onClose();
      router.replace(`/projects/${projectId}/guideline/waivers`);
      router.refresh();
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title="New waiver"
      description={`Excuses what versions up to ${version} ask, until it expires; then it is work again. You approve it, and each release prints it.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={!isReady} onClick={() => void send()}>
            Approve
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-[140px_minmax(0,1fr)]">
          <Field label="Excuses all">
            {({ id }) => (
              <Select
                id={id}
                value={kind}
                onValueChange={(value) => setKind(value === "slide" ? "slide" : "class")}
                options={[
                  { value: "class", label: "of a class" },
                  { value: "slide", label: "on a slide" },
                ]}
              />
            )}
          </Field>
          <Field label={kind === "class" ? "Class" : "Slide"}>
            {({ id }) => (
              <Select
                id={id}
                value={about[kind]}
                onValueChange={(value) => setAbout({ ...about, [kind]: value })}
                placeholder={kind === "class" ? "Choose a class" : "Choose a slide"}
                options={
                  kind === "class"
                    ? classes.map((each) => ({
                        value: each.id,
                        label: each.name,
                        icon: <Swatch colour={each.colour} icon={each.icon} />,
                      }))
                    : slides.map((slide) => ({ value: slide.id, label: slide.name }))
                }
              />
            )}
          </Field>
        </div>
        <Field label="Why" hint="Printed in each release beside what is excused.">
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              maxLength={4_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              placeholder="For example: the block is lost, and these outlines cannot be looked at again"
            />
          )}
        </Field>
        <Field label="Until" hint="The end of this day." className="w-48">
          {(control) => (
            <Input {...control} type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
          )}
        </Field>
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
      </div>
    </Dialog>
  );
}

function scopeOf(
  kind: "class" | "slide",
  about: { readonly class: string; readonly slide: string },
): WaiverScope | null {
  if (kind === "class") {
    const id = classId.safeParse(about.class);
    return id.success ? { kind, classId: id.data } : null;
  }
  const id = slideId.safeParse(about.slide);
  return id.success ? { kind, slideId: id.data } : null;
}
