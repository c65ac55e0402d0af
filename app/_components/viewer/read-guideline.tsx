"use client";

import { changeSentence, namingOf } from "#app/_components/guideline/change-words.ts";
import { TEXT_FIELDS } from "#app/_components/guideline/class-fields.ts";
import { ExampleGallery } from "#app/_components/guideline/example-gallery.tsx";
import { TextChange } from "#app/_components/guideline/text-change.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Acknowledgement } from "#client/answers.ts";
import type { CropSlide } from "#client/crop.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { useVisit } from "./session.tsx";
import { useCropSlides } from "./use-crop-slides.ts";

/** Old and new words side by side, with the new examples; confirmed once for all versions that are to be read. */
export function ReadGuideline(props: {
  readonly toRead: Acknowledgement;
  readonly onRead: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { session } = useVisit();
  const { busy, error, run } = useSubmit();
  const slides = useCropSlides();
  const { versions } = session;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || props.onClose()}
      title="What the guideline says in other words"
      description="Old words on the left, new ones on the right. Nothing that you drew has to be looked at for this."
      footer={
        <>
          {error === null ? null : <span className="mr-auto text-bad-ink text-xs">{error}</span>}
          <Button onClick={props.onClose}>Later</Button>
          <Button
            variant="primary"
            busy={busy}
            data-testid="confirm-read"
            onClick={() => void run(() => props.onRead())}
          >
            I have read it
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-6">
        {props.toRead.due.map(({ version, note, changes }) => {
          const after = versions.find(({ number }) => number === version)?.content;
          const before = versions.find(({ number }) => number === version - 1)?.content;
          if (after === undefined || before === undefined) return null;
          const name = namingOf(before, after);
          const ids = new Set(changes.flatMap((change) => ("classId" in change ? [change.classId] : [])));
          return (
            <section key={version} aria-label={`Version ${version}`} className="flex flex-col gap-4">
              {note === "" ? null : <Callout title={`Version ${version}`}>{note}</Callout>}
              {after.classes
                .filter(({ id }) => ids.has(id))
                .map((now) => (
                  <ClassWords
                    key={now.id}
                    now={now}
                    old={before.classes.find(({ id }) => id === now.id)}
                    sentences={changes
                      .filter((change) => "classId" in change && change.classId === now.id)
                      .map((change) => changeSentence(change, name))}
                    slides={slides}
                  />
                ))}
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}

function ClassWords(props: {
  readonly old: ClassDefinition | undefined;
  readonly now: ClassDefinition;
  readonly sentences: readonly string[];
  readonly slides: ReadonlyMap<string, CropSlide>;
}) {
  const { old, now } = props;
  const changed = TEXT_FIELDS.filter(({ key }) => old?.[key] !== now[key]);
  return (
    <article className="rounded-lg border">
      <header className="border-b px-4 py-2">
        <ClassName name={now.name} colour={now.colour} className="font-semibold" />
        <p className="text-muted text-xs">{props.sentences.join(" ")}</p>
      </header>
      <dl className="divide-y">
        {changed.map(({ key, label }) => (
          <div key={key} className="grid grid-cols-2 gap-4 px-4 py-3">
            <div>
              <dt className="text-faint text-xs">{label}, before</dt>
              <dd className="whitespace-pre-wrap text-muted">{old?.[key] === "" ? "nothing" : old?.[key]}</dd>
            </div>
            <div>
              <dt className="text-faint text-xs">{label}, now</dt>
              <dd>
                <TextChange before={old?.[key] ?? ""} after={now[key]} />
              </dd>
            </div>
          </div>
        ))}
      </dl>
      <ExampleGallery definition={now} slides={props.slides} className="p-4" />
    </article>
  );
}
