"use client";

import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { ambiguitiesOf } from "#client/draft-ambiguities.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { SIDE_ID } from "./draft-side.tsx";

/** Where the changes lie below the editor instead of beside it: that something is asked there about the class at hand. */
export function AsksBelow(props: {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly definition: ClassDefinition;
}) {
  const { base, draft, definition } = props;
  const isAsked = ambiguitiesOf(base, draft).some(
    ({ answered, kind, classId }) => !answered && kind !== "unit" && classId === definition.id,
  );
  if (!isAsked) return null;
  return (
    <Callout
      kind="warn"
      className="sticky top-16 z-10 xl:hidden"
      action={
        <Button size="sm" onClick={() => document.getElementById(SIDE_ID)?.scrollIntoView({ block: "start" })}>
          Say it
        </Button>
      }
    >
      What the new words of {definition.name} mean for what is drawn is still to be said.
    </Callout>
  );
}
