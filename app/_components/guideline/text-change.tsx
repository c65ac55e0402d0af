import { diffWords } from "#client/word-diff.ts";

/** Old words struck out, new words marked, in one text. */
export function TextChange({ before, after }: { readonly before: string; readonly after: string }) {
  let position = 0;
  return (
    <span className="whitespace-pre-wrap">
      {diffWords(before, after).map((run) => {
        position += run.text.length;
        const key = `${position}-${run.kind}`;
        if (run.kind === "removed") {
          return (
            <del key={key} className="mr-0.5 rounded-sm bg-bad-soft px-0.5 text-bad-ink decoration-1">
              {run.text}
            </del>
          );
        }
        if (run.kind === "added") {
          return (
            <ins key={key} className="rounded-sm bg-good-soft px-0.5 text-good-ink no-underline">
              {run.text}
            </ins>
          );
        }
        return <span key={key}>{run.text}</span>;
      })}
    </span>
  );
}
