"use client";

import { useEffect, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { Draft, RebaseAnswer } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { ClashChoices } from "#domain/draft-rebase.ts";
import { ClashChoice } from "./clash-choice.tsx";
import { clashPlace } from "./clash-words.ts";

/** A draft whose version is no longer the newest. */
export type LateDraft = DraftState & { readonly parent: number };

type Props = {
  readonly projectId: string;
  readonly late: LateDraft;
  readonly onClose: () => void;
  /** With the draft as it is stored on the newest version; null where everything of it is there already. */
  readonly onDone: (draft: Draft | null) => void;
};

/** Puts a late draft on the newest version: what clashes with it is shown, and whose text stands is chosen. */
export function RebaseDialog({ projectId, late, onClose, onDone }: Props) {
  const [found, setFound] = useState<RebaseAnswer | null>(null);
  const [choices, setChoices] = useState<ClashChoices>({});
  const { busy, error, run } = useSubmit();
  const ask = (said: ClashChoices) =>
    run(async () => {
      const { content, declarations, parent } = late;
      const body = { parent, content, declarations: [...declarations], choices: { ...said } };
      setFound(await api.guideline.rebaseDraft(projectId, body));
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: asked once, when the dialog opens with a draft.
  useEffect(() => {
    void ask({});
  }, []);
  const clashes = found?.clashes ?? [];
  const isReady = clashes.every(({ path }) => choices[path] !== undefined);
  const isOver = found !== null && clashes.length === 0;
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title={found === null ? "Put the draft on the newest version" : `Put the draft on version ${found.parent}`}
      description={`It followed version ${late.parent}. What you wrote is kept field by field; so is what was published since.`}
      footer={
        isOver ? (
          <Button variant="primary" onClick={() => onDone(found.draft)}>
            {found.brings ? "Go on writing" : "Go on from there"}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              variant="primary"
              busy={busy}
              disabled={found === null || !isReady}
              onClick={() => void ask(choices)}
            >
              Put it there
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
        {isOver ? <Outcome found={found} /> : null}
        {clashes.map((clash) => (
          <section key={clash.path} aria-label={clashPlace(clash, late.content)}>
            <h3 className="font-medium first-letter:uppercase">{clashPlace(clash, late.content)}</h3>
            <ClashChoice
              clash={clash}
              stored="Theirs, in force or in the draft begun since"
              chosen={choices[clash.path]}
              onChoose={(side) => setChoices({ ...choices, [clash.path]: side })}
            />
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Outcome({ found }: { readonly found: RebaseAnswer }) {
  const { overtaken } = found;
  return (
    <>
      <p>
        {found.brings
          ? `Your draft follows version ${found.parent} now. Preview it again before it is published.`
          : `Everything in your draft is in version ${found.parent}, or in the draft that was begun on it.`}
      </p>
      {overtaken.length === 0 ? null : (
        <Callout kind="info">
          {plural(overtaken.length, "thing that you said", "things that you said")} about changes no longer{" "}
          {overtaken.length === 1 ? "counts" : "count"}: the changes are published, or have become others.
        </Callout>
      )}
    </>
  );
}
