import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import type { DraftSave } from "#client/draft-session.ts";
import type { DraftClash } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { clashPlace, clashWords } from "./clash-words.ts";

/** What the lead must know before writing on: a refused save, a draft that is gone, a field that two people wrote. */
export function DraftNotices(props: {
  readonly save: DraftSave;
  readonly clashes: readonly DraftClash[];
  readonly content: GuidelineContent;
  readonly onGoOn: () => void;
  readonly onSettle: (clash: DraftClash, choice: "mine" | "theirs") => void;
}) {
  const { save } = props;
  const goOn = (
    <Button size="sm" onClick={props.onGoOn}>
      Go on from the newest version
    </Button>
  );
  return (
    <>
      {save.state === "refused" ? (
        <Callout kind="bad" action={save.isGone ? goOn : undefined}>
          {save.sentence}
        </Callout>
      ) : null}
      {props.clashes.map((clash) => (
        <Clash key={clash.path} clash={clash} content={props.content} onSettle={props.onSettle} />
      ))}
    </>
  );
}

function Clash(props: {
  readonly clash: DraftClash;
  readonly content: GuidelineContent;
  readonly onSettle: (clash: DraftClash, choice: "mine" | "theirs") => void;
}) {
  const { clash } = props;
  return (
    <Callout kind="warn" title={`Another lead wrote on the ${clashPlace(clash, props.content)} as well`}>
      <div className="mt-2 grid grid-cols-2 gap-3 text-ink">
        {(["theirs", "mine"] as const).map((side) => (
          <div key={side} className="flex min-w-0 flex-col gap-2 rounded-md border bg-panel p-2.5">
            <p className="text-faint text-xs">{side === "theirs" ? "Theirs, which is stored" : "Yours"}</p>
            <p className="scroll-thin max-h-40 flex-1 overflow-y-auto whitespace-pre-wrap">{clashWords(clash[side])}</p>
            <Button size="sm" className="self-start" onClick={() => props.onSettle(clash, side)}>
              {side === "theirs" ? "Keep theirs" : "Take mine"}
            </Button>
          </div>
        ))}
      </div>
    </Callout>
  );
}
