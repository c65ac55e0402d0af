import { blindReaders, layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { type ReadRow, type WholeRound, type WorklistRow, wholeRounds, worklistOf } from "#db/rounds.ts";
import type { PersonId, RoundId, SlideId } from "#domain/ids.ts";
import { can, type Member, type RoundSubject } from "#domain/permissions.ts";
import { readingOrder } from "#domain/round.ts";
import { requireMember } from "#server/access.ts";
import type { Round, WorklistItem } from "#server/api/schemas/rounds.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { tileBase } from "./slides.ts";

/** Rounds of the member's project, newest first, each with what this person may know of it. */
export async function roundsFor(db: Db, member: Member): Promise<Round[]> {
  const rounds = await wholeRounds(db, { projectId: member.projectId });
  const blind = await blindReaders(db, [...new Set(rounds.flatMap(({ slides }) => slides.map(({ id }) => id)))]);
  return rounds.map((round) => shownRound(member, round, blind));
}

/** One round as this person may know it. */
export async function roundFor(db: Db, member: Member, roundId: RoundId): Promise<Round> {
  const [round] = await wholeRounds(db, { roundId });
  if (round === undefined) throw new AppError("not-found", { roundId });
  const blind = await blindReaders(
    db,
    round.slides.map(({ id }) => id),
  );
  return shownRound(member, round, blind);
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

function shownRound(member: Member, whole: WholeRound, blind: ReadonlyMap<SlideId, readonly PersonId[]>): Round {
  const { round, createdBy, slides, readers, reads } = whole;
  const subject = roundSubject(whole);
  const knowsReaders = can(member, "round.progress", subject);
  const mayKnow = (read: ReadRow): boolean =>
    read.readerId === member.personId ||
    can(member, "round.progress", { ...subject, slideBlindReaderIds: blind.get(read.slideId) ?? [] });
  return {
    id: round.id,
    name: round.name,
    mode: round.mode,
    guidelineNumber: round.guidelineNumber,
    createdAt: round.createdAt.toISOString(),
    createdBy,
    unblindedAt: round.unblindedAt?.toISOString() ?? null,
    slides: slides.map(({ id, name, caseName }) => ({ id, name, caseName })),
    readers: readers.filter(({ id }) => knowsReaders || id === member.personId),
    reads: reads.filter(mayKnow).map(({ id, slideId, readerId, state, submittedAt }) => ({
      slideId,
      readerId,
      layerId: id,
      state,
      submittedAt: submittedAt?.toISOString() ?? null,
    })),
  };
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
