import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { type ReadRow, type WholeRound, type WorklistRow, wholeRounds, worklistOf } from "#db/rounds.ts";
import type { LayerId, PersonId, RoundId, SlideId } from "#domain/ids.ts";
import { can, type Member, type RoundSubject } from "#domain/permissions.ts";
import { readingOrder } from "#domain/round.ts";
import { requireMember } from "#server/access.ts";
import type { Round, WorklistItem } from "#server/api/schemas/rounds.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { tileBase } from "./slides.ts";
import { untestedReads } from "./untested-reads.ts";

/** Rounds of the member's project, newest first, each with what this person may know of it. */
export async function roundsFor(db: Db, member: Member): Promise<Round[]> {
  const rounds = await wholeRounds(db, { projectId: member.projectId });
  const known = { ...(await knowledgeOf(db, member)), rounds };
  return rounds.map((round) => shownRound(member, round, known));
}

/** One round as this person may know it. */
export async function roundFor(db: Db, member: Member, roundId: RoundId): Promise<Round> {
  const rounds = await wholeRounds(db, { projectId: member.projectId });
  const round = rounds.find((each) => each.round.id === roundId);
  if (round === undefined) throw new AppError("not-found", { roundId });
  return shownRound(member, round, { ...(await knowledgeOf(db, member)), rounds });
}

/** Who reads which slide blind, and which of their own reads are kept from the person while they repeat them. */
type Knowledge = {
  readonly blind: ReadonlyMap<SlideId, readonly PersonId[]>;
  readonly hidden: ReadonlySet<LayerId>;
  readonly untested: Awaited<ReturnType<typeof untestedReads>>;
};

async function knowledgeOf(db: Db, member: Member): Promise<Knowledge> {
  const facts = await layerFacts(db, { projectId: member.projectId });
  const own = facts.filter(({ subject }) => subject.readerId === member.personId);
  return {
    blind: new Map(facts.map(({ slideId, subject }) => [slideId, subject.slideBlindReaderIds])),
    untested: await untestedReads(db, member),
    hidden: new Set(own.filter(({ subject }) => !can(member, "layer.see", subject)).map(({ layerId }) => layerId)),
  };
}

/** A round of a project that the caller is a member of; foreign and absent are one answer. */
export async function requireRound(
  db: Db,
  caller: Caller,
  roundId: RoundId,
): Promise<{ readonly whole: WholeRound; readonly member: Member }> {
  const [whole] = await wholeRounds(db, { roundId });
  if (whole === undefined) throw new AppError("not-found", { roundId });
  return { whole, member: await requireMember(db, caller, whole.round.projectId, { roundId }) };
}

/** What permissions need to know about a round. */
export function roundSubject({ round, readers, reads }: WholeRound): RoundSubject {
  return {
    projectId: round.projectId,
    unblinded: round.mode !== "blind" || round.unblindedAt !== null,
    roundReaderIds: readers.map(({ id }) => id),
    allSubmitted: reads.every(({ state }) => state === "submitted"),
  };
}

/**
 * The same for unblinding it: with who reads its slides blind elsewhere.
 * @param rounds all of its project
 */
export function unblindSubject(whole: WholeRound, rounds: readonly WholeRound[]): RoundSubject {
  const slideIds = new Set(whole.slides.map(({ id }) => id));
  const others = rounds.filter(
    ({ round }) => round.id !== whole.round.id && round.mode === "blind" && round.unblindedAt === null,
  );
  const reads = others.flatMap((other) => other.reads).filter(({ slideId }) => slideIds.has(slideId));
  const readersOf = (some: readonly ReadRow[]) => [...new Set(some.flatMap(({ readerId }) => readerId ?? []))];
  const open = reads.filter(({ state }) => state === "open");
  return { ...roundSubject(whole), elsewhere: { blindIds: readersOf(reads), openIds: readersOf(open) } };
}

