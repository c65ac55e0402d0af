"use client";

import { DISPUTE_WORDS } from "#app/_components/consensus/measure-words.ts";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ConsensusView } from "#client/answers.ts";
import { useVisit } from "./session.tsx";
import type { DisputeFilter } from "./use-consensus.ts";

const ANY = "any";

/** What of the disputes of this slide is walked through. */
export function DisputeFilters(props: {
  readonly consensus: ConsensusView;
  readonly filter: DisputeFilter;
  readonly onChange: (filter: DisputeFilter) => void;
}) {
  const { consensus, filter, onChange } = props;
  const { guideline } = useVisit().session.workbench;
  const named = new Set(consensus.disputes.flatMap(({ votes }) => votes.flatMap(({ classId }) => classId ?? [])));
  const kinds = new Set(consensus.disputes.map(({ kind }) => kind));
  const isReader = consensus.reads.some((read) => read.mine);
  return (
    <fieldset aria-label="Filters" className="grid shrink-0 grid-cols-3 gap-1.5 border-b px-3 py-2">
      <Select
        aria-label="Class"
        value={filter.classId === "" ? ANY : filter.classId}
        onValueChange={(value) => onChange({ ...filter, classId: value === ANY ? "" : value })}
        options={[
          { value: ANY, label: "Any class" },
          ...[...named].map((id) => {
            const definition = guideline.byId.get(id);
            return {
              value: id,
              label: definition?.name ?? id,
              icon: <Swatch colour={definition?.colour ?? "#888888"} />,
            };
          }),
        ]}
      />
      <Select
        aria-label="Kind"
        value={filter.kind === "" ? ANY : filter.kind}
        onValueChange={(value) => onChange({ ...filter, kind: value === ANY ? "" : value })}
        options={[
          { value: ANY, label: "Any kind" },
          ...[...kinds].map((value) => ({ value, label: DISPUTE_WORDS[value] })),
        ]}
      />
      <Select
        aria-label="State"
        value={filter.state}
        onValueChange={(value) => onChange({ ...filter, state: stateOf(value) })}
        options={[
          { value: "all", label: "All" },
          { value: "open", label: "To settle" },
          ...(isReader ? [{ value: "mine", label: "Record differs from mine" }] : []),
        ]}
      />
    </fieldset>
  );
}

function stateOf(value: string): DisputeFilter["state"] {
  return value === "open" || value === "mine" ? value : "all";
}
