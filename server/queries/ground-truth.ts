import { createHash } from "node:crypto";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { type RoundRead, readsOf, roundSlidesOf } from "#db/consensus.ts";
import { layersOnSlide } from "#db/layer-rows.ts";
import type { SlideRow } from "#db/slides.ts";
import { type Annotation, canonicalContent, type Geometry, geometryOf } from "#domain/annotation.ts";
import { annotationId, idFromBytes, type LayerId, type RoundId } from "#domain/ids.ts";
import { isIgnored } from "#domain/migration/ignored.ts";
import type { History } from "#domain/migration.ts";
import type { World } from "#server/api/world.ts";
import { type ConsensusSummary, unpackShapes } from "#server/jobs/consensus-parts.ts";
import { consensusAfter, consensusWithDecisions } from "./consensus.ts";
import { type Decision, type DisputeStanding, isDecided, isSettled } from "./decisions.ts";
import { withEffectiveClass } from "./layers.ts";

type Work = Pick<World, "db" | "computation">;

/** What is true on a slide as far as it has come, and what it was made from. */
export type SlideTruth = {
  readonly slide: SlideRow;
  /** With effective classes, ready to be frozen; ids follow from the content where nobody drew the outline. */
  readonly annotations: readonly Annotation[];
  /**
   * To be ignored in training, level-0 px: what an adjudicator excluded or left unresolved, and what was outlined of a class
   * that was retired that way.
   */
  readonly ignored: readonly Geometry[];
  /** The round whose reads were merged; null where a team layer is the source. */
  readonly roundId: RoundId | null;
  readonly reads: readonly RoundRead[];
  readonly consensus: ConsensusSummary | null;
  readonly decisions: readonly Decision[];
  readonly unsettled: readonly DisputeStanding[];
};

/**
 * The truth of a slide: where a round has two or more submitted reads, what their quorum says with every decision in
 * place of the votes; a single submitted read as it is; else the team layers. What an adjudicator drew by hand in the
 * ground-truth layer comes on top.
 */
export async function slideTruth(
  work: Work,
  slide: SlideRow,
  history: History,
  guidelineNumber: number,
): Promise<SlideTruth> {
  const rounds = await readRounds(work, slide);
  const merged = rounds.find(({ reads }) => reads.length >= 2);
  const base =
    merged === undefined
      ? await drawnTruth(work, slide, history, rounds[0])
      : await mergedTruth(work, slide, merged, guidelineNumber);
  const byHand = (await layerOutlines(work, slide, "ground-truth", history)).filter(
    (each) => each.attributes["adjudication"] === undefined,
  );
  const ignored = [...base.ignored, ...(await retiredRegions(work, slide, base, history))];
  return { ...base, ignored, annotations: [...base.annotations, ...byHand] };
}

/** What was outlined, in what the truth is made from, of classes that were retired as regions to ignore. */
async function retiredRegions(
  { db }: Pick<World, "db">,
  slide: SlideRow,
  { roundId, reads }: Pick<SlideTruth, "roundId" | "reads">,
  history: History,
): Promise<Geometry[]> {
  const isAsked = history.some(({ changes }) => changes.some((each) => each.kind === "retire" && each.ignore === true));
  if (!isAsked) return [];
  const drawn = roundId === null ? await layersOnSlide(db, slide.id, "team") : reads.map(({ layerId }) => layerId);
  const layerIds = [...drawn, ...(await layersOnSlide(db, slide.id, "ground-truth"))];
  const rows = layerIds.length === 0 ? [] : await annotationRows(db, { layerIds });
  return rows.filter((row) => isIgnored(row, history)).map((row) => annotationOf(row).geometry);
}

type ReadRound = { readonly roundId: RoundId; readonly reads: readonly RoundRead[] };

/** Rounds with submitted reads on the slide, newest first. */
async function readRounds({ db }: Work, slide: SlideRow): Promise<ReadRound[]> {
  const reads = (await readsOf(db, { projectId: slide.projectId })).filter(
    (read) => read.slideId === slide.id && read.state === "submitted",
  );
  const order = (await roundSlidesOf(db, slide.projectId)).filter((each) => each.slideId === slide.id);
  return order
    .map(({ round }) => ({ roundId: round.id, reads: reads.filter((read) => read.roundId === round.id) }))
    .filter((each) => each.reads.length > 0);
}

async function mergedTruth(
  work: Work,
  slide: SlideRow,
  { roundId, reads }: ReadRound,
  number: number,
): Promise<SlideTruth> {
  const found = await consensusWithDecisions(work, roundId, slide.id);
  const { consensus, objects } = await unpackShapes(await (await consensusAfter(work, found)).part("shapes"));
  const decisions = found.standings.flatMap((each) =>
    isDecided(each) && each.decision !== null ? [each.decision] : [],
  );
  return {
    slide,
    annotations: [
      ...consensus.flatMap(({ classId, polygons }) =>
        polygons.map((polygon) => madeOutline(slide, { classId, geometry: geometryOf([polygon]) }, number)),
      ),
      ...objects.map(({ classId, geometry }) => madeOutline(slide, { classId, geometry }, number)),
    ],
    ignored: found.standings.flatMap(({ dispute, decision, outOfDate }) =>
      !outOfDate && (decision?.method === "exclude" || decision?.method === "unresolved") ? [dispute.geometry] : [],
    ),
    roundId,
    reads,
    consensus: found.consensus,
    decisions,
    unsettled: found.standings.filter((each) => !isSettled(each)),
  };
}

/** Same place, class and shape, same id: a release that is built again has the same bytes. */
function madeOutline(slide: SlideRow, content: Pick<Annotation, "classId" | "geometry">, under: number): Annotation {
  const text = `${slide.id}\n${canonicalContent({ ...content, attributes: {} })}`;
  const id = annotationId.parse(idFromBytes(createHash("sha256").update(text).digest()));
  return { ...content, id, under, attributes: { source: "consensus" }, note: "" };
}

async function drawnTruth(
  work: Work,
  slide: SlideRow,
  history: History,
  single: ReadRound | undefined,
): Promise<SlideTruth> {
  const outlines =
    single === undefined
      ? await layerOutlines(work, slide, "team", history)
      : await outlinesOf(
          work,
          single.reads.map((read) => read.layerId),
          history,
        );
  const none = { ignored: [], consensus: null, decisions: [], unsettled: [] };
  return { slide, annotations: outlines, roundId: single?.roundId ?? null, reads: single?.reads ?? [], ...none };
}

async function layerOutlines(
  work: Work,
  slide: SlideRow,
  kind: "team" | "ground-truth",
  history: History,
): Promise<Annotation[]> {
  return outlinesOf(work, await layersOnSlide(work.db, slide.id, kind), history);
}

/** The outlines of layers with the class that counts now. */
export async function outlinesOf(
  { db }: Pick<World, "db">,
  layerIds: readonly LayerId[],
  history: History,
): Promise<Annotation[]> {
  if (layerIds.length === 0) return [];
  const rows = await annotationRows(db, { layerIds });
  return rows.flatMap((row) => withEffectiveClass(annotationOf(row), history) ?? []);
}
