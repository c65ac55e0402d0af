import { Callout } from "#app/_components/ui/callout.tsx";
import type { Preview } from "#client/answers.ts";
import { lintChanges } from "#domain/guideline/lint.ts";
import { lintSentence, type Naming } from "./change-words.ts";

/** What is allowed but worth a second thought. */
export function PreviewWarnings({ preview, name }: { readonly preview: Preview; readonly name: Naming }) {
  return (
    <>
      {lintChanges(preview.changes).map((lint) => (
        <Callout key={`${lint.code}-${lint.classId}`} kind="warn">
          {lintSentence(lint, name)}
        </Callout>
      ))}
      {preview.openBlindRounds.length === 0 ? null : (
        <Callout kind="warn" title="Blind rounds are still open">
          {preview.openBlindRounds.map((round) => round.name).join(", ")}: their readers are in the middle of reading.
          The change reaches each of them for their own annotations only.
        </Callout>
      )}
    </>
  );
}