/** Own reads in the reader's own order, round by round; team layers of rounds the person takes part in among them. */
export async function worklistFor(db: Db, member: Member): Promise<WorklistItem[]> {
  const rows = await worklistOf(db, member.projectId, member.personId);
  const facts = await layerFacts(db, { projectId: member.projectId });
  const visible = new Set(
    facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId),
  );
  const seen = rows.filter(({ layerId }) => visible.has(layerId));
  return byRound(seen).flatMap((group) => inReadingOrder(group, member.personId).map(toWorklistItem));
}

function shownRound(
  member: Member,
  whole: WholeRound,
  { blind, hidden, untested, rounds }: Knowledge & { readonly rounds: readonly WholeRound[] },
): Round {
  const { round, createdBy, readers, reads } = whole;
  const subject = roundSubject(whole);
  const knowsReaders = can(member, "round.progress", subject);
  const isOwn = (read: ReadRow): boolean => read.readerId === member.personId;
  const mayKnow = (read: ReadRow): boolean => {
    if (isOwn(read)) return !hidden.has(read.id);
    return can(member, "round.progress", { ...subject, slideBlindReaderIds: blind.get(read.slideId) ?? [] });
  };
  const known = reads.filter(mayKnow);
  const knowsRepeats = (read: ReadRow): boolean => knowsReaders && (subject.unblinded || !isOwn(read));
  return {
    id: round.id,
    name: round.name,
    mode: round.mode,
    purpose: round.purpose,
    guidelineNumber: round.guidelineNumber,
    createdAt: round.createdAt.toISOString(),
    createdBy,
    unblindedAt: round.unblindedAt?.toISOString() ?? null,
    unblinds: can(member, "round.unblind", { ...unblindSubject(whole, rounds), allSubmitted: true }),
    slides: slidesFor(member, whole, known, { knowsReaders, hidden }),
    readers: readers.filter(({ id }) => knowsReaders || id === member.personId),
    reads: known.map((read) => ({
      slideId: read.slideId,
      readerId: read.readerId,
      layerId: read.id,
      state: read.state,
      submittedAt: read.submittedAt?.toISOString() ?? null,
      repeat: knowsRepeats(read) && read.purpose === "repeat",
      untested: untested(read),
    })),
    repeats: knowsReaders ? known.filter((read) => read.purpose === "repeat" && knowsRepeats(read)).length : null,
  };
}

/**
 * Slides of a round that a person may know of: not those that are only somebody else's repeat, and not one whose own read
 * they are repeating, since a line without their read would say as much.
 */
function slidesFor(
  member: Member,
  { slides, reads }: WholeRound,
  known: readonly ReadRow[],
  { knowsReaders, hidden }: { readonly knowsReaders: boolean; readonly hidden: ReadonlySet<LayerId> },
): Round["slides"] {
  const shown = slides.filter(({ id }) => {
    const on = reads.filter((read) => read.slideId === id);
    if (on.some((read) => read.readerId === member.personId && hidden.has(read.id))) return false;
    if (knowsReaders || on.some((read) => read.purpose === "work")) return true;
    return known.some((read) => read.slideId === id);
  });
  return shown.map(({ id, name, caseName }) => ({ id, name, caseName }));
}

function byRound(rows: readonly WorklistRow[]): WorklistRow[][] {
  const groups = new Map<RoundId, WorklistRow[]>();
  for (const row of rows) groups.set(row.round.id, [...(groups.get(row.round.id) ?? []), row]);
  return [...groups.values()];
}

function inReadingOrder(rows: readonly WorklistRow[], readerId: PersonId): WorklistRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const order = readingOrder(
    rows.map(({ slide }) => slide.id),
    readerId,
    first.round.seed,
  );
  return order.flatMap((slideId) => rows.filter(({ slide }) => slide.id === slideId));
}

function toWorklistItem({ layerId, slide, round, state, annotations }: WorklistRow): WorklistItem {
  return {
    layerId,
    slideId: slide.id,
    slideName: slide.name,
    caseName: slide.caseName,
    thumbnailUrl: `${tileBase(slide)}/thumbnail`,
    round: { id: round.id, name: round.name, mode: round.mode },
    state,
    annotations,
  };
}
