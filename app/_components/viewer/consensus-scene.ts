import { useEffect, useRef } from "react";
import { AgreementPainter } from "#client/agreement-painter.ts";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import type { LayerLook } from "#client/scene.ts";
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
};

/** Shows the reads of a round and nothing else, where they differ, and the region that is being decided. */
export function useConsensusScene(consensus: ConsensusView | null, dispute: Dispute | null, shown: Shown): void {
  const { session } = useVisit();
  const { workbench } = session;
  useEffect(() => {
    if (consensus === null) return;
    const reads = new Map(consensus.reads.map(({ layerId }, index) => [layerId, readColour(index)]));
    const before = new Map(workbench.scene.layers.map((layer) => [layer.id, layer.look]));
    for (const layer of workbench.scene.layers) {
      const colour = reads.get(layer.id);
      layer.visible = colour !== undefined || layer.id === consensus.groundTruthLayerId;
      layer.colour = shown.byReader ? (colour ?? null) : null;
      if (colour !== undefined) layer.look = "read";
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
  }, [workbench, consensus, shown.byReader]);
  useRaster(consensus, dispute, shown.heat);
  const flownTo = useRef<string | null>(null);
  useEffect(() => {
    if (dispute === null || dispute.key === flownTo.current) return;
    flownTo.current = dispute.key;
    const [minX, minY, maxX, maxY] = dispute.bbox;
    workbench.view.flyToBox({ minX, minY, maxX, maxY }, 0.5);
  }, [workbench, dispute]);
}

function useRaster(consensus: ConsensusView | null, dispute: Dispute | null, heat: number): void {
  const { view } = useVisit().session.workbench;
  useEffect(() => {
    const painter = new AgreementPainter(view);
    if (consensus !== null) painter.setRaster({ ...consensus.overlay, entropy: bytesOf(consensus.overlay.entropy) });
    painter.setOpacity(heat);
    painter.setRegion(dispute?.geometry ?? null);
    return () => painter.close();
  }, [view, consensus, dispute, heat]);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
