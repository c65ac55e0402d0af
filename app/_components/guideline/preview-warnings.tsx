import { Callout } from "#app/_components/ui/callout.tsx";
import type { Preview } from "#client/answers.ts";
import { classId } from "#domain/ids.ts";
import { lintSentence, type Naming } from "./change-words.ts";

/** What is allowed but worth a second thought. */
export function PreviewWarnings({ preview, name }: { readonly preview: Preview; readonly name: Naming }) {
  return (
    <>
      {preview.lint.map((lint) => {
        const about = classId.safeParse(lint.classId);
        const sentence = lintSentence({ ...lint, classId: about.success ? about.data : null }, name);
        return (
          <Callout key={`${lint.code}-${lint.classId}-${lint.changes.join()}`} kind="warn">
            {sentence}
          </Callout>
        );
      })}
      {preview.openBlindRounds.length === 0 ? null : (
        <Callout kind="warn" title="Blind rounds are still open">
          {preview.openBlindRounds.map((round) => round.name).join(", ")}: their readers are in the middle of reading.
          The change takes effect for each of these rounds when it closes, unless you decide otherwise when publishing.
        </Callout>
      )}
    </>
  );
}
