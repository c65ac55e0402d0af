import { createHash } from "node:crypto";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { consensusByKey, type RoundRead, readsOf, storeConsensus } from "#db/consensus.ts";
import { newestVersion, versionsOf } from "#db/guidelines.ts";
import { type SlideRow, slideById } from "#db/slides.ts";
import type { Consensus, ConsensusParameters, Outline, Read } from "#domain/consensus.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { RoundId, SlideId } from "#domain/ids.ts";
import { type History, resolve } from "#domain/migration.ts";
import { micronPerPx } from "#domain/units.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";

/** Raised when the same inputs would give another result. */
const METHOD = "consensus/1";

/** The inputs of a consensus as they stand now, and its name. */
export type ConsensusBasis = {
  readonly key: string;
  readonly slide: SlideRow;
  readonly roundId: RoundId;
  /** Submitted reads, by layer id: the order of votes and labels. */
  readonly reads: readonly RoundRead[];
  readonly guidelineNumber: number;
  readonly guideline: GuidelineContent;
  readonly history: History;
  readonly parameters: ConsensusParameters;
};

/** @throws AppError not-found for a slide that is not in the round, too-few-reads below two submitted ones */
export async function consensusBasis(
  { db }: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
): Promise<ConsensusBasis> {
  const slide = await slideById(db, slideId);
  if (slide === null) throw new AppError("not-found", { slideId });
  const reads = (await readsOf(db, { roundId, slideId })).filter((read) => read.state === "submitted");
  const newest = await newestVersion(db, slide.projectId);
  if (reads.length < 2 || newest === null) throw new AppError("too-few-reads", { submitted: reads.length });
  const { quorum, minDisputeUm2 } = newest.content.rules;
  const parameters: ConsensusParameters = {
    quorum: Math.min(quorum, reads.length),
    minDisputeUm2,
    mpp: slide.mpp === null ? null : micronPerPx(slide.mpp),
    region: { minX: 0, minY: 0, maxX: slide.meta.width, maxY: slide.meta.height },
    classIds: newest.content.classes.filter((each) => !each.retired).map((each) => each.id),
  };
  const inputs = reads.map(({ layerId, seq }) => [layerId, seq]);
  const key = createHash("sha256")
    .update(JSON.stringify([METHOD, roundId, inputs, newest.number, parameters]))
    .digest("hex");
  const history = (await versionsOf(db, slide.projectId)).map(({ number, changes }) => ({ number, changes }));
  return {
    key,
    slide,
    roundId,
    reads,
    guidelineNumber: newest.number,
    guideline: newest.content,
    history,
    parameters,
  };
}

/** The outlines of the reads with the class that counts now; what was archived is left out. */
export async function readsWithOutlines({ db }: Pick<World, "db">, basis: ConsensusBasis): Promise<Read[]> {
  const rows = await annotationRows(db, { layerIds: basis.reads.map((read) => read.layerId) });
  return basis.reads.map(({ layerId }) => ({
    readerKey: layerId,
    outlines: rows
      .filter((row) => row.layerId === layerId)
      .flatMap((row): Outline[] => {
        const { geometry, classId, under } = annotationOf(row);
        const standing = resolve(classId, under, basis.history);
        return standing.state === "archived" ? [] : [{ annotationId: row.id, classId: standing.classId, geometry }];
      }),
  }));
}

/**
 * The consensus of one slide in one round: the stored result where the inputs are the same, else a new one.
 * The key names inputs and parameters, so a stored result is never out of date under its key.
 */
export async function currentConsensus(
  world: Pick<World, "db" | "computation">,
  roundId: RoundId,
  slideId: SlideId,
): Promise<{ readonly basis: ConsensusBasis; readonly consensus: Consensus; readonly computedAt: Date }> {
  const known = await consensusBasis(world, roundId, slideId);
  const stored = await consensusByKey(world.db, known.key);
  if (stored !== null) {
    return { basis: known, consensus: revived(stored.result), computedAt: stored.computedAt };
  }
  const { basis, reads } = await readTogether(world, roundId, slideId);
  const consensus = await world.computation.consensus(reads, basis.parameters);
  const computedAt = await storeConsensus(world.db, {
    key: basis.key,
    projectId: basis.slide.projectId,
    slideId,
    roundId,
    inputs: basis.reads.map(({ layerId, seq }) => ({ layerId, seq })),
    guidelineNumber: basis.guidelineNumber,
    result: flattened(consensus),
  });
  return { basis, consensus, computedAt };
}

/** Log positions and outlines of one moment: a key never names other inputs than the ones that were read. */
export async function readTogether(
  { db }: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
): Promise<{ readonly basis: ConsensusBasis; readonly reads: Read[] }> {
  return db.transaction(
    async (tx) => {
      const basis = await consensusBasis({ db: tx }, roundId, slideId);
      return { basis, reads: await readsWithOutlines({ db: tx }, basis) };
    },
    { isolationLevel: "repeatable read" },
  );
}

type Flattened = Omit<Consensus, "raster"> & {
  readonly raster: Omit<Consensus["raster"], "entropy"> & { readonly entropy: string };
};

function flattened(consensus: Consensus): Flattened {
  const entropy = Buffer.from(consensus.raster.entropy).toString("base64");
  return { ...consensus, raster: { ...consensus.raster, entropy } };
}

/** What `flattened` wrote; the table is only ever written by it. */
function revived(stored: unknown): Consensus {
  const consensus = stored as Flattened;
  return {
    ...consensus,
    raster: { ...consensus.raster, entropy: new Uint8Array(Buffer.from(consensus.raster.entropy, "base64")) },
  };
}
