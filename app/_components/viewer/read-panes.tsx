"use client";

import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { SaidNothing } from "#app/_components/consensus/said-class.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { ReadPane } from "#client/read-pane.ts";
import { type Bands, readColour, type Shown } from "./consensus-scene.ts";
import { useVisit } from "./session.tsx";

/** More panes than this are too small to read. */
const MOST_PANES = 4;
/** Columns and rows of one to four panes. */
const GRIDS = [
  "",
  "grid-rows-2 md:grid-cols-2 md:grid-rows-1",
  "grid-rows-3 lg:grid-cols-3 lg:grid-rows-1",
  "grid-cols-2 grid-rows-2",
] as const;

type Props = {
  readonly consensus: ConsensusView;
  readonly dispute: Dispute | null;
  readonly shown: Shown;
  readonly bands: Bands;
};

/** Two to four reads beside one another over the slide; what moves one moves all. */
export function ReadPanes({ consensus, dispute, shown, bands }: Props) {
  const { session } = useVisit();
  const over = session.workbench.view.container.parentElement;
  const wanted = consensus.reads
    .map((read, index) => ({ ...read, index }))
    .filter(({ index }) => !shown.hidden.has(index));
  const reads = wanted.slice(0, MOST_PANES);
  if (over === null) return null;
  return createPortal(
    <section
      aria-label="Reads side by side"
      data-testid="read-panes"
      className={`absolute inset-0 z-20 grid gap-px bg-line-strong ${GRIDS[reads.length - 1] ?? ""}`}
    >
      {reads.map(({ layerId, index, label, reader }) => (
        <Pane
          key={`${consensus.key}/${layerId}`}
          layerId={layerId}
          index={index}
          byReader={shown.byReader}
          name={reader?.name ?? `Read ${label}`}
          vote={dispute?.votes.find(({ read }) => read === index) ?? null}
          region={dispute?.geometry ?? null}
          bands={bands}
        />
      ))}
      {reads.length === 0 ? (
        <p className="grid place-items-center bg-sunken text-muted">
          Every read is hidden: show one in the list beside.
        </p>
      ) : null}
      {wanted.length > reads.length ? (
        <p className="absolute bottom-2 left-2 z-10 rounded-md border bg-panel/95 px-2 py-1 text-muted text-xs shadow-float">
          {reads.length} of {wanted.length} reads: hide one to see another
        </p>
      ) : null}
    </section>,
    over,
  );
}

function Pane(props: {
  readonly layerId: string;
  readonly index: number;
  readonly byReader: boolean;
  readonly name: string;
  readonly vote: Dispute["votes"][number] | null;
  /** What is being decided. */
  readonly region: Dispute["geometry"] | null;
  readonly bands: Bands;
}) {
  const { layerId, index, byReader, vote, region, bands } = props;
  const { session } = useVisit();
  const said = session.workbench.guideline.byId.get(vote?.classId ?? "");
  const container = useRef<HTMLDivElement>(null);
  const [pane, setPane] = useState<ReadPane | null>(null);
  useEffect(() => {
    let opened: ReadPane | null = null;
    let wanted = true;
    void session.synced(layerId).then(() => {
      if (!wanted || container.current === null) return;
      opened = new ReadPane(container.current, session.workbench, layerId, byReader ? readColour(index) : null);
      setPane(opened);
    });
    return () => {
      wanted = false;
      opened?.close();
    };
  }, [session, layerId, index, byReader]);
  useEffect(() => pane?.setRegion(region), [pane, region]);
  useEffect(() => pane?.setBands(bands.bands ?? [], bands.colour), [pane, bands]);
  return (
    <figure className="relative min-h-0 min-w-0 overflow-hidden bg-sunken">
      <div ref={container} className="absolute inset-0 cursor-grab active:cursor-grabbing" />
      <figcaption className="absolute top-2 left-2 z-10 flex items-center gap-2 rounded-md border bg-panel/95 px-2 py-1 text-xs shadow-float">
        <Swatch colour={readColour(index)} className="rounded-full" />
        <span className="font-medium">{props.name}</span>
        {said === undefined ? (
          <SaidNothing waits={vote?.waits ?? false} />
        ) : (
          <span className="text-muted">{said.name}</span>
        )}
      </figcaption>
    </figure>
  );
}
