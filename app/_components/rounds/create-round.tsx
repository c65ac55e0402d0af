"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Thumbnail } from "#app/_components/slides/thumbnail.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { PickList } from "#app/_components/ui/pick-list.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { Member, Round, Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { requestNames } from "#client/fresh-id.ts";
import { ROLE_LABELS } from "#domain/permissions.ts";
import { ModeChoice } from "./mode-choice.tsx";
import { type RepeatsChoice, RepeatsField } from "./repeats-field.tsx";

type Props = {
  readonly projectId: string;
  readonly slides: readonly Slide[];
  readonly readers: readonly Member[];
  /** Number of the version in force; null where nothing is published. */
  readonly guidelineNumber: number | null;
  /** Days that the study puts between a read and its hidden repetition. */
  readonly washoutDays: number;
};

function sizeText(mode: Round["mode"], slides: number, readers: number): string {
  const layers = mode === "together" ? slides : slides * readers;
  return mode === "together" ? plural(layers, "shared layer") : plural(layers, "read");
}

export function CreateRound({ projectId, slides, readers, guidelineNumber, washoutDays }: Props) {
  const router = useRouter();
  const [nameOf] = useState(requestNames);
  const [mode, setMode] = useState<Round["mode"]>("blind");
  const [slideIds, setSlideIds] = useState<ReadonlySet<string>>(new Set());
  const [readerIds, setReaderIds] = useState<ReadonlySet<string>>(new Set());
  const [repeats, setRepeats] = useState<RepeatsChoice | null>(null);
  const { busy, error, run } = useSubmit();
  const asked = mode === "blind" ? repeats : null;
  const ready = guidelineNumber !== null && slideIds.size > 0 && readerIds.size > 0;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    void run(async () => {
      const round = { name, mode, slideIds: [...slideIds], readerIds: [...readerIds], repeats: asked };
      await api.rounds.create(projectId, { id: nameOf(round), ...round });
      toast.success(`Round “${name}” is planned.`);
      router.push(projectPath(projectId, "rounds"));
    });
  };
  return (
    <form className="flex flex-col gap-5" onSubmit={submit}>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
      <Card>
        <div className="flex flex-col gap-4">
          <Field label="Name">
            {(control) => (
              <Input
                {...control}
                name="name"
                required
                maxLength={120}
                placeholder="Round 1, all slides"
                className="max-w-md"
              />
            )}
          </Field>
          <ModeChoice value={mode} onChange={setMode} />
          {mode === "blind" ? (
            <RepeatsField
              projectId={projectId}
              value={repeats}
              onChange={setRepeats}
              washoutDays={washoutDays}
              slideIds={slideIds}
              readers={readers.filter(({ id }) => readerIds.has(id))}
            />
          ) : null}
        </div>
      </Card>
      <div className="grid gap-5 lg:grid-cols-2">
        <PickList
          title="Slides"
          empty="Upload slides first."
          items={slides.map((slide) => ({
            id: slide.id,
            label: slide.name,
            hint: slide.caseName,
            mark: <Thumbnail url={slide.thumbnailUrl} className="h-7 w-10" />,
          }))}
          chosen={slideIds}
          onChange={setSlideIds}
        />
        <PickList
          title="Readers"
          empty="Invite annotators first."
          items={readers.map((reader) => ({
            id: reader.id,
            label: reader.name,
            hint: ROLE_LABELS[reader.role],
            mark: <Avatar name={reader.name} colour={reader.colour} />,
          }))}
          chosen={readerIds}
          onChange={setReaderIds}
        />
      </div>
      <div className="flex items-center justify-end gap-3">
        <span className="text-muted">
          {ready
            ? `${sizeText(mode, slideIds.size, readerIds.size)} under guideline v${guidelineNumber}. Each reader gets an order of their own.`
            : "Choose at least one slide and one reader."}
        </span>
        <Button onClick={() => router.back()}>Cancel</Button>
        <Button type="submit" variant="primary" busy={busy} disabled={!ready}>
          Plan round
        </Button>
      </div>
    </form>
  );
}
