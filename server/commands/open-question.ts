import { annotationRow } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { membersOf } from "#db/projects.ts";
import { addPlace, addQuestion, addQuestionComment, questionById, touchQuestion } from "#db/questions.ts";
import { slideById } from "#db/slides.ts";
import { type ClassId, type ProjectId, personId, type QuestionId, questionId, type SlideId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { type Place, type PlaceInput, placeSchema } from "#domain/question.ts";
import { allow, requireLayer, requireRole } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireConsensus } from "#server/queries/consensus.ts";
import { questionSubject, requireQuestion } from "#server/queries/questions.ts";
import type { Caller } from "#server/session.ts";

type Work = Pick<World, "db" | "events" | "now">;

export type NewQuestion = {
  readonly title: string;
  readonly classId?: ClassId | null;
  readonly otherClassId?: ClassId | null;
  readonly place?: PlaceInput | null;
  /** Further places, in the order in which they are kept. */
  readonly places?: readonly PlaceInput[];
};

/** A place with its box and slide, as it is stored. */
type StoredPlace = Omit<Parameters<typeof addPlace>[1], "id" | "questionId" | "addedBy" | "addedAt">;

/**
 * Asks what the guideline leaves open, from outlines, disputes, regions, or from nowhere in particular; all or nothing.
 * @throws AppError not-found where the caller may not see the place, not-allowed, outline-off-slide
 */
export async function openQuestion(
  work: Work,
  caller: Caller,
  projectId: ProjectId,
  asked: NewQuestion,
): Promise<QuestionId> {
  await requireRole(work.db, caller, projectId, "question.ask");
  const places: StoredPlace[] = [];
  for (const place of [...(asked.place ? [asked.place] : []), ...(asked.places ?? [])]) {
    places.push(await storedPlace(work, caller, projectId, placeSchema.parse(place)));
  }
  const id = newId(questionId);
  const at = work.now();
  const { title, classId = null, otherClassId = null } = asked;
  await work.db.transaction(async (tx) => {
    const made = { id, projectId, title, classId, otherClassId, askedBy: caller.personId };
    await addQuestion(tx, { ...made, askedAt: at, updatedAt: at });
    for (const place of places) {
      const placeId = newId(personId);
      await addPlace(tx, { ...place, id: placeId, questionId: id, addedBy: caller.personId, addedAt: at });
    }
    const detail = { places: places.length, ...(classId === null ? {} : { class: classId }) };
    const entry = { personId: caller.personId, projectId, subject: id, detail };
    await appendAudit(tx, { ...entry, action: "question.asked" });
  });
  await tellQuestion(work, id);
  return id;
}

/**
 * Adds another place where the same question arose. Adding an outline or a dispute again changes nothing.
 * @throws AppError not-found, not-allowed, question-not-open, outline-off-slide
 */
export async function addQuestionPlace(work: Work, caller: Caller, id: QuestionId, added: PlaceInput): Promise<void> {
  const { question, member, subject } = await requireQuestion(work.db, caller, id);
  allow(member, "question.ask", subject);
  if (question.state === "closed") throw new AppError("question-not-open", { state: question.state });
  const place = await storedPlace(work, caller, question.projectId, placeSchema.parse(added));
  const at = work.now();
  const isNew = await work.db.transaction(async (tx) => {
    const placeId = newId(personId);
    const stored = { ...place, id: placeId, questionId: id, addedBy: caller.personId, addedAt: at };
    if (!(await addPlace(tx, stored))) return false;
    await touchQuestion(tx, id, at);
    return true;
  });
  if (isNew) await tellQuestion(work, id);
}

/** Says something about a question, to everybody who may see all of it. @throws AppError not-found, not-allowed */
export async function commentQuestion(work: Work, caller: Caller, id: QuestionId, text: string): Promise<void> {
  const { member, subject } = await requireQuestion(work.db, caller, id);
  allow(member, "question.discuss", subject);
  const at = work.now();
  await work.db.transaction(async (tx) => {
    const commentId = newId(personId);
    await addQuestionComment(tx, { id: commentId, questionId: id, text, personId: caller.personId, at });
    await touchQuestion(tx, id, at);
  });
  await tellQuestion(work, id);
}

/**
 * Tells the open pages of everybody who may see the whole question; with `all` also those who see a part of it, who must
 * not learn from a message what others added.
 */
export async function tellQuestion(
  { db, events }: Work,
  id: QuestionId,
  said: { readonly all: boolean; readonly toast: string | null } = { all: false, toast: null },
): Promise<void> {
  const question = await questionById(db, id);
  if (question === null) return;
  const subject = await questionSubject(db, question);
  const seeing = (await membersOf(db, question.projectId)).filter((member) => can(member, "question.see", subject));
  const told = seeing.filter(
    (member) => said.all || subject.places.every((place) => can(member, "question.place", place)),
  );
  const audience = told.map((member) => member.personId);
  events.tell(question.projectId, audience, { kind: "questions", toast: said.toast });
}

async function storedPlace(work: Work, caller: Caller, projectId: ProjectId, place: Place): Promise<StoredPlace> {
  const { reason, note } = place;
  const common = { reason, note, layerId: null, annotationId: null, roundId: null, disputeKey: null, taskId: null };
  switch (place.kind) {
    case "outline": {
      const { layerId, annotationId, taskId } = place;
      const { subject, slideId } = await requireLayer(work.db, caller, layerId);
      const row = subject.projectId === projectId ? await annotationRow(work.db, layerId, annotationId) : null;
      if (row === null) throw new AppError("not-found", { layerId, annotationId });
      const box: StoredPlace["box"] = [row.minX, row.minY, row.maxX, row.maxY];
      return { ...common, slideId, box, layerId, annotationId, taskId, placeKey: `outline/${layerId}/${annotationId}` };
    }
    case "dispute": {
      const { roundId, slideId, disputeKey, box } = place;
      const { subject } = await requireConsensus(work, caller, roundId, slideId);
      if (subject.projectId !== projectId) throw new AppError("not-found", { roundId, slideId });
      await slideHolding(work, projectId, slideId, box);
      return { ...common, slideId, box, roundId, disputeKey, placeKey: `dispute/${roundId}/${slideId}/${disputeKey}` };
    }
    case "region": {
      const { slideId, box } = place;
      await slideHolding(work, projectId, slideId, box);
      return { ...common, slideId, box, placeKey: `region/${slideId}/${box.map(Math.round).join("_")}` };
    }
    default:
      return place satisfies never;
  }
}

async function slideHolding(
  { db }: Work,
  projectId: ProjectId,
  slideId: SlideId,
  [minX, minY, maxX, maxY]: StoredPlace["box"],
): Promise<void> {
  const slide = await slideById(db, slideId);
  if (slide === null || slide.projectId !== projectId) throw new AppError("not-found", { slideId });
  const { width, height } = slide.meta;
  const touches = minX < width && minY < height && maxX > 0 && maxY > 0;
  if (!touches) throw new AppError("outline-off-slide", { box: [minX, minY, maxX, maxY], width, height });
}
