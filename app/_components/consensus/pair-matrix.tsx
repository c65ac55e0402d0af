"use client";

import Link from "next/link";
import { useState } from "react";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ClassAgreement, ConsensusView, Measure, QueueView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { heat } from "./heat.ts";
import { measureText } from "./measure-words.ts";
import { type QueueAsk, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly consensus: ConsensusView;
  readonly classes: readonly ClassDefinition[];
  /** In the order in which queues count them. */
  readonly readers: QueueView["readers"];
};
type Which = "dice" | "iou" | "cohen";

const WHICH = [
  { value: "dice", label: "Dice" },
  { value: "iou", label: "IoU" },
  { value: "cohen", label: "Cohen κ" },
] as const;

function pairOf(agreement: ClassAgreement | undefined, a: number, b: number, which: Which): Measure | null {
  const pair = agreement?.pairs.find((each) => (each.a === a && each.b === b) || (each.a === b && each.b === a));
  return pair?.[which] ?? null;
}

/** The first class for which some pair of reads has a number. */
function firstDefined(classes: readonly ClassAgreement[]): string {
  const found = classes.find((each) => each.pairs.some((pair) => pair.dice.defined)) ?? classes[0];
  return found?.classId ?? "";
}

/** Reader against reader for one class. */
export function PairMatrix({ projectId, consensus, classes, readers }: Props) {
  const [which, setWhich] = useState<Which>("dice");
  const [classId, setClassId] = useState(firstDefined(consensus.classes));
  const agreement = consensus.classes.find((each) => each.classId === classId);
  const options = consensus.classes.map((each) => {
    const definition = classes.find((other) => other.id === each.classId);
    return {
      value: each.classId,
      label: definition?.name ?? each.classId,
      icon: <Swatch colour={definition?.colour ?? "#888888"} />,
    };
  });
  return (
    <Card
      title="Reader against reader"
      actions={<Segmented label="Measure" value={which} onValueChange={setWhich} options={WHICH} />}
    >
      <Select aria-label="Class" value={classId} onValueChange={setClassId} options={options} />
      <table className="mt-4 w-full border-separate border-spacing-1 text-center">
        <thead>
          <tr>
            <th>
              <span className="sr-only">Reader</span>
            </th>
            {consensus.reads.map((read) => (
              <th key={read.layerId} scope="col" className="pb-1 font-medium text-xs">
                <ReadName read={read} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {consensus.reads.map((row, a) => (
            <tr key={row.layerId}>
              <th scope="row" className="w-24 max-w-32 pr-2 text-right font-medium text-xs">
                <ReadName read={row} withName />
              </th>
              {consensus.reads.map((column, b) => (
                <PairCell
                  key={column.layerId}
                  measure={a === b ? null : pairOf(agreement, a, b, which)}
                  isSelf={a === b}
                  href={queuePath(projectId, {
                    ...{ round: consensus.roundId, slide: consensus.slide.id, class: classId, state: "all" },
                    ...pairIn(readers, row, column),
                  })}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <HeatLegend />
    </Card>
  );
}

/** Two reads as a queue counts their readers; of anonymous reads nothing links them to it. */
function pairIn(readers: Props["readers"], first: Read, second: Read): Pick<QueueAsk, "a" | "b"> {
  const [a, b] = [first, second].map(({ reader }) =>
    readers.findIndex((each) => each.reader !== null && each.reader.id === reader?.id),
  );
  if (a === undefined || b === undefined || a < 0 || b < 0) return {};
  return { a: Math.min(a, b), b: Math.max(a, b) };
}

type Read = ConsensusView["reads"][number];

function PairCell(props: { readonly measure: Measure | null; readonly isSelf: boolean; readonly href: string }) {
  const { measure, isSelf } = props;
  if (isSelf || measure === null) {
    return <td className="h-14 rounded-md bg-sunken text-faint text-xs">{isSelf ? "" : "–"}</td>;
  }
  if (!measure.defined) {
    return (
      <td className="h-14 rounded-md border border-dashed px-1 text-2xs text-faint" title={measure.reason}>
        not defined
      </td>
    );
  }
  return (
    <td className="h-14 rounded-md font-semibold text-sm" style={heat(measure.value)}>
      <Link
        prefetch={false}
        href={props.href}
        className="flex size-full items-center justify-center rounded-md hover:outline hover:outline-2 hover:outline-accent"
      >
        {measureText(measure)}
      </Link>
    </td>
  );
}

function ReadName({ read, withName }: { readonly read: Read; readonly withName?: boolean }) {
  if (read.reader === null) return <span>Read {read.label}</span>;
  return (
    <span className="inline-flex max-w-full items-center gap-1.5">
      <Avatar name={read.reader.name} colour={read.reader.colour} size="sm" />
      {withName ? <span className="truncate">{read.reader.name}</span> : null}
    </span>
  );
}

function HeatLegend() {
  return (
    <div className="mt-3 flex items-center gap-2 text-2xs text-faint">
      <span>0</span>
      <span
        aria-hidden
        className="h-2 flex-1 rounded-full"
        style={{
          background: "linear-gradient(to right in oklab, var(--panel), var(--heat))",
          border: "1px solid var(--line)",
        }}
      />
      <span>1 is perfect</span>
    </div>
  );
}
