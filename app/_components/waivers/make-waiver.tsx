"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ClassDefinition } from "#domain/guideline.ts";
import { classId, slideId } from "#domain/ids.ts";
import type { WaiverScope } from "#domain/waiver.ts";
import { WaiverDialog } from "./waiver-dialog.tsx";

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
      {open ? <NewWaiver {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function NewWaiver({ projectId, version, classes, slides, asked, onClose }: Props & { readonly onClose: () => void }) {
  const router = useRouter();
  const [kind, setKind] = useState<"class" | "slide">(asked.slide === undefined ? "class" : "slide");
  const [about, setAbout] = useState({ class: asked.class ?? "", slide: asked.slide ?? "" });
  return (
    <WaiverDialog
      projectId={projectId}
      version={version}
      title="New waiver"
      scope={scopeOf(kind, about)}
      onMade={() => {
        router.replace(`/projects/${projectId}/guideline/waivers`);
        router.refresh();
      }}
      onClose={onClose}
    >
      <div>
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
        <p className="mt-1.5 text-faint text-xs">
          Outlines one by one are excused on their slide, where they are selected.
        </p>
      </div>
    </WaiverDialog>
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
