import { createHash } from "node:crypto";
import { recordPages } from "#db/annotations.ts";
import { consensusByKey, consensusPart, type RoundRead, readsOf, storeConsensus } from "#db/consensus.ts";
import { newestVersion, versionsOf } from "#db/guidelines.ts";
import { type SlideRow, slideById } from "#db/slides.ts";
import type { ConsensusParameters, Decided, Dispute } from "#domain/consensus.ts";
import { classRulesOf, methodOf } from "#domain/consensus-rules.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { LayerId, RoundId, SlideId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";
import { ok, type Result, refuse } from "#domain/result.ts";
import { micronPerPx } from "#domain/units.ts";
import { unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import {
  type ConsensusParts,
  type ConsensusSummary,
  unpackDisputes,
  unpackSummary,
} from "#server/jobs/consensus-parts.ts";
import { type PackedDecisions, packDecisions } from "#server/jobs/packed-decisions.ts";
import { type PackedPage, type PackedRead, packPage } from "#server/jobs/packed-reads.ts";
import { SharedWork } from "#server/shared-work.ts";

/** Raised when the same inputs would give another result. */
const METHOD = "consensus/6";
/** Within this distance two outlines run alike. */
export const TOLERANCE_UM = 5;
/** So many stored outlines are fetched and packed at a time: strokes come in between. */
const PAGE = 1_000;

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
  work: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
): Promise<ConsensusBasis> {
  return unwrap(await findBasis(work, roundId, slideId));
}

/** What a consensus is computed under: the newest version, or one that a draft would become. */
export type GuidelineUsed = {
  readonly number: number;
  readonly content: GuidelineContent;
  readonly history: History;
};

async function findBasis(
  { db }: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
  under?: GuidelineUsed,
): Promise<Result<ConsensusBasis, "not-found" | "too-few-reads">> {
  const slide = await slideById(db, slideId);
  if (slide === null) return refuse("not-found", { slideId });
  const reads = (await readsOf(db, { roundId, slideId })).filter((read) => read.state === "submitted");
  const newest = under ?? (await newestVersion(db, slide.projectId));
  if (reads.length < 2 || newest === null) return refuse("too-few-reads", { submitted: reads.length });
  const { quorum, minDisputeUm2 } = newest.content.rules;
  const voters = reads.map(({ layerId, reader }) => ({ readerKey: layerId, readerId: reader.id }));
  const parameters: ConsensusParameters = {
    quorum: Math.min(quorum, reads.length),
    minDisputeUm2,
    mpp: slide.mpp === null ? null : micronPerPx(slide.mpp),
    region: { minX: 0, minY: 0, maxX: slide.meta.width, maxY: slide.meta.height },
    classIds: newest.content.classes.filter((each) => !each.retired).map((each) => each.id),
    method: methodOf(newest.content.rules, voters),
    rules: classRulesOf(newest.content, voters),
    toleranceUm: TOLERANCE_UM,
  };
  const inputs = reads.map(({ layerId, seq }) => [layerId, seq]);
  const key = createHash("sha256")
    .update(JSON.stringify([METHOD, roundId, inputs, newest.number, parameters]))
    .digest("hex");
  const history =
    under?.history ?? (await versionsOf(db, slide.projectId)).map(({ number, changes }) => ({ number, changes }));
  return ok({
    key,
    slide,
    roundId,
    reads,
    guidelineNumber: newest.number,
    guideline: newest.content,
    history,
    parameters,
  });
}

/** The disputes of the reads as they are, where a consensus of them was computed; null elsewhere. Computes nothing. */
export async function knownDisputes(
  work: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
): Promise<readonly Dispute[] | null> {
  const basis = await findBasis(work, roundId, slideId);
  return basis.ok ? storedDisputes(work, basis.value.key) : null;
}

/** Those of a stored result; null where it is not there. */
export async function storedDisputes({ db }: Pick<World, "db">, key: string): Promise<readonly Dispute[] | null> {
  const packed = await consensusPart(db, key, "disputes");
  return packed === null ? null : unpackDisputes(packed);
}

/**
 * The consensus of one slide in one round: the stored result where the inputs are the same, else a new one.
 * The key names inputs and parameters, so a stored result is never out of date under its key.
 */
export async function currentConsensus(world: Work, roundId: RoundId, slideId: SlideId): Promise<Current> {
  return consensusOf(world, await consensusBasis(world, roundId, slideId), null);
}

/**
 * The disputes that the reads would have under another guideline. Not stored: a draft is looked at many times, and few of
 * its states are ever published.
 */
