import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import type { DraftSave } from "#client/draft-session.ts";
import type { DraftClash } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { ClashChoice } from "./clash-choice.tsx";
import { clashPlace } from "./clash-words.ts";

export type DraftEnd = {
  readonly how: "published" | "discarded";
  /** The version in force now. */
  readonly number: number;
  readonly onGoOn: () => void;
};

/** What the lead must know before writing on: a refused save, a draft that is gone, a field that two people wrote. */
export function DraftNotices(props: {
  readonly save: DraftSave;
  readonly clashes: readonly DraftClash[];
  readonly content: GuidelineContent;
  readonly end: DraftEnd | null;
  readonly onGoOn: () => void;
  readonly onSettle: (clash: DraftClash, choice: "mine" | "theirs") => void;
}) {
  const { save, end } = props;
  const goOn = (
    <Button size="sm" onClick={props.onGoOn}>
      Put it on the newest version
    </Button>
  );
  return (
    <>
      {end !== null && save.state === "saved" ? (
        <Callout
          kind="info"
          title={end.how === "published" ? `Version ${end.number} was published` : "The draft was thrown away"}
          action={
            <Button size="sm" onClick={end.onGoOn}>
              {end.number === 0 ? "Begin anew" : `Go on from version ${end.number}`}
            </Button>
          }
        >
          {end.how === "published"
            ? "What you see is the draft as it was before. All of it was saved."
            : "Another lead ended it. What you see is the draft as it was before."}
        </Callout>
      ) : null}
      {save.state === "refused" ? (
        <Callout kind="bad" action={save.isGone ? goOn : undefined}>
          {save.sentence}
        </Callout>
      ) : null}
      {props.clashes.map((clash) => (
        <Callout
          key={clash.path}
          kind="warn"
          title={`Another lead wrote on the ${clashPlace(clash, props.content)} as well`}
        >
          <ClashChoice
            clash={clash}
            stored="Theirs, which is stored"
            onChoose={(side) => props.onSettle(clash, side)}
          />
        </Callout>
      ))}
    </>
  );
}
