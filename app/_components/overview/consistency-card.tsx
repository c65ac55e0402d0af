import { Card } from "#app/_components/ui/card.tsx";
import { count, percent } from "#app/_lib/format.ts";
import type { Overview } from "#client/answers.ts";

type Progress = NonNullable<Overview["progress"]>;

const PARTS = [
  { key: "current", label: "Current", text: "drawn or judged under the guideline in force", colour: "var(--good)" },
  { key: "carriedOver", label: "Carried over", text: "follow the change by themselves", colour: "var(--accent)" },
  { key: "stale", label: "Stale", text: "need somebody's answer", colour: "var(--warn)" },
  { key: "undecided", label: "Undecided", text: "answered with “cannot tell”", colour: "var(--bad)" },
  { key: "waived", label: "Waived", text: "excused for a time, with a written reason", colour: "var(--faint)" },
] as const satisfies readonly { key: keyof Progress; label: string; text: string; colour: string }[];

/** How much of what was drawn obeys the guideline in force. */
export function ConsistencyCard({ progress }: { readonly progress: Progress }) {
  const total = progress.annotations;
  // A project without waivers does not have to know of them.
  const parts = PARTS.filter(({ key }) => key !== "waived" || progress.waived > 0);
  return (
    <Card title="Consistency with the guideline" description={`${count(total)} annotations`}>
      <div className="flex h-2.5 gap-px overflow-hidden rounded-full bg-pressed" aria-hidden>
        {parts.map((part) => (
          <span
            key={part.key}
            style={{ backgroundColor: part.colour, width: `${total === 0 ? 0 : (progress[part.key] / total) * 100}%` }}
          />
        ))}
      </div>
      <dl className="mt-3 flex flex-col gap-2">
        {parts.map((part) => (
          <div key={part.key} className="grid grid-cols-[auto_minmax(0,1fr)_auto_2.75rem] items-baseline gap-x-2">
            <span aria-hidden className="size-2 rounded-full" style={{ backgroundColor: part.colour }} />
            <dt>{part.label}</dt>
            <dd className="tabular font-medium">{count(progress[part.key])}</dd>
            <dd className="tabular w-11 text-right text-faint text-xs">
              {total === 0 ? "–" : percent(progress[part.key] / total)}
            </dd>
            <dd className="col-start-2 col-span-3 text-faint text-xs">{part.text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
