import { useEffect, useMemo, useRef, useState } from "react";
import { AgreementPainter } from "#client/agreement-painter.ts";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import type { LayerLook } from "#client/scene.ts";
import { type Band, type ObjectRules, objectBands, probabilityBands, voteBands } from "#client/vote-bands.ts";
import { type ProbabilityOf, stapleProbabilities } from "#domain/consensus.ts";
import { classRulesOf } from "#domain/consensus-rules.ts";
import { type ClassId, classId as classIdSchema } from "#domain/ids.ts";
import { micronPerPx } from "#domain/units.ts";
import { useLive, useVisit } from "./session.tsx";

/** One colour for each read, told apart with any colour vision. Source: Okabe and Ito 2008, Color Universal Design. */
export const READ_COLOURS = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#0072b2"] as const;

export function readColour(index: number): string {
  return READ_COLOURS[index % READ_COLOURS.length] ?? READ_COLOURS[0];
}

export type Shown = {
  readonly byReader: boolean;
  /** 0 to 1. */
  readonly heat: number;
  /** Nested outlines of the class at hand: by votes, or by how probable readers make it. */
  readonly bands: "off" | "votes" | "staple";
  /** Each read in a pane of its own. */
  readonly split: boolean;
  /** Reads that are not shown, by their place. */
  readonly hidden: ReadonlySet<number>;
};

export const FIRST_SHOWN: Shown = { byReader: true, heat: 0.35, bands: "off", split: false, hidden: new Set() };

/**
 * Shows the reads of a round and nothing else, where they differ, and the region that is being decided.
 * @returns the bands that are shown
 */
export function useConsensusScene(consensus: ConsensusView | null, dispute: Dispute | null, shown: Shown): Bands {
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
  const bands = useBands(consensus, dispute, shown.bands);
  usePainted(consensus, dispute, shown, bands);
  const flownTo = useRef<string | null>(null);
  useEffect(() => {
    if (dispute === null || dispute.key === flownTo.current) return;
    flownTo.current = dispute.key;
    const [minX, minY, maxX, maxY] = dispute.bbox;
    workbench.view.flyToBox({ minX, minY, maxX, maxY }, 0.5);
  }, [workbench, dispute]);
  return bands;
}

function usePainted(consensus: ConsensusView | null, dispute: Dispute | null, shown: Shown, bands: Bands): void {
  const { workbench } = useVisit().session;
  const { view } = workbench;
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
  useEffect(() => painter?.setBands(bands.bands ?? [], bands.colour), [painter, bands]);
}

/** What is shown of a class around a dispute. */
export type Bands = {
  readonly classId: string | null;
  readonly colour: string;
  /** Null: too many outlines to be told apart. */
  readonly bands: readonly Band[] | null;
  /** How probable the class is at the dispute itself, where that was asked for. */
  readonly probability: number | null;
};
const NO_BANDS: Bands = { classId: null, colour: "#ffffff", bands: [], probability: null };

/** Of the class that the majority gives the dispute, or of the first one that is named. */
function useBands(consensus: ConsensusView | null, dispute: Dispute | null, kind: Shown["bands"]): Bands {
  const { workbench, versions, slide } = useVisit().session;
  const probabilities = useProbabilities(kind === "staple" ? consensus : null);
  const revision = useLive((state) => state.revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: the revision stands for the outlines, which may come after the consensus and are no React state.
  return useMemo(() => {
    const named = dispute?.majority ?? dispute?.votes.find((vote) => vote.classId !== null)?.classId ?? null;
    const { data: classId } = classIdSchema.safeParse(named);
    if (consensus === null || dispute === null || classId === undefined || kind === "off") return NO_BANDS;
    const [minX, minY, maxX, maxY] = dispute.bbox;
    const asked = {
      scene: workbench.scene,
      layerIds: consensus.reads.map(({ layerId }) => layerId),
      classId,
      box: { minX, minY, maxX, maxY },
      standingOf: workbench.guideline.standingOf,
    };
    const of = { classId, colour: workbench.guideline.byId.get(classId)?.colour ?? NO_BANDS.colour };
    if (probabilities === null) return { ...of, bands: voteBands(asked), probability: null };
    const { regionIds, regions, objectIds, objects } = probabilities;
    const content = versions.at(-1)?.content;
    const matching = new Map(
      (content === undefined ? [] : classRulesOf(content, [])).map((rule) => [rule.classId, rule.objects]),
    );
    const rules: ObjectRules = {
      classIds: objectIds,
      matchingOf: (id) => matching.get(id) ?? {},
      mpp: slide.mpp === null ? null : micronPerPx(slide.mpp),
    };
    return {
      ...of,
      bands: regionIds.includes(classId)
        ? probabilityBands(asked, regionIds, regions)
        : objectBands(asked, rules, objects),
      probability: probabilityAt(consensus, dispute, classId, probabilities),
    };
  }, [workbench, versions, slide, consensus, dispute, kind, probabilities, revision]);
}

type Probabilities = {
  readonly regionIds: readonly ClassId[];
  readonly regions: ProbabilityOf;
  readonly objectIds: readonly ClassId[];
  readonly objects: ProbabilityOf;
};

/** Fitted once for a consensus, when they are first asked for. */
function useProbabilities(consensus: ConsensusView | null): Probabilities | null {
  return useMemo(() => {
    if (consensus === null) return null;
    const { votes, regionIds, objectIds } = consensus;
    const fitted = (rows: (typeof votes)["regions"], classes: readonly string[]) =>
      stapleProbabilities({
        categories: classes.length + 1,
        rows: rows.map(({ votes: labels, weight }) => ({ labels, weight })),
      });
    return {
      regionIds: regionIds.map((id) => classIdSchema.parse(id)),
      regions: fitted(votes.regions, regionIds),
      objectIds: objectIds.map((id) => classIdSchema.parse(id)),
      objects: fitted(votes.objects, objectIds),
    };
  }, [consensus]);
}

function probabilityAt(
  { reads, regionIds, objectIds }: ConsensusView,
  { basis, votes }: Dispute,
  classId: string,
  { regions, objects }: Probabilities,
): number | null {
  const [classIds, probabilityOf] = basis === "region" ? [regionIds, regions] : [objectIds, objects];
  const labels = reads.map((_, read) => {
    const said = votes.find((vote) => vote.read === read)?.classId;
    return said === undefined || said === null ? 0 : classIds.indexOf(said) + 1;
  });
  return probabilityOf(labels, classIds.indexOf(classId) + 1);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
