import type { ConsensusView, Measure } from "#client/answers.ts";
import { MeasureName } from "./measure-name.tsx";
import { MeasureValue } from "./measure-value.tsx";
import { strengthOf } from "./measure-words.ts";
import { queuePath } from "./queue-link.ts";

type Overall = ConsensusView["overall"];

const MEASURES = [
  { key: "percentAgreement", of: "agreement", as: "percent" },
  { key: "fleiss", of: "fleiss", as: "coefficient" },
  { key: "alpha", of: "alpha", as: "coefficient" },
  { key: "ac1", of: "ac1", as: "coefficient" },
] as const satisfies readonly { key: keyof Overall; of: string; as: "percent" | "coefficient" }[];

/** Four numbers that only together tell the truth: each has a case in which it misleads alone. Each leads to its queue. */
export function OverallAgreement(props: { readonly projectId: string; readonly consensus: ConsensusView }) {
  const { projectId, consensus } = props;
  const { roundId, slide, regionIds, objects } = consensus;
  const href = queuePath(projectId, { round: roundId, slide: slide.id, state: "all" });
  // Where no class is compared place by place the first line would be that of the objects too.
  const places = regionIds.length > 0 || objects === null ? consensus : null;
  return (
    <section aria-label="Overall agreement" className="rounded-lg border bg-panel shadow-soft">
      {places === null ? null : <Line of={places} href={href} what={objects === null ? "" : ", by area"} />}
      {objects === null ? null : <Line of={objects} href={href} what={places === null ? "" : ", by object"} />}
      <p className="px-4 py-2 text-faint text-xs">
        {places === null ? "" : "Areas count within 100 µm of what somebody marked. "}
        {objects === null ? "" : "Of objects, who did not mark one says so with a vote. "}
        Kappa and alpha sink where one class is everywhere although readers agree; AC1 does not. Read them beside the
        prevalence below.
      </p>
    </section>
  );
}

function Line(props: {
  readonly of: Pick<ConsensusView, "overall" | "overallAsRead">;
  /** What is counted, where that is not clear. */
  readonly what: string;
  readonly href: string;
}) {
  const { overall, overallAsRead } = props.of;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden border-b bg-line first:rounded-t-lg md:grid-cols-4">
      {MEASURES.map(({ key, of, as }, place) => (
        <div key={key} className="bg-panel px-4 py-3">
          <dt className="text-faint text-xs">
            <MeasureName of={of} suffix={place === 0 ? props.what : ""} />
          </dt>
          <dd className="font-semibold text-xl tracking-tight">
            <MeasureValue measure={overall[key]} as={as} href={props.href} />
          </dd>
          <dd className="text-faint text-xs">
            <Below now={overall[key]} asRead={overallAsRead[key]} as={as} />
          </dd>
        </div>
      ))}
    </dl>
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
