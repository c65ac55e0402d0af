import { barredOn, layerFacts } from "#db/access.ts";
import { disputePlacesSince, type RoundRead, readsOf, roundSlidesOf } from "#db/consensus.ts";
import { newestVersion } from "#db/guidelines.ts";
import { layerOfKind } from "#db/layer-rows.ts";
import { slidesOf } from "#db/slides.ts";
import { type Agreement, type Dispute, numbersOf } from "#domain/consensus.ts";
import { solesOf } from "#domain/consensus-rules.ts";
import { type GuidelineContent, isDrawable } from "#domain/guideline.ts";
import type { ClassId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import { can, type Member, type RoundSubject, rolesFor } from "#domain/permissions.ts";
import { requireMember } from "#server/access.ts";
import type {
  ConsensusSlide,
  ConsensusView,
  Decision as DecisionView,
  Dispute as DisputeView,
} from "#server/api/schemas/consensus.ts";
import type { World } from "#server/api/world.ts";
import { type Current, currentConsensus, decidedConsensus } from "#server/commands/compute-consensus.ts";
import { AppError } from "#server/errors.ts";
import { type ConsensusSummary, unpackDisputes, unpackEntropy } from "#server/jobs/consensus-parts.ts";
import type { Caller } from "#server/session.ts";
import {
  type Decision,
  type DisputeStanding,
  decidedClasses,
  decidedRegions,
  decisionsOn,
  isDecided,
  isSettled,
  standingsOf,
} from "./decisions.ts";

type Work = Pick<World, "db" | "computation">;

/** What permissions need to know about a round's consensus on one slide; null where the slide is not in the round. */
export async function roundSubject(
  { db }: Pick<World, "db">,
  roundId: RoundId,
  slideId: SlideId,
): Promise<RoundSubject | null> {
  const facts = (await layerFacts(db, { slideId })).map(({ subject, layerId }) => ({ subject, layerId }));
  const reads = new Set((await readsOf(db, { roundId, slideId })).map((read) => read.layerId));
  const subject = facts.find((each) => reads.has(each.layerId))?.subject;
  if (subject === undefined) return null;
  const { projectId, unblinded, roundReaderIds, slideBlindReaderIds } = subject;
  return { projectId, unblinded, roundReaderIds, slideBlindReaderIds, ...(await barsOn(db, projectId, slideId)) };
}

/** Whom the guideline in force keeps from deciding about a slide. */
async function barsOn(
  db: World["db"],
  projectId: ProjectId,
  slideId: SlideId,
): Promise<Pick<RoundSubject, "barredIds" | "soleAdjudicatorIds">> {
  const content = (await newestVersion(db, projectId))?.content;
  if (content === undefined) return {};
  const drawable = content.classes.filter(isDrawable).map(({ id }) => id);
  return { barredIds: await barredOn(db, slideId), soleAdjudicatorIds: solesOf(content, drawable) };
}

/** The same for one dispute: a class that is decided by one reader's word names who decides about it. */
export function disputeSubject(subject: RoundSubject, guideline: GuidelineContent, { votes }: Dispute): RoundSubject {
  const named = votes.flatMap(({ classId }) => classId ?? []);
  return { ...subject, soleAdjudicatorIds: solesOf(guideline, named) };
}

/** Membership and the right to see this consensus; everything else is "not found". */
export async function requireConsensus(
  work: Pick<World, "db">,
  caller: Caller,
  roundId: RoundId,
  slideId: SlideId,
): Promise<{ readonly member: Member; readonly subject: RoundSubject }> {
  const subject = await roundSubject(work, roundId, slideId);
  if (subject === null) throw new AppError("not-found", { roundId, slideId });
  const member = await requireMember(work.db, caller, subject.projectId, { roundId, slideId });
  if (!can(member, "consensus.view", subject)) throw new AppError("not-found", { roundId, slideId });
  return { member, subject };
}

/** A consensus with its decisions, for whoever may see it. */
export type Compared = Current & { readonly standings: readonly DisputeStanding[] };

export async function consensusWithDecisions(work: Work, roundId: RoundId, slideId: SlideId): Promise<Compared> {
  const current = await currentConsensus(work, roundId, slideId);
  const disputes = await unpackDisputes(await current.part("disputes"));
  return { ...current, standings: standingsOf(disputes, await decisionsOn(work, roundId, slideId)) };
}

/** The reads as if everybody had said what was decided, and what they agree on then: the truth once all is decided. */
export async function consensusAfter(work: Work, found: Compared): Promise<Current> {
  const decided = await decidedRegions(work, found.standings, found.basis.history);
  return decided.length === 0 ? found : decidedConsensus(work, found.basis, decided);
}

/** The page of a slide's consensus; its disputes, of which there may be thousands, are made as they are read. */
export type ConsensusAnswer = {
  readonly head: Omit<ConsensusView, "disputes">;
  readonly disputes: Iterable<DisputeView>;
};

export async function consensusView(
  work: Work,
  caller: Caller,
  roundId: RoundId,
  slideId: SlideId,
): Promise<ConsensusAnswer> {
  const { member, subject } = await requireConsensus(work, caller, roundId, slideId);
  const found = await consensusWithDecisions(work, roundId, slideId);
  const { basis, consensus, computedAt, standings } = found;
  const after = await consensusAfter(work, found);
  const { slide } = basis;
  const named = can(member, "consensus.readers", subject);
  const mayDecide = can(member, "consensus.adjudicate", subject);
  const head: ConsensusAnswer["head"] = {
    key: basis.key,
    slide: { id: slide.id, name: slide.name, mpp: slide.mpp },
    roundId,
    guidelineNumber: basis.guidelineNumber,
    computedAt: computedAt.toISOString(),
    reads: basis.reads.map((read, index) => ({
      label: String.fromCharCode(65 + index),
      layerId: read.layerId,
      reader: named ? read.reader : null,
      mine: read.reader.id === caller.personId,
    })),
    mayDecide,
    barred: !mayDecide && rolesFor("consensus.adjudicate").includes(member.role),
    others: mayDecide ? await othersAt(work, caller, roundId, slideId, new Date()) : [],
    overallAsRead: agreementOf(consensus.overall),
    votes: votesIn(consensus, basis.reads),
    groundTruthLayerId: await layerOfKind(work.db, slideId, "ground-truth"),
    objects: objectNumbers(consensus, after.consensus),
    ...(await numbersAfter(after)),
  };
  const decidedClass = await decidedClasses(work, standings, basis.history);
  const order = new Map(consensus.readerKeys.map((key, index) => [key, index]));
  return {
    head,
    disputes: madeAsRead(standings, (each) => ({
      ...toDispute(each, order, decidedClass),
      mayDecide: can(member, "consensus.adjudicate", disputeSubject(subject, basis.guideline, each.dispute)),
    })),
  };
}

/** With the votes in the order of the reads on the page. */
function votesIn({ tally, readerKeys }: ConsensusSummary, reads: readonly RoundRead[]): ConsensusView["votes"] {
  const columns = reads.map(({ layerId }) => readerKeys.indexOf(layerId));
  const patterns = ({ rows }: (typeof tally)["regions"]) =>
    rows.map(({ labels, weight }) => ({ votes: columns.map((column) => labels[column] ?? null), weight }));
  return { regions: patterns(tally.regions), objects: patterns(tally.objects) };
}

async function numbersAfter({ basis, consensus, part }: Current) {
  const { mpp } = basis.slide;
  const scale = mpp === null ? 1 : mpp * mpp;
  const { regionIds, objectIds, overall, classes, confusionPx, raster } = consensus;
  return {
    regionIds: [...regionIds],
    objectIds: [...objectIds],
    overall: agreementOf(overall),
    classes: classes.map((each) => ({ ...each, pairs: [...each.pairs] })),
    confusion: { classIds: [...regionIds], cells: confusionPx.map((row) => row.map((px) => px * scale)) },
    overlay: { ...raster, entropy: (await unpackEntropy(await part("entropy"))).toString("base64") },
  };
}

/** What single objects are called, as they were read and with what was decided; null where no class is compared so. */
function objectNumbers(asRead: ConsensusSummary, after: ConsensusSummary): ConsensusView["objects"] {
  if (after.objectIds.length === 0) return null;
  const numbers = ({ tally, readerKeys, objectIds }: ConsensusSummary) =>
    numbersOf(tally.objects, readerKeys.length, objectIds);
  const { overall, confusionPx: counts } = numbers(after);
  return {
    overall: agreementOf(overall),
    overallAsRead: agreementOf(numbers(asRead).overall),
    confusion: { classIds: [...after.objectIds], cells: counts.map((row) => [...row]) },
  };
}

function* madeAsRead<Item, Made>(items: Iterable<Item>, make: (item: Item) => Made): Generator<Made> {
  for (const item of items) yield make(item);
}

/** An adjudicator is taken to be at a dispute for so long after their page last said so. */
const AT_WORK_MS = 60_000;

/** Who else is deciding here now; the person is one who may decide. */
export async function othersAt(
  { db }: Pick<World, "db">,
  { personId }: Pick<Caller, "personId">,
  roundId: RoundId,
  slideId: SlideId,
  now: Date,
): Promise<ConsensusView["others"]> {
  const since = new Date(now.getTime() - AT_WORK_MS);
  const places = await disputePlacesSince(db, { roundId, slideId }, since);
  return places.filter(({ person }) => person.id !== personId);
}

function agreementOf({ percentAgreement, fleiss, alpha, ac1 }: Agreement): ConsensusView["overall"] {
  return { percentAgreement, fleiss, alpha, ac1 };
}

/** @param decidedClass the class of what a decision wrote, null where it wrote nothing */
function toDispute(
  standing: DisputeStanding,
  order: ReadonlyMap<string, number>,
  decidedClass: ReadonlyMap<string, ClassId>,
): Omit<DisputeView, "mayDecide"> {
  const { dispute, decision, outOfDate } = standing;
  const { key, basis, kind, geometry, bbox, areaPx, areaUm2, votes, majority, verdict, spread, score } = dispute;
  return {
    key,
    basis,
    kind,
    geometry,
    bbox: [bbox.minX, bbox.minY, bbox.maxX, bbox.maxY],
    areaPx,
    areaUm2,
    votes: votes.map((vote) => ({
      read: order.get(vote.readerKey) ?? -1,
      classId: vote.classId,
      annotationIds: [...vote.annotationIds],
      waits: vote.waitingIds !== undefined,
    })),
    spread,
    score,
    verdict,
    majority,
    settled: isSettled(standing),
    decision: decision === null ? null : toDecision(decision, outOfDate),
    record: recordAt(standing, decidedClass),
  };
}

/** What the record says at a dispute: what was decided, or what the quorum settled; null where it says nothing (yet). */
export function recordAt(standing: DisputeStanding, decidedClass: ReadonlyMap<string, ClassId>): DisputeView["record"] {
  const { dispute, decision } = standing;
  if (isDecided(standing) && decision !== null) {
    if (decision.method === "exclude" || decision.method === "unresolved") return null;
    return { classId: decidedClass.get(decision.id) ?? null };
  }
  return isSettled(standing) ? { classId: dispute.majority } : null;
}

export function toDecision({ id, method, reason, note, person, at }: Decision, outOfDate: boolean): DecisionView {
  return { id, method, reason, note, person, at: at.toISOString(), outOfDate };
}

/** One line per slide and round that has reads, as far as this person may know. Computes only what is stored or cheap. */
export async function consensusSlides(work: Work, member: Member, projectId: ProjectId): Promise<ConsensusSlide[]> {
  const reads = await readsOf(work.db, { projectId });
  const names = new Map((await slidesOf(work.db, projectId)).map((slide) => [slide.id, slide.name]));
  const lines: ConsensusSlide[] = [];
  for (const { round, slideId } of await roundSlidesOf(work.db, projectId)) {
    const of = reads.filter((read) => read.roundId === round.id && read.slideId === slideId);
    const subject = of.length === 0 ? null : await roundSubject(work, round.id, slideId);
    if (subject === null || !can(member, "consensus.view", subject)) continue;
    const submitted = of.filter((read) => read.state === "submitted").length;
    const computed = submitted < 2 ? null : await consensusWithDecisions(work, round.id, slideId);
    lines.push({
      slideId,
      slideName: names.get(slideId) ?? "",
      roundId: round.id,
      roundName: round.name,
      readsSubmitted: submitted,
      readsTotal: of.length,
      disputes: computed?.standings.length ?? null,
      undecided: computed?.standings.filter((each) => !isSettled(each)).length ?? null,
      percentAgreement: computed?.consensus.overall.percentAgreement ?? null,
      alpha: computed?.consensus.overall.alpha ?? null,
    });
  }
  return lines;
}
