import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import type { PublishedVersion } from "#client/answers.ts";
import type { DraftSave } from "#client/draft-session.ts";
import type { DraftClash } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { ClashChoice } from "./clash-choice.tsx";
import { clashPlace } from "./clash-words.ts";

/** What the lead must know before writing on: a refused save, a draft that is gone, a field that two people wrote. */
export function DraftNotices(props: {
  readonly projectId: string;
  /** The version that overtook the draft; null where none did. */
  readonly published: PublishedVersion | null;
  readonly save: DraftSave;
  readonly clashes: readonly DraftClash[];
  readonly content: GuidelineContent;
  readonly onGoOn: () => void;
  readonly onSettle: (clash: DraftClash, choice: "mine" | "theirs") => void;
}) {
  const { save, published } = props;
  const goOn = (
    <Button size="sm" onClick={props.onGoOn}>
      Put it on the newest version
    </Button>
  );
  return (
    <>
      {save.state === "refused" ? (
        <Callout kind="bad" action={save.isGone ? goOn : undefined}>
          {save.sentence}
          {published === null ? null : (
            <>
              {" "}
              <Link href={projectPath(props.projectId, "guideline")} className="underline">
                Version {published.number} by {published.publishedBy.name}
              </Link>
            </>
          )}
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
