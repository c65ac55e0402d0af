import type { ConsensusView, Measure } from "#client/answers.ts";
import { MeasureValue } from "./measure-value.tsx";
import { strengthOf } from "./measure-words.ts";

type Overall = ConsensusView["overall"];

const MEASURES = [
  { key: "percentAgreement", label: "Agreement", as: "percent" },
  { key: "fleiss", label: "Fleiss κ", as: "coefficient" },
  { key: "alpha", label: "Krippendorff α", as: "coefficient" },
  { key: "ac1", label: "Gwet AC1", as: "coefficient" },
] as const satisfies readonly { key: keyof Overall; label: string; as: "percent" | "coefficient" }[];

/** Four numbers that only together tell the truth: each has a case in which it misleads alone. */
export function OverallAgreement({ consensus }: { readonly consensus: ConsensusView }) {
  return (
    <section aria-label="Overall agreement" className="rounded-lg border bg-panel shadow-soft">
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-t-lg bg-line md:grid-cols-4">
        {MEASURES.map((each) => (
          <div key={each.key} className="bg-panel px-4 py-3">
            <dt className="text-faint text-xs">{each.label}</dt>
            <dd className="font-semibold text-xl tracking-tight">
              <MeasureValue measure={consensus.overall[each.key]} as={each.as} />
            </dd>
            <dd className="text-faint text-xs">
              <Below now={consensus.overall[each.key]} asRead={consensus.overallAsRead[each.key]} as={each.as} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="border-t px-4 py-2 text-faint text-xs">
        Over the area that at least one reader marked. Kappa and alpha sink where one class is everywhere although
        readers agree; AC1 does not. Read them beside the prevalence below.
      </p>
    </section>
  );
}

function Below(props: { readonly now: Measure; readonly asRead: Measure; readonly as: "percent" | "coefficient" }) {
  const { now, asRead } = props;
  if (now.defined && asRead.defined && Math.abs(now.value - asRead.value) >= 0.005) {
    return (
      <>
        <MeasureValue measure={asRead} as={props.as} /> as read, before decisions
      </>
    );
  }
  return <>{now.defined && props.as === "coefficient" ? strengthOf(now.value) : "as read"}</>;
}