export async function disputesUnder(
  world: Work,
  roundId: RoundId,
  slideId: SlideId,
  under: GuidelineUsed,
): Promise<readonly Dispute[]> {
  const { key } = unwrap(await findBasis(world, roundId, slideId, under));
  return DRAFTED.of(world.computation, key, async () => {
    const { basis, reads } = await readTogether(world, roundId, slideId, under);
    const known = await storedDisputes(world, basis.key);
    if (known !== null) return known;
    const { history, parameters } = basis;
    const { disputes } = await world.computation.consensus({ reads, history, parameters, decided: null });
    return unpackDisputes(disputes);
  });
}

/** The same as if everybody had said what was decided. */
export async function decidedConsensus(
  world: Work,
  basis: ConsensusBasis,
  decided: readonly Decided[],
): Promise<Current> {
  return consensusOf(world, basis, await packDecisions(decided));
}

type Work = Pick<World, "db" | "computation">;
export type Current = {
  /** Of the result, decisions included. */
  readonly key: string;
  readonly basis: ConsensusBasis;
  readonly consensus: ConsensusSummary;
  readonly computedAt: Date;
  /** The other parts of the result, packed as they are stored. */
  readonly part: (name: keyof ConsensusParts) => Promise<Uint8Array<ArrayBuffer>>;
};

type Decisions = PackedDecisions | null;

/** A page asks for several things at once that are of one consensus, and so do several people. */
const CURRENT = new SharedWork<Current>();
const DRAFTED = new SharedWork<readonly Dispute[]>();

/** Looked up, and computed where it is not there, once for all who ask meanwhile. Of two nodes the first to store decides. */
function consensusOf(world: Work, basis: ConsensusBasis, decided: Decisions): Promise<Current> {
  return CURRENT.of(
    world.computation,
    keyOf(basis, decided),
    async () => (await storedConsensus(world, basis, decided)) ?? computed(world, basis, decided),
  );
}

async function storedConsensus(world: Work, basis: ConsensusBasis, decided: Decisions): Promise<Current | null> {
  const key = keyOf(basis, decided);
  const stored = await consensusByKey(world.db, key);
  if (stored === null) return null;
  const part = async (name: keyof ConsensusParts) => {
    const packed = await consensusPart(world.db, key, name);
    // Only the newest result with decisions is kept: somebody decided while this one was read.
    return packed ?? (await consensusOf(world, basis, decided)).part(name);
  };
  return { key, basis, consensus: await unpackSummary(stored.summary), computedAt: stored.computedAt, part };
}

async function computed(world: Work, known: ConsensusBasis, decided: Decisions): Promise<Current> {
  const { basis, reads } = await readTogether(world, known.roundId, known.slide.id);
  const { history, parameters } = basis;
  const parts = await world.computation.consensus({ reads, history, parameters, decided: decided?.slice() ?? null });
  const key = keyOf(basis, decided);
  const computedAt = await storeConsensus(world.db, {
    key,
    projectId: basis.slide.projectId,
    slideId: basis.slide.id,
    roundId: basis.roundId,
    inputs: basis.reads.map(({ layerId, seq }) => ({ layerId, seq })),
    guidelineNumber: basis.guidelineNumber,
    decidedOf: decided === null ? null : basis.key,
    ...parts,
  });
  return { key, basis, consensus: await unpackSummary(parts.summary), computedAt, part: async (name) => parts[name] };
}

function keyOf(basis: ConsensusBasis, decided: Decisions): string {
  if (decided === null) return basis.key;
  return createHash("sha256").update(basis.key).update(decided).digest("hex");
}

/** Log positions and outlines of one moment: a key never names other inputs than the ones that were read. */
async function readTogether(
  { db }: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
  under?: GuidelineUsed,
): Promise<{ readonly basis: ConsensusBasis; readonly reads: PackedRead[] }> {
  return db.transaction(
    async (tx) => {
      const basis = unwrap(await findBasis({ db: tx }, roundId, slideId, under));
      const reads: PackedRead[] = [];
      for (const { layerId } of basis.reads) reads.push({ readerKey: layerId, pages: await packedPages(tx, layerId) });
      return { basis, reads };
    },
    { isolationLevel: "repeatable read" },
  );
}

async function packedPages(tx: World["db"], layerId: LayerId): Promise<PackedPage[]> {
  const pages: PackedPage[] = [];
  for await (const rows of recordPages(tx, layerId, PAGE)) pages.push(packPage(rows));
  return pages;
}
