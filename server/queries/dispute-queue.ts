import type { TaskRow } from "#db/tasks.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import { allow } from "#server/access.ts";
import type { QueuedDispute, QueueQuery, QueueView } from "#server/api/schemas/agreement.ts";
import type { World } from "#server/api/world.ts";
import { disputesOfTask, formerDisputes } from "./adjudication-work.ts";
import { type ComparedSlide, comparedSlides, isUnder, letterOf, readersIn } from "./compared-slides.ts";
import { othersAt } from "./consensus.ts";
import { type DisputeStanding, isSettled } from "./decisions.ts";
import { flaggedBy, NOT_MARKED } from "./flagged-disputes.ts";
import { besideRecord, differs } from "./record-differences.ts";

type Work = Pick<World, "db" | "computation" | "now">;

/**
 * The disputes of a project behind a number of its board, the worst first. Readers count as on the board.
 * @param task the caller may see it; only what it is about is listed
 */
export async function disputeQueue(
  work: Work,
  member: Member,
  projectId: ProjectId,
  query: QueueQuery,
  task: TaskRow | null = null,
): Promise<QueueView> {
  // The places of readers are those of the whole board, whatever part of it is asked for.
  const all = await comparedSlides(work, member, projectId, { round: query.round });
  const readers = readersIn(all);
  const place = new Map(readers.map(({ id }, index) => [id, index]));
  const named = all.length > 0 && all.every((each) => each.named);
  const ofTask = await within(work, task);
  const isFlagged = await flaggedBy(work, projectId, all, query);
  const lines: QueuedDispute[] = [];
  for (const compared of all.filter((each) => isWithin(each, query))) {
    const differing = await differingFrom(work, member, compared, query.differs);
    const standings = ofTask(compared).filter((each) => differing?.has(each) ?? true);
    lines.push(
      ...standings
        .filter((standing) => isFlagged(compared, standing))
        .map((standing) => queued(compared, standing, place))
        .filter((line) => isAsked(line, query)),
    );
  }
  lines.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
  const from = query.cursor ?? 0;
  const items = lines.slice(from, from + query.limit);
  return {
    items,
    nextCursor: from + items.length < lines.length ? String(from + items.length) : null,
    total: lines.length,
    readers: readers.map((reader, index) => ({ label: letterOf(index), reader: named ? reader : null })),
    others: await othersIn(work, member, all, items),
    slides: [
      ...new Map(all.map(({ basis }) => [basis.slide.id, { id: basis.slide.id, name: basis.slide.name }])).values(),
    ],
  };
}

function isWithin({ round, basis }: ComparedSlide, { slide, version }: QueueQuery): boolean {
  return (slide ?? basis.slide.id) === basis.slide.id && isUnder(round, version);
}

/** Who else is at one of the items, where the member decides too. */
async function othersIn(
  work: Work,
  member: Member,
  all: readonly ComparedSlide[],
  items: readonly QueuedDispute[],
): Promise<QueueView["others"]> {
  const shown = new Set(items.map(({ slideId, key }) => `${slideId} ${key}`));
  const others: QueueView["others"][number][] = [];
  for (const { round, basis, subject } of all) {
    const { id: slideId } = basis.slide;
    const isShown = items.some((item) => item.slideId === slideId && item.roundId === round.id);
    if (!isShown || !can(member, "consensus.adjudicate", subject)) continue;
    const places = await othersAt(work, member, round.id, slideId, work.now());
    others.push(
      ...places
        .filter(({ disputeKey }) => shown.has(`${slideId} ${disputeKey}`))
        .map((place) => ({ ...place, roundId: round.id, slideId })),
    );
  }
  return others;
}

/** Of the disputes of a slide those that a task is about; without a task all. */
async function within(
  { db }: Work,
  task: TaskRow | null,
): Promise<(compared: ComparedSlide) => readonly DisputeStanding[]> {
  if (task === null) return ({ standings }) => standings;
  const { scope, slideId } = task;
  if (scope.kind !== "adjudication") return () => [];
  const former = await formerDisputes(db, scope);
  return ({ round, basis, standings }) => {
    const isHere = basis.slide.id === slideId && (scope.roundId ?? round.id) === round.id;
    return isHere ? disputesOfTask(scope, standings, former) : [];
  };
}

/** Where the record says something else than a reader; null where nobody is asked for. @throws AppError not-allowed */
async function differingFrom(
  work: Work,
  member: Member,
  compared: ComparedSlide,
  reader: PersonId | undefined,
): Promise<ReadonlySet<DisputeStanding> | null> {
  if (reader === undefined) return null;
  allow(member, "record.compare", { ...compared.subject, comparedId: reader });
  const places = await besideRecord(work, compared, reader);
  return new Set(places.filter(differs).map(({ standing }) => standing));
}

function queued(
  { round, basis }: ComparedSlide,
  standing: DisputeStanding,
  place: ReadonlyMap<string, number>,
): QueuedDispute {
  const { dispute, decision, outOfDate } = standing;
  const { key, basis: by, kind, areaPx, areaUm2, spread, score, verdict, majority } = dispute;
  const readerOf = new Map(basis.reads.map(({ layerId, reader }) => [String(layerId), place.get(reader.id) ?? 0]));
  return {
    key,
    slideId: basis.slide.id,
    slideName: basis.slide.name,
    roundId: round.id,
    roundName: round.name,
    basis: by,
    kind,
    areaPx,
    areaUm2,
    spread,
    score,
    verdict,
    majority,
    votes: dispute.votes.map(({ readerKey, classId, waitingIds }) => ({
      reader: readerOf.get(readerKey) ?? 0,
      classId,
      waits: waitingIds !== undefined,
    })),
    settled: isSettled(standing),
    decided: decision === null ? null : { method: decision.method, reason: decision.reason, outOfDate },
  };
}

function isAsked(line: QueuedDispute, query: QueueQuery): boolean {
  const { state, kind, class: ofClass, a, b } = query;
  // Of what reliability flags `x` and `y` are not what somebody said.
  const { x, y } = query.flagged === undefined ? query : {};
  if (state === "open" && line.settled) return false;
  if (kind !== undefined && line.kind !== kind) return false;
  const names = (classId: string) => line.votes.some((vote) => vote.classId === classId);
  if (ofClass !== undefined && !names(ofClass)) return false;
  const saidBy = (reader: number) => line.votes.find((vote) => vote.reader === reader);
  if (a !== undefined && b !== undefined) {
    const [first, second] = [saidBy(a), saidBy(b)];
    if (first === undefined || second === undefined || first.classId === second.classId) return false;
    return isPair(first, second, x, y);
  }
  if (b !== undefined) return isAgainstAll(line, saidBy(b), x, y);
  if (x === undefined && y === undefined) return true;
  return line.votes.some((first) => line.votes.some((second) => first !== second && isPair(first, second, x, y)));
}

/** A reader says something else than the readers together, who do say something. */
function isAgainstAll(
  { verdict, majority }: QueuedDispute,
  vote: Vote | undefined,
  x: string | undefined,
  y: string | undefined,
): boolean {
  if (vote === undefined || vote.classId === majority || verdict === "tie" || verdict === "no-consensus") return false;
  return isPair({ classId: majority }, vote, x, y);
}

type Vote = Pick<QueuedDispute["votes"][number], "classId">;

/** The first says x and the second y, where these are asked for. */
function isPair(first: Vote, second: Vote, x: string | undefined, y: string | undefined): boolean {
  return (x === undefined || first.classId === labelOf(x)) && (y === undefined || second.classId === labelOf(y));
}

function labelOf(text: string): string | null {
  return text === NOT_MARKED ? null : text;
}
