import { cn } from "#app/_components/ui/class-names.ts";
import { count, hours, plural } from "#app/_lib/format.ts";
import type { Preview } from "#client/answers.ts";

const TILES = [
  { key: "untouched", label: "Untouched", text: "no change reaches them" },
  { key: "automatic", label: "By themselves", text: "carried over when read" },
  { key: "review", label: "To review", text: "keep, redraw or delete" },
  { key: "choose", label: "To choose", text: "one of several classes" },
  { key: "archive", label: "Set aside", text: "no successor" },
] as const satisfies readonly { key: keyof Preview["totals"]; label: string; text: string }[];

/** Each annotation once, under the heaviest thing that the draft does to it. */
export function PreviewTotals({ preview }: { readonly preview: Preview }) {
  const asks = preview.totals.review + preview.totals.choose;
  return (
    <section aria-label="Totals" className="rounded-lg border bg-panel shadow-soft">
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-t-lg bg-line md:grid-cols-5">
        {TILES.map((tile) => (
          <div key={tile.key} className="bg-panel px-4 py-3 max-md:last:col-span-2">
            <dt className="text-faint text-xs">{tile.label}</dt>
            <dd
              className={cn(
                "tabular font-semibold text-xl tracking-tight",
                preview.totals[tile.key] > 0 && (tile.key === "review" || tile.key === "choose") && "text-warn-ink",
                preview.totals[tile.key] > 0 && tile.key === "archive" && "text-bad-ink",
              )}
            >
              {count(preview.totals[tile.key])}
            </dd>
            <dd className="text-faint text-xs">{tile.text}</dd>
          </div>
        ))}
      </dl>
      <p className="border-t px-4 py-2 text-muted">{workSentence(preview, asks)}</p>
    </section>
  );
}

function workSentence(preview: Preview, asks: number): string {
  const screens = preview.rescreens.length;
  const tests = preview.requalify.filter(({ ready }) => ready).length;
  const parts = [
    ...(asks === 0 ? [] : [`${plural(asks, "answer")} (${paceWords(preview.pace)} each)`]),
    ...(screens === 0
      ? []
      : [`${plural(screens, "finished slide")} to screen again (${paceWords(preview.screenPace)} a class)`]),
    ...(tests === 0 ? [] : [`${plural(tests, "reader")} to be tested (${paceWords(preview.testPace)} each)`]),
  ];
  if (parts.length === 0) return "No annotation waits for an answer.";
  return `It asks for ${hours(preview.estimatedHours)} of work: ${parts.join(", ")}.`;
}

/** A pace with where it is from: this project's own median, or an assumption until there is one. */
function paceWords({ seconds, isAssumed }: Preview["pace"]): string {
  const said = `${Math.round(seconds)} s`;
  return isAssumed ? `${said} assumed` : `own median ${said}`;
}
