import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { plural } from "#app/_lib/format.ts";
import type { BoardView } from "#client/answers.ts";
import { EstimateValue } from "./estimate-value.tsx";

type Props = {
  readonly board: BoardView;
  readonly here: string;
  readonly round: string | undefined;
};

const OF = [
  { value: "decided", label: "With decisions" },
  { value: "read", label: "As read" },
] as const;

/** The study's numbers over all classes, and whether decisions count in them. */
export function BoardHead({ board, here, round }: Props) {
  const href = (of: string) => {
    const query = new URLSearchParams({ ...(round === undefined ? {} : { round }), ...(of === "read" ? { of } : {}) });
    return `${here}${query.size === 0 ? "" : `?${query}`}`;
  };
  return (
    <section aria-label="Overall agreement" className="rounded-lg border bg-panel shadow-soft">
      <header className="flex flex-wrap items-center justify-between gap-2 border-b px-4 py-2">
        <p className="text-muted text-xs">
          {plural(board.slides.length, "read slide")} of {plural(board.clusters, "case")},{" "}
          {plural(board.readers.length, "reader")}. Intervals are 95 %, drawn over cases
          {board.clusters < 6 ? "; below six cases there are none" : ""}.
        </p>
        <nav
          aria-label="What counts"
          className="inline-flex h-8 items-center gap-0.5 rounded-md border bg-sunken p-0.5"
        >
          {OF.map(({ value, label }) => (
            <Link
              key={value}
              href={href(value)}
              prefetch={false}
              aria-current={board.of === value ? "true" : undefined}
              className={cn(
                "flex h-full items-center rounded-[5px] border border-transparent px-2.5 font-medium text-xs",
                board.of === value ? "border-line bg-panel text-ink shadow-soft" : "text-muted hover:text-ink",
              )}
            >
              {label}
            </Link>
          ))}
        </nav>
      </header>
      {board.bases.map(({ basis, overall }) => (
        <dl
          key={basis}
          className="grid grid-cols-2 gap-y-3 border-b px-4 py-3 last:border-0 sm:grid-cols-3 lg:grid-cols-6"
        >
          <Figure label={basis === "regions" ? "Agreement, by area" : "Agreement, by object"}>
            <EstimateValue estimate={overall.percentAgreement} as="percent" bar className="items-start" />
          </Figure>
          <Figure label="Krippendorff α">
            <EstimateValue estimate={overall.alpha} bar className="items-start" />
          </Figure>
          <Figure label="Gwet AC1">
            <EstimateValue estimate={overall.ac1} bar className="items-start" />
          </Figure>
          <Figure label="Fleiss κ">
            <EstimateValue estimate={overall.fleiss} bar className="items-start" />
          </Figure>
          <Figure label="α, classes as a scale">
            <EstimateValue estimate={overall.alphaOrdinal} bar className="items-start" />
          </Figure>
          <Figure label="AC2, classes as a scale">
            <EstimateValue estimate={overall.ac2} bar className="items-start" />
          </Figure>
        </dl>
      ))}
    </section>
  );
}

function Figure({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-faint text-xs">{label}</dt>
      <dd className="mt-0.5 text-lg">{children}</dd>
    </div>
  );
}
