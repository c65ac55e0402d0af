import { type LayerFacts, layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { readsOf } from "#db/consensus.ts";
import type { PersonName } from "#db/guidelines.ts";
import { peopleById } from "#db/people.ts";
import {
  type CommentRow,
  type PlaceRow,
  placesOf,
  type QuestionFilter,
  type QuestionRow,
  questionById,
  questionCommentsOf,
  questionsOf,
} from "#db/questions.ts";
import type { PersonId, ProjectId, QuestionId, RoundId, SlideId } from "#domain/ids.ts";
import { can, type Member, type PlaceSubject, type QuestionSubject, type RoundSubject } from "#domain/permissions.ts";
import { requireMember } from "#server/access.ts";
import type { GuidelineQuestion } from "#server/api/schemas/questions.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";

/** A question that the caller may see; foreign, hidden and absent are one answer. */
export type SeenQuestion = {
  readonly question: QuestionRow;
  readonly member: Member;
  readonly subject: QuestionSubject;
};

/** @throws AppError not-found */
export async function requireQuestion(db: Db, caller: Caller, questionId: QuestionId): Promise<SeenQuestion> {
  const question = await questionById(db, questionId);
  if (question === null) throw new AppError("not-found", { questionId });
  const member = await requireMember(db, caller, question.projectId, { questionId });
  const { subject } = await wholeQuestion(db, question);
  if (!can(member, "question.see", subject)) throw new AppError("not-found", { questionId });
  return { question, member, subject };
}

/** What permissions need to know about a question, also for the audience of a message about it. */
export async function questionSubject(db: Db, question: QuestionRow): Promise<QuestionSubject> {
  return (await wholeQuestion(db, question)).subject;
}

/** Questions that the member may see, the one changed last first; of each what they may see. */
export async function questionsFor(db: Db, member: Member, filter: QuestionFilter = {}): Promise<GuidelineQuestion[]> {
  const rows = await questionsOf(db, member.projectId, filter);
  return shown(db, member, await wholeQuestions(db, member.projectId, rows));
}

/** One question as this member may see it. @throws AppError not-found */
export async function questionFor(db: Db, member: Member, questionId: QuestionId): Promise<GuidelineQuestion> {
  const question = await questionById(db, questionId);
  const found = question === null ? [] : await shown(db, member, [await wholeQuestion(db, question)]);
  const [only] = found;
  if (only === undefined) throw new AppError("not-found", { questionId });
  return only;
}

/** A place as permissions see it. */
type KnownPlace = { readonly row: PlaceRow; readonly subject: PlaceSubject };
type WholeQuestion = {
  readonly question: QuestionRow;
  readonly subject: QuestionSubject;
  readonly places: readonly KnownPlace[];
};

async function wholeQuestion(db: Db, question: QuestionRow): Promise<WholeQuestion> {
  const [whole] = await wholeQuestions(db, question.projectId, [question]);
  if (whole === undefined) throw new Error("a question was lost");
  return whole;
}

async function wholeQuestions(
  db: Db,
  projectId: ProjectId,
  rows: readonly QuestionRow[],
): Promise<readonly WholeQuestion[]> {
  if (rows.length === 0) return [];
  const places = await placesOf(
    db,
    rows.map(({ id }) => id),
  );
  const subjectOf = placeSubjects(projectId, await layerFacts(db, { projectId }), await readsOf(db, { projectId }));
  return rows.map((question) => {
    const own = places
      .filter(({ questionId }) => questionId === question.id)
      .map((row) => ({ row, subject: subjectOf(row) }));
    const subject = { projectId, askedBy: question.askedBy, places: own.map((place) => place.subject) };
    return { question, subject, places: own };
  });
}

/** A dispute of a round whose reads are gone belongs to a round that nobody may look into. */
function placeSubjects(
  projectId: ProjectId,
  facts: readonly LayerFacts[],
  reads: Awaited<ReturnType<typeof readsOf>>,
): (place: PlaceRow) => PlaceSubject {
  const layers = new Map(facts.map((each) => [each.layerId, each.subject]));
  const blind = new Map(facts.map((each) => [each.slideId, each.subject.slideBlindReaderIds]));
  const roundOf = (roundId: RoundId, slideId: SlideId): RoundSubject => {
    const read = reads.find((each) => each.roundId === roundId && each.slideId === slideId);
    const layer = read === undefined ? undefined : layers.get(read.layerId);
    const { unblinded = false, roundReaderIds = [], slideBlindReaderIds = [] } = layer ?? {};
    return { projectId, unblinded, roundReaderIds, slideBlindReaderIds };
  };
  return ({ addedBy, layerId, roundId, slideId }) => ({
    projectId,
    addedBy,
    slideBlindReaderIds: blind.get(slideId) ?? [],
    placeLayer: layerId === null ? null : (layers.get(layerId) ?? null),
    placeRound: roundId === null ? null : roundOf(roundId, slideId),
  });
}

async function shown(db: Db, member: Member, wholes: readonly WholeQuestion[]): Promise<GuidelineQuestion[]> {
  const seen = wholes.filter(({ subject }) => can(member, "question.see", subject));
  const comments = await questionCommentsOf(
    db,
    seen.map(({ question }) => question.id),
  );
  const names = await peopleById(db, [
    ...new Set([...seen.flatMap(peopleIn), ...comments.map((each) => each.personId)]),
  ]);
  return seen.map((whole) => {
    const said = comments.filter(({ questionId }) => questionId === whole.question.id);
    return toQuestion(member, whole, said, names);
  });
}

function peopleIn({ question, places }: WholeQuestion): PersonId[] {
  const settled = question.settledBy === null ? [] : [question.settledBy];
  return [question.askedBy, ...settled, ...places.map(({ row }) => row.addedBy)];
}

function toQuestion(
  member: Member,
  { question, places }: WholeQuestion,
  comments: readonly CommentRow[],
  names: ReadonlyMap<PersonId, PersonName>,
): GuidelineQuestion {
  const unnamed = new Set(places.filter(({ subject: each }) => isUnnamed(member, each)).map(({ row }) => row.addedBy));
  const nameOf = (id: PersonId | null): PersonName | null => {
    const person = id === null || unnamed.has(id) ? undefined : names.get(id);
    return person === undefined ? null : { id: person.id, name: person.name, colour: person.colour };
  };
  const visible = places.filter((place) => can(member, "question.place", place.subject));
  const isPartial = visible.length < places.length;
  const mine = comments.filter(({ personId }) => !isPartial || personId === member.personId);
  const { id, title, state, classId, otherClassId, answer, draftClassId, publishedIn, revision } = question;
  return {
    ...{ id, title, state, classId, otherClassId, answer, draftClassId, publishedIn, revision, isPartial },
    askedBy: nameOf(question.askedBy),
    askedAt: question.askedAt.toISOString(),
    settledBy: nameOf(question.settledBy),
    // When others added to it is part of what a blind reader must not learn.
    updatedAt: (isPartial ? question.askedAt : question.updatedAt).toISOString(),
    places: visible.map(({ row }) => toPlace(row, nameOf(row.addedBy))),
    comments: mine.map((each) => ({
      id: each.id,
      person: nameOf(each.personId),
      text: each.text,
      at: each.at.toISOString(),
    })),
  };
}

/** Whoever judges what was drawn does not learn by a question who drew it. */
function isUnnamed(member: Member, { addedBy, placeLayer }: PlaceSubject): boolean {
  return placeLayer !== null && placeLayer.readerId === addedBy && !can(member, "layer.reader", placeLayer);
}

function toPlace(row: PlaceRow, addedBy: PersonName | null): GuidelineQuestion["places"][number] {
  const { id, box, layerId, annotationId, roundId, disputeKey, taskId, reason, note } = row;
  const hash = row.slideHash.slice(0, 16);
  return {
    ...{ id, box, layerId, annotationId, roundId, disputeKey, taskId, reason, note, addedBy },
    slide: { id: row.slideId, name: row.slideName, hash, width: row.slideWidth, height: row.slideHeight },
    addedAt: row.addedAt.toISOString(),
  };
}
