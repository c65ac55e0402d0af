import { Callout } from "#app/_components/ui/callout.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Preview } from "#client/answers.ts";
import { classId } from "#domain/ids.ts";
import { changeLabel, changeSubject, lintSentence, type Naming } from "./change-words.ts";

/** What is allowed but worth a second thought. */
export function PreviewWarnings({ preview, name }: { readonly preview: Preview; readonly name: Naming }) {
  const reaching = new Set(
    preview.lint.flatMap(({ code, changes }) => (code === "blind-round-touched" ? changes : [])),
  );
  const touching = preview.changes
    .filter((_, index) => reaching.has(index))
    .map((change) => `${changeSubject(change, name)} (${changeLabel(change.kind)})`)
    .join(", ");
  return (
    <>
      {preview.lint
        .filter(({ code }) => code !== "blind-round-touched")
        .map((lint) => {
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
          {preview.openBlindRounds.map((round) => round.name).join(", ")}: their readers are in the middle of reading.{" "}
          {touching === "" ? "" : `They are reached by: ${touching}. `}
          What changes takes effect for each of these rounds when it closes, unless you decide otherwise when
          publishing.
        </Callout>
      )}
      {preview.openRounds.length === 0 || preview.changes.length === 0 ? null : (
        <Callout kind="info" title="Rounds that are being read">
          It takes effect there at once, in the middle of the reading:{" "}
          {preview.openRounds
            .map(
              ({ name: round, openReads, asked }) =>
                `${round} (${plural(openReads, "open read")}, ${plural(asked, "outline")} asked about)`,
            )
            .join("; ")}
          .
        </Callout>
      )}
    </>
  );
}
