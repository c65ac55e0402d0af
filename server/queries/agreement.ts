import { createHash } from "node:crypto";
import { agreementByKey, storeAgreement } from "#db/consensus.ts";
import { newestVersion } from "#db/guidelines.ts";
import type { AgreementBoard, BoardSettings, BoardSlide } from "#domain/agreement-board.ts";
import { matchingOf, methodsFor } from "#domain/consensus-rules.ts";
import type { GuidelineContent, GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId, ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import { seedFrom } from "#domain/random.ts";
import type { AgreementQuery, BoardView } from "#server/api/schemas/agreement.ts";
import type { World } from "#server/api/world.ts";
import { type ConsensusBasis, TOLERANCE_UM } from "#server/commands/compute-consensus.ts";
import type { ConsensusSummary } from "#server/jobs/consensus-parts.ts";
import { SharedWork } from "#server/shared-work.ts";
import { type ComparedSlide, comparedSlides, isUnder, letterOf, readersIn } from "./compared-slides.ts";
import { consensusAfter } from "./consensus.ts";
import { isSettled } from "./decisions.ts";

type Work = Pick<World, "db" | "computation" | "now">;

/** Raised when the same slides would give other numbers. */
const METHOD = "agreement/4";
const RESAMPLES = 1_000;

/** A slide in a round with what its reads, or its reads and the decisions on them, say. */
type Line = {
  readonly slide: BoardSlide;
  readonly basis: ConsensusBasis;
  readonly consensusKey: string;
  readonly roundName: string;
  readonly disputes: number;
  readonly undecided: number;
  readonly named: boolean;
};

/**
 * The numbers of a project over all slides that the person may see the consensus of. Computed in a worker from what each
 * slide adds, and kept under the hash of these and of how it was done; intervals are drawn from a seed made of that hash.
 */
export async function agreementView(
  work: Work,
  member: Member,
  projectId: ProjectId,
  query: AgreementQuery,
): Promise<BoardView> {
  const guideline = await newestVersion(work.db, projectId);
  const all = guideline === null ? [] : await comparedSlides(work, member, projectId, { round: query.round });
  const asked = { of: query.of, version: query.version };
  const { key, lines, readers, board, computedAt } = await boardFor(work, projectId, all, asked, guideline);
  const bySlide = new Map(lines.map((line) => [line.slide.key, line]));
  const named = lines.length > 0 && lines.every((line) => line.named);
  return {
    key,
    of: query.of,
    computedAt: computedAt.toISOString(),
    guidelineNumber: guideline?.number ?? 0,
    thresholds: guideline?.content.rules.thresholds ?? [],
    readers: readers.map((reader, index) => ({ label: letterOf(index), reader: named ? reader : null })),
    clusters: board.clusters,
    bases: board.bases,
    classes: board.classes,
    detection: board.detection,
    versions: board.versions,
    slides: board.slides.flatMap(({ key: slideKey, ...part }) => {
      const line = bySlide.get(slideKey);
      if (line === undefined) return [];
      const { basis, roundName, disputes, undecided } = line;
      const place = { slideId: basis.slide.id, slideName: basis.slide.name, roundId: basis.roundId, roundName };
      return [{ ...place, caseName: basis.slide.caseName, disputes, undecided, ...part }];
    }),
  };
}

/**
 * The board of these slides, whoever looks; its readers count as in `readersIn`, also where it is of one version only, so
 * that a number and the queue behind it name the same reader.
 */
export async function boardFor(
  work: Work,
  projectId: ProjectId,
  all: readonly ComparedSlide[],
  { of, version }: Pick<AgreementQuery, "of" | "version">,
  guideline: Pick<GuidelineVersion, "content"> | null,
): Promise<Computed & { readonly key: string; readonly lines: readonly Line[]; readonly readers: Readers }> {
  const lines: Line[] = [];
  for (const each of all.filter(({ round }) => isUnder(round, version))) lines.push(await lineOf(work, each, of));
  const readers = lines.length === 0 ? [] : readersIn(all);
  const readerKeys = readers.map(({ id }) => id);
  const settings = settingsOf(guideline?.content ?? null);
  const key = createHash("sha256")
    .update(JSON.stringify([METHOD, of, settings, readerKeys, lines.map(nameOf).sort()]))
    .digest("hex");
  return { key, lines, readers, ...(await boardOf(work, projectId, key, lines, readerKeys, settings)) };
}

type Readers = ReturnType<typeof readersIn>;
type Computed = { readonly board: AgreementBoard; readonly computedAt: Date };

function settingsOf(content: GuidelineContent | null): Omit<BoardSettings, "seed"> {
  const classes = content?.classes.filter(({ retired }) => !retired) ?? [];
  const isObject = (each: (typeof classes)[number]) => matchingOf(each) !== null;
  return {
    classIds: classes.map(({ id }) => id),
    regionIds: classes.filter((each) => !isObject(each)).map(({ id }) => id),
    objectIds: classes.filter(isObject).map(({ id }) => id),
    toleranceUm: TOLERANCE_UM,
    resamples: RESAMPLES,
  };
}

function nameOf({ consensusKey, slide }: Line): string {
  return JSON.stringify([slide.key, consensusKey, slide.cluster, slide.guidelineNumber]);
}

const BOARDS = new SharedWork<Computed>();

function boardOf(
  work: Work,
  projectId: ProjectId,
  key: string,
  lines: readonly Line[],
  readerKeys: readonly string[],
  settings: Omit<BoardSettings, "seed">,
): Promise<Computed> {
  return BOARDS.of(work.computation, key, async () => {
    const stored = await agreementByKey(work.db, key);
    if (stored !== null) return { board: stored.result as AgreementBoard, computedAt: stored.computedAt };
    const slides = lines.map(({ slide }) => slide);
    const seeded = { ...settings, seed: seedFrom(key) };
    const board = await work.computation.board({ slides, readerKeys, settings: seeded });
    return {
      board,
      computedAt: await storeAgreement(work.db, { key, projectId, result: board, computedAt: work.now() }),
    };
  });
}

async function lineOf(work: Work, compared: ComparedSlide, of: AgreementQuery["of"]): Promise<Line> {
  const { round, basis, standings, named } = compared;
  const consensus = of === "read" ? compared.consensus : (await consensusAfter(work, compared)).consensus;
  const slide = boardSlide(basis, consensus, round.guidelineNumber);
  const undecided = standings.filter((each) => !isSettled(each)).length;
  const decided = standings.flatMap(({ decision, outOfDate }) => (decision === null ? [] : [decision.id, outOfDate]));
  const consensusKey = of === "read" ? basis.key : JSON.stringify([basis.key, decided]);
  return { slide, basis, consensusKey, roundName: round.name, disputes: standings.length, undecided, named };
}

function boardSlide(basis: ConsensusBasis, consensus: ConsensusSummary, guidelineNumber: number): BoardSlide {
  const readers = new Map(basis.reads.map(({ layerId, reader }) => [String(layerId), reader.id]));
  const voters = basis.reads.map(({ layerId, reader }) => ({ readerKey: layerId, readerId: reader.id }));
  const methods = (classIds: readonly ClassId[]) => methodsFor(basis.guideline, classIds, voters);
  return {
    key: `${basis.roundId}/${basis.slide.id}`,
    cluster: basis.slide.caseId,
    guidelineNumber,
    readKeys: consensus.readerKeys,
    readerKeys: consensus.readerKeys.map((key) => readers.get(key) ?? ""),
    methods: { regions: methods(consensus.regionIds), objects: methods(consensus.objectIds) },
    tally: consensus.tally,
  };
}
