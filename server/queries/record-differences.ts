import type { ClassId, PersonId, RoundId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { boxAround } from "#domain/question.ts";
import { allow } from "#server/access.ts";
import type { RecordDifference, RecordDifferences, RecordQuery } from "#server/api/schemas/record.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { type ComparedSlide, comparedSlides } from "./compared-slides.ts";
import { recordAt } from "./consensus.ts";
import { type DisputeStanding, decidedClasses } from "./decisions.ts";
import { requireRound, roundSubject } from "./rounds.ts";

type Work = Pick<World, "db" | "computation">;

/** A disputed place with what one reader said there and what the record says; null while it says nothing. */
export type PlaceBesideRecord = {
  readonly standing: DisputeStanding;
  readonly read: ClassId | null;
  /** They outlined something there whose class is still to be chosen. */
  readonly waits: boolean;
  readonly record: { readonly classId: string | null } | null;
};

/** The disputed places of a slide that a person has read, each beside the record; none where they did not read it. */
export async function besideRecord(
  work: Work,
  { basis, standings }: Pick<ComparedSlide, "basis" | "standings">,
  readerId: PersonId,
): Promise<PlaceBesideRecord[]> {
  const layerId = basis.reads.find(({ reader }) => reader.id === readerId)?.layerId;
  if (layerId === undefined) return [];
  const decidedClass = await decidedClasses(work, standings, basis.history);
  return standings.flatMap((standing) => {
    const vote = standing.dispute.votes.find(({ readerKey }) => readerKey === layerId);
    if (vote === undefined) return [];
    const { classId: read, waitingIds } = vote;
    return [{ standing, read, waits: waitingIds !== undefined, record: recordAt(standing, decidedClass) }];
  });
}

/** The record says something else there than the reader. */
export function differs({ read, record }: PlaceBesideRecord): boolean {
  return record !== null && record.classId !== read;
}

/**
 * Where the record of a round differs from one person's reads, for them and for leads.
 * @throws AppError not-found, not-allowed: of a blind round, or somebody else's list
 */
export async function recordDifferencesOf(
  work: Work,
  caller: Caller,
  roundId: RoundId,
  { reader: wanted = caller.personId, cursor = 0, limit }: RecordQuery,
): Promise<RecordDifferences> {
  const { whole, member } = await requireRound(work.db, caller, roundId);
  const subject = roundSubject(whole);
  allow(member, "record.compare", { ...subject, comparedId: wanted });
  const reader = whole.readers.find(({ id }) => id === wanted);
  if (reader === undefined) throw new AppError("not-found", { roundId, reader: wanted });
  const places: (PlaceBesideRecord & { readonly compared: ComparedSlide })[] = [];
  for (const compared of await comparedSlides(work, member, whole.round.projectId, { round: roundId })) {
    places.push(...(await besideRecord(work, compared, wanted)).map((place) => ({ ...place, compared })));
  }
  const different = places.filter(differs).sort(worstFirst);
  const items = different.slice(cursor, cursor + limit);
  return {
    round: { id: roundId, name: whole.round.name },
    reader,
    readers: whole.readers.filter(({ id }) => can(member, "record.compare", { ...subject, comparedId: id })),
    compared: places.filter(({ record }) => record !== null).length,
    differing: different.length,
    undecided: places.filter(({ record }) => record === null).length,
    classes: classesOf(places),
    items: items.map(shownDifference),
    nextCursor: cursor + items.length < different.length ? String(cursor + items.length) : null,
  };
}

function worstFirst({ standing: { dispute: a } }: PlaceBesideRecord, { standing: { dispute: b } }: PlaceBesideRecord) {
  return b.score - a.score || (a.key < b.key ? -1 : 1);
}

/** Per class that either names, the one with the most differences first. */
function classesOf(places: readonly PlaceBesideRecord[]): RecordDifferences["classes"] {
  const counts = new Map<string, { same: number; onlyRead: number; onlyRecord: number }>();
  const count = (classId: string | null, what: "same" | "onlyRead" | "onlyRecord") => {
    if (classId === null) return;
    const found = counts.get(classId) ?? { same: 0, onlyRead: 0, onlyRecord: 0 };
    counts.set(classId, { ...found, [what]: found[what] + 1 });
  };
  for (const { read, record } of places) {
    if (record === null) continue;
    if (record.classId === read) count(read, "same");
    else {
      count(read, "onlyRead");
      count(record.classId, "onlyRecord");
    }
  }
  return [...counts]
    .map(([classId, each]) => ({ classId, ...each }))
    .sort((a, b) => b.onlyRead + b.onlyRecord - a.onlyRead - a.onlyRecord || (a.classId < b.classId ? -1 : 1));
}

function shownDifference({
  standing: { dispute, decision, outOfDate },
  read,
  waits,
  record,
  compared,
}: PlaceBesideRecord & { readonly compared: ComparedSlide }): RecordDifference {
  const { slide } = compared.basis;
  const stands = decision !== null && !outOfDate ? decision : null;
  return {
    key: dispute.key,
    slide: {
      id: slide.id,
      name: slide.name,
      hash: slide.contentHash.slice(0, 16),
      width: slide.meta.width,
      height: slide.meta.height,
    },
    box: boxAround(dispute.bbox),
    kind: dispute.kind,
    areaPx: dispute.areaPx,
    areaUm2: dispute.areaUm2,
    read,
    waits,
    record: record?.classId ?? null,
    decision:
      stands === null
        ? null
        : { method: stands.method, reason: stands.reason, note: stands.note, at: stands.at.toISOString() },
  };
}
