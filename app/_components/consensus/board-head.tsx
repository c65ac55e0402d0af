import type { ReactNode } from "react";
import { SegmentedLinks } from "#app/_components/ui/segmented-links.tsx";
import { plural } from "#app/_lib/format.ts";
import type { BoardView } from "#client/answers.ts";
import { EstimateValue } from "./estimate-value.tsx";
import { MeasureName } from "./measure-name.tsx";
import { type BoardScope, boardPath, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly scope: BoardScope;
};

const OF = [
  { value: "decided", label: "With decisions" },
  { value: "read", label: "As read" },
] as const;

/** The study's numbers over all classes, and whether decisions count in them. */
export function BoardHead({ projectId, board, scope }: Props) {
  const queue = queuePath(projectId, scope);
  return (
    <section aria-label="Overall agreement" className="rounded-lg border bg-panel shadow-soft">
      <header className="flex flex-wrap items-center justify-between gap-2 border-b px-4 py-2">
        <p className="text-muted text-xs">
          {plural(board.slides.length, "read slide")} of {plural(board.clusters, "case")},{" "}
          {plural(board.readers.length, "reader")}. Intervals are 95 %, drawn over cases
          {board.clusters < 6 ? ": with fewer than six there are none, and a dash stands in their place" : ""}.
        </p>
        <SegmentedLinks
          label="What counts"
          value={board.of}
          options={OF.map(({ value, label }) => ({ value, label, href: boardPath(projectId, scope, value) }))}
        />
      </header>
      {board.bases.map(({ basis, overall, designEffect }) => (
        <dl
          key={basis}
          className="grid grid-cols-2 gap-y-3 border-b px-4 py-3 last:border-0 sm:grid-cols-3 lg:grid-cols-6"
        >
          <Figure label={<MeasureName of="agreement" suffix={basis === "regions" ? ", by area" : ", by object"} />}>
            <EstimateValue estimate={overall.percentAgreement} as="percent" bar href={queue} className="items-start" />
            {designEffect?.defined === true ? (
              <span
                className="tabular block text-2xs text-faint"
                title="So many times more objects are needed than if those of one case did not resemble each other"
              >
                design effect {designEffect.value.toFixed(1)}
              </span>
            ) : null}
          </Figure>
          <Figure label={<MeasureName of="alpha" />}>
            <EstimateValue estimate={overall.alpha} bar href={queue} className="items-start" />
          </Figure>
          <Figure label={<MeasureName of="ac1" />}>
            <EstimateValue estimate={overall.ac1} bar href={queue} className="items-start" />
          </Figure>
          <Figure label={<MeasureName of="fleiss" />}>
            <EstimateValue estimate={overall.fleiss} bar href={queue} className="items-start" />
          </Figure>
          <Figure label={<MeasureName of="ordinal" />}>
            <EstimateValue estimate={overall.alphaOrdinal} bar href={queue} className="items-start" />
          </Figure>
          <Figure label={<MeasureName of="ac2" />}>
            <EstimateValue estimate={overall.ac2} bar href={queue} className="items-start" />
          </Figure>
        </dl>
      ))}
    </section>
  );
}

function Figure({ label, children }: { readonly label: ReactNode; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-faint text-xs">{label}</dt>
      <dd className="mt-0.5 text-lg">{children}</dd>
    </div>
  );
}
