"use client";

import { Check, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Reference } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { classId as classIdSchema } from "#domain/ids.ts";
import { PlaceCrop } from "./place-crop.tsx";

const STATES: Readonly<Record<Reference["state"], { readonly label: string; readonly tone: Tone }>> = {
  usable: { label: "in use", tone: "good" },
  unsure: { label: "look again", tone: "warn" },
  drafted: { label: "by the draft", tone: "accent" },
  ended: { label: "class has gone", tone: "outline" },
};

/** Places of which leads have said what they are. One that a later version asks about waits for somebody to look again. */
export function ReferenceGrid(props: {
  readonly projectId: string;
  readonly references: readonly Reference[];
  readonly classes: readonly ClassDefinition[];
  readonly hasDraft: boolean;
}) {
  const { projectId, references, classes, hasDraft } = props;
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const change = (action: () => Promise<unknown>) =>
    void run(async () => {
      await action();
      router.refresh();
    });
  const confirm = (id: string, text: string, byDraft: boolean) =>
    change(() => api.qualification.confirmReference(projectId, id, { classId: classIdSchema.parse(text), byDraft }));
  return (
    <>
      {error === null ? null : (
        <Callout kind="bad" className="m-3">
          {error}
        </Callout>
      )}
      <ul
        className="grid gap-4 p-4 [grid-template-columns:repeat(auto-fill,minmax(190px,1fr))]"
        aria-label="References"
      >
        {references.map((each) => {
          const state = STATES[each.state];
          const present = each.effectiveClassId ?? each.classId;
          return (
            <li key={each.id} className="flex flex-col gap-2" data-testid="reference">
              <PlaceCrop place={each} label={`A place on ${each.slide.name}`} />
              <Select
                aria-label="What it is"
                value={present}
                disabled={busy}
                onValueChange={(value) => confirm(each.id, value, false)}
                options={classes.map(({ id, name, colour }) => ({
                  value: id,
                  label: name,
                  icon: <Swatch colour={colour} />,
                }))}
              />
              <div className="flex min-h-7 items-center gap-1.5">
                <Badge tone={state.tone}>{state.label}</Badge>
                <ReferenceVersion reference={each} />
                <span className="ml-auto flex items-center">
                  {each.state === "unsure" ? (
                    <Button size="sm" disabled={busy} onClick={() => confirm(each.id, present, false)}>
                      <Check aria-hidden /> Still right
                    </Button>
                  ) : hasDraft && each.byDraft?.holds !== true ? (
                    <Button
                      variant="ghost"
                      size="sm"
                      disabled={busy}
                      title="It is so by the draft that is being written, too"
                      onClick={() => confirm(each.id, present, true)}
                    >
                      By the draft too
                    </Button>
                  ) : null}
                  <Button
                    variant="ghost"
                    size="icon"
                    aria-label={`Take this place on ${each.slide.name} out`}
                    disabled={busy}
                    onClick={() => change(() => api.qualification.removeReference(projectId, each.id))}
                  >
                    <Trash2 />
                  </Button>
                </span>
              </div>
              <DraftWord reference={each} />
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Under which version it is that. */
function ReferenceVersion({ reference: { under } }: { readonly reference: Reference }) {
  if (under === null) return null;
  return (
    <span className="tabular text-2xs text-faint" title={`Said under guideline v${under}`}>
      v{under}
    </span>
  );
}

/** What was said of it by the draft beside that, and whether the draft still has the words of then. */
function DraftWord({ reference: { state, byDraft } }: { readonly reference: Reference }) {
  if (byDraft === null || (byDraft.holds && state === "drafted")) return null;
  return (
    <p className="text-2xs text-faint">
      {byDraft.holds ? "and by the draft" : "said by the draft, which has other words since"}
    </p>
  );
}
