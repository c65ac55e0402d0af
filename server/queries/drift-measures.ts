import { createHash } from "node:crypto";
import { z } from "zod";
import { annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { measureByKey, storeMeasure } from "#db/drift.ts";
import { layerPlace } from "#db/layers.ts";
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
  const versions = history.map(({ number }) => number);
  const inputs = [first, again];
  const keyOf = (at: readonly Position[]) => measureKey("pair", at.map(named), versions, classIds, within, marginPx);
  return remembered(work, { projectId, inputs, keyOf, schema: tableSchema }, async ([former, later]) => {
    if (former === undefined || later === undefined) throw new Error("a pair has two reads");
    const slide = { minX: 0, minY: 0, maxX: first.width, maxY: first.height };
    const settings = { classIds, slide, marginPx, within };
    return work.computation.pairAreas({ reads: [former, later], history, settings });
  });
}

export type ReadOffset = { readonly layerId: string; readonly classes: readonly OutlineOffset[] };

/** Offsets of all reads of a round on a slide against their consensus, class by class in the order that comes with them. */
export async function offsetsOf(
  work: Work,
  projectId: ProjectId,
  place: { readonly roundId: RoundId; readonly slideId: SlideId },
): Promise<{ readonly classIds: readonly ClassId[]; readonly reads: readonly ReadOffset[] }> {
  const { key, basis, consensus, part } = await currentConsensus(work, place.roundId, place.slideId);
  const mpp = basis.slide.mpp ?? UNKNOWN_MPP;
  const settings = { bandPx: OFFSET_BAND_UM / mpp, stepPx: OFFSET_STEP_UM / mpp };
  const inputs = basis.reads;
  const keyOf = (at: readonly Position[]) => measureKey("offset", key, at.map(named), settings);
  const reads = await remembered(work, { projectId, inputs, keyOf, schema: offsetsSchema }, async (packed) => {
    const found = await work.computation.offsets({
      reads: packed,
      history: basis.history,
      truth: await part("shapes"),
      classIds: consensus.classIds,
      settings,
    });
    return inputs.map(({ layerId }, index) => ({ layerId, classes: found[index] ?? [] }));
  });
  return { classIds: consensus.classIds, reads };
}

/** A layer as its log had it. */
type Position = { readonly layerId: LayerId; readonly seq: number };

type Asked<Result> = {
  readonly projectId: ProjectId;
  /** Where the caller knows the reads to be. */
  readonly inputs: readonly Position[];
  readonly keyOf: (at: readonly Position[]) => string;
  readonly schema: z.ZodType<Result>;
};

/** The stored result of these inputs, or a new one, which is stored under the positions that its outlines were read at. */
async function remembered<Result>(
  { db }: Work,
  { projectId, inputs, keyOf, schema }: Asked<Result>,
  compute: (reads: readonly PackedRead[]) => Promise<Result>,
): Promise<Result> {
  const stored = schema.safeParse(await measureByKey(db, keyOf(inputs)));
  if (stored.success) return stored.data;
  const { at, reads } = await readTogether(
    db,
    inputs.map(({ layerId }) => layerId),
  );
  const result = await compute(reads);
  await storeMeasure(db, projectId, keyOf(at), result);
  return result;
}

function measureKey(...inputs: readonly unknown[]): string {
  return createHash("sha256")
    .update(JSON.stringify([METHOD, ...inputs]))
    .digest("hex");
}

function named({ layerId, seq }: Position): readonly [LayerId, number] {
  return [layerId, seq];
}

/** Log positions and outlines of one moment: a key never names other outlines than those that were measured. */
async function readTogether(
  db: Db,
  layerIds: readonly LayerId[],
): Promise<{ readonly at: readonly Position[]; readonly reads: readonly PackedRead[] }> {
  return db.transaction(
    async (tx) => {
      const at: Position[] = [];
      const reads: PackedRead[] = [];
      for (const layerId of layerIds) {
        at.push({ layerId, seq: (await layerPlace(tx, layerId))?.lastSeq ?? 0 });
        reads.push({ readerKey: layerId, pages: [packPage(await annotationRows(tx, { layerIds: [layerId] }))] });
      }
      return { at, reads };
    },
    { isolationLevel: "repeatable read" },
  );
}
