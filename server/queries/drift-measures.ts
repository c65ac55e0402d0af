import { createHash } from "node:crypto";
import { z } from "zod";
import { annotationRows } from "#db/annotations.ts";
import { measureByKey, storeMeasure } from "#db/drift.ts";
import type { SubmittedRead } from "#db/reads.ts";
import type { Bbox } from "#domain/annotation.ts";
import type { Estimate } from "#domain/bootstrap.ts";
import type { OutlineOffset } from "#domain/boundary.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId, LayerId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";
import type { Member } from "#domain/permissions.ts";
import type { DriftEstimate } from "#server/api/schemas/drift.ts";
import type { World } from "#server/api/world.ts";
import { currentConsensus } from "#server/commands/compute-consensus.ts";
import { type PackedRead, packPage } from "#server/jobs/packed-reads.ts";

export type Work = Pick<World, "db" | "computation">;

/** What drift is drawn from: submitted reads that the asking lead may see, and the guideline's history. */
export type DriftBasis = {
  readonly member: Member;
  readonly reads: readonly SubmittedRead[];
  readonly history: readonly GuidelineVersion[];
};

/** An estimate as it is answered. */
export function answered({ value, limits, clusters }: Estimate): DriftEstimate {
  return { value, limits, clusters };
}

/** Raised when the same inputs would give another result. */
const METHOD = "drift/1";
/** How far two outlines of one border may lie apart, um; what lies further is another structure. */
export const OFFSET_BAND_UM = 25;
const OFFSET_STEP_UM = 0.5;
/** For slides without a scale; their offsets are in px and are not shown. */
const UNKNOWN_MPP = 0.5;
const MARGIN_UM = 100;

const tableSchema = z.array(z.array(z.number()));
const offsetsSchema = z.array(
  z.object({
    layerId: z.string(),
    classes: z.array(z.object({ integralPx2: z.number(), lengthPx: z.number(), beyondPx: z.number() })),
  }),
);

/**
 * The table of two reads of one slide, from the store where neither changed since.
 * @param within boxes that alone count; null for all of the slide
 */
export async function pairTable(
  work: Work,
  projectId: ProjectId,
  pair: { readonly first: SubmittedRead; readonly again: SubmittedRead; readonly within: readonly Bbox[] | null },
  { classIds, history }: { readonly classIds: readonly ClassId[]; readonly history: History },
): Promise<number[][]> {
  const { first, again, within } = pair;
  const marginPx = MARGIN_UM / (first.mpp ?? UNKNOWN_MPP);
  const inputs = [first, again].map(({ layerId, seq }) => [layerId, seq]);
  const versions = history.map(({ number }) => number);
  return remembered(work, projectId, ["pair", inputs, versions, classIds, within, marginPx], tableSchema, async () => {
    const reads = [await packed(work, first.layerId), await packed(work, again.layerId)] as const;
    const slide = { minX: 0, minY: 0, maxX: first.width, maxY: first.height };
    return work.computation.pairAreas({ reads, history, settings: { classIds, slide, marginPx, within } });
  });
}

export type ReadOffset = { readonly layerId: string; readonly classes: readonly OutlineOffset[] };

/** Offsets of all reads of a round on a slide against their consensus, class by class in the order that comes with them. */
export async function offsetsOf(
  work: Work,
  projectId: ProjectId,
  place: { readonly roundId: RoundId; readonly slideId: SlideId },
): Promise<{ readonly classIds: readonly ClassId[]; readonly reads: readonly ReadOffset[] }> {
  const { key, basis, consensus } = await currentConsensus(work, place.roundId, place.slideId);
  const mpp = basis.slide.mpp ?? UNKNOWN_MPP;
  const settings = { bandPx: OFFSET_BAND_UM / mpp, stepPx: OFFSET_STEP_UM / mpp };
  const reads = await remembered(work, projectId, ["offset", key, settings], offsetsSchema, async () => {
    const layerIds = basis.reads.map(({ layerId }) => layerId);
    const found = await work.computation.offsets({
      reads: await packedAll(work, layerIds),
      history: basis.history,
      truth: consensus.consensus,
      classIds: consensus.classIds,
      settings,
    });
    return layerIds.map((layerId, index) => ({ layerId, classes: found[index] ?? [] }));
  });
  return { classIds: consensus.classIds, reads };
}

/** The stored result of these inputs, or a new one that is stored. */
async function remembered<Result>(
  { db }: Work,
  projectId: ProjectId,
  inputs: readonly unknown[],
  schema: z.ZodType<Result>,
  compute: () => Promise<Result>,
): Promise<Result> {
  const key = createHash("sha256")
    .update(JSON.stringify([METHOD, ...inputs]))
    .digest("hex");
  const stored = schema.safeParse(await measureByKey(db, key));
  if (stored.success) return stored.data;
  const result = await compute();
  await storeMeasure(db, projectId, key, result);
  return result;
}

async function packedAll(work: Work, layerIds: readonly LayerId[]): Promise<PackedRead[]> {
  const reads: PackedRead[] = [];
  for (const layerId of layerIds) reads.push(await packed(work, layerId));
  return reads;
}

async function packed({ db }: Work, layerId: LayerId): Promise<PackedRead> {
  return { readerKey: layerId, pages: [packPage(await annotationRows(db, { layerIds: [layerId] }))] };
}
