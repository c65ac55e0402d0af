import { useEffect, useMemo, useRef, useState } from "react";
import { AgreementPainter } from "#client/agreement-painter.ts";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import type { LayerLook } from "#client/scene.ts";
import { type VoteBand, voteBands } from "#client/vote-bands.ts";
import { useVisit } from "./session.tsx";

/** One colour for each read, told apart with any colour vision. Source: Okabe and Ito 2008, Color Universal Design. */
export const READ_COLOURS = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#0072b2"] as const;

export function readColour(index: number): string {
  return READ_COLOURS[index % READ_COLOURS.length] ?? READ_COLOURS[0];
}

export type Shown = {
  readonly byReader: boolean;
  /** 0 to 1. */
  readonly heat: number;
  /** Nested outlines of what so many reads give to the class at hand. */
  readonly bands: boolean;
  /** Each read in a pane of its own. */
  readonly split: boolean;
  /** Reads that are not shown, by their place. */
  readonly hidden: ReadonlySet<number>;
};

export const FIRST_SHOWN: Shown = { byReader: true, heat: 0.35, bands: false, split: false, hidden: new Set() };

/** Shows the reads of a round and nothing else, where they differ, and the region that is being decided. */
export function useConsensusScene(consensus: ConsensusView | null, dispute: Dispute | null, shown: Shown): void {
  const { session } = useVisit();
  const { workbench } = session;
  useEffect(() => {
    if (consensus === null) return;
    const place = new Map(consensus.reads.map(({ layerId }, index) => [layerId, index]));
    const before = new Map(workbench.scene.layers.map((layer) => [layer.id, layer.look]));
    for (const layer of workbench.scene.layers) {
      const read = place.get(layer.id);
      layer.visible = read === undefined ? layer.id === consensus.groundTruthLayerId : !shown.hidden.has(read);
      layer.colour = shown.byReader && read !== undefined ? readColour(read) : null;
      if (read !== undefined) layer.look = "read";
    }
    workbench.sceneChanged();
    return () => {
      for (const layer of workbench.scene.layers) {
        layer.visible = !workbench.store.getState().hiddenLayerIds.has(layer.id);
        layer.colour = null;
        layer.look = before.get(layer.id) ?? ("other" satisfies LayerLook);
      }
      workbench.sceneChanged();
    };
  }, [workbench, consensus, shown.byReader, shown.hidden]);
  usePainted(consensus, dispute, shown);
  const flownTo = useRef<string | null>(null);
  useEffect(() => {
    if (dispute === null || dispute.key === flownTo.current) return;
    flownTo.current = dispute.key;
    const [minX, minY, maxX, maxY] = dispute.bbox;
    workbench.view.flyToBox({ minX, minY, maxX, maxY }, 0.5);
  }, [workbench, dispute]);
}

function usePainted(consensus: ConsensusView | null, dispute: Dispute | null, shown: Shown): void {
  const { workbench } = useVisit().session;
  const { view } = workbench;
  const bands = useBands(consensus, shown.bands ? dispute : null);
  const [painter, setPainter] = useState<AgreementPainter | null>(null);
  useEffect(() => {
    const made = new AgreementPainter(view);
    setPainter(made);
    return () => made.close();
  }, [view]);
  useEffect(() => {
    if (painter === null || consensus === null) return;
    painter.setRaster({ ...consensus.overlay, entropy: bytesOf(consensus.overlay.entropy) });
    painter.setDisputed(consensus.disputes.filter(({ decision }) => decision === null || decision.outOfDate));
  }, [painter, consensus]);
  useEffect(() => painter?.setOpacity(shown.heat), [painter, shown.heat]);
  useEffect(() => painter?.setRegion(dispute?.geometry ?? null), [painter, dispute]);
  useEffect(() => painter?.setBands(bands.bands, bands.colour), [painter, bands]);
}

type Bands = { readonly bands: readonly VoteBand[]; readonly colour: string };
const NO_BANDS: Bands = { bands: [], colour: "#ffffff" };

/** Of the class that the majority gives the dispute, or of the first one that is named. */
function useBands(consensus: ConsensusView | null, dispute: Dispute | null): Bands {
  const { workbench } = useVisit().session;
  return useMemo(() => {
    const classId = dispute?.majority ?? dispute?.votes.find((vote) => vote.classId !== null)?.classId ?? null;
    if (consensus === null || dispute === null || classId === null) return NO_BANDS;
    const [minX, minY, maxX, maxY] = dispute.bbox;
    const layers = consensus.reads.map(({ layerId }) => layerId);
    const standingOf = workbench.guideline.standingOf;
    const bands = voteBands(workbench.scene, layers, classId, { minX, minY, maxX, maxY }, standingOf);
    return { bands, colour: workbench.guideline.byId.get(classId)?.colour ?? NO_BANDS.colour };
  }, [workbench, consensus, dispute]);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
