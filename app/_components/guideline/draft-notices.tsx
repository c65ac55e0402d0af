import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import type { Draft } from "#client/answers.ts";
import type { DraftSave } from "#client/draft-session.ts";

/** What the lead must know before writing on: a refused save, somebody else's save, a version published meanwhile. */
export function DraftNotices(props: {
  readonly save: DraftSave;
  readonly isBehind: boolean;
  readonly newestNumber: number;
  readonly otherSave: Draft | null;
  readonly onReload: () => void;
}) {
  const reload = (
    <Button size="sm" onClick={props.onReload}>
      Load it
    </Button>
  );
  return (
    <>
      {props.save.state === "refused" ? (
        <Callout kind="bad" action={props.save.isStale ? reload : undefined}>
          {props.save.sentence}
        </Callout>
      ) : null}
      {props.otherSave !== null && props.save.state !== "refused" ? (
        <Callout kind="warn" title={`${props.otherSave.updatedBy.name} saved this draft meanwhile`} action={reload}>
          Loading their version replaces what you see here. Copy what you want to keep first.
        </Callout>
      ) : null}
      {props.isBehind ? (
        <Callout
          kind="warn"
          title={`Version ${props.newestNumber} was published after you opened this draft`}
          action={reload}
        >
          Load it again: the draft is then compared with version {props.newestNumber}, and saving bases it on that.
        </Callout>
      ) : null}
    </>
  );
}
