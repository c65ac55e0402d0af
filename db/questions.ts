import { and, asc, desc, eq, inArray, or, type SQL, sql } from "drizzle-orm";
import type { ClassId, PersonId, ProjectId, QuestionId } from "#domain/ids.ts";
import type { QuestionState } from "#domain/question.ts";
import type { Db } from "./client.ts";
import { type OutlineAt, outlineKey, outlinesAt } from "./outline-at.ts";
import { questionComments, questionPlaces, questions, slides } from "./schema.ts";

export type QuestionRow = typeof questions.$inferSelect;
export type PlaceRow = typeof questionPlaces.$inferSelect & {
  readonly slideName: string;
  readonly slideHash: string;
  readonly slideWidth: number;
  readonly slideHeight: number;
};
export type CommentRow = typeof questionComments.$inferSelect;

export type QuestionFilter = {
  readonly state?: QuestionState | undefined;
  /** One of its two classes. */
  readonly classId?: ClassId | undefined;
};

export async function addQuestion(tx: Db, question: typeof questions.$inferInsert): Promise<void> {
  await tx.insert(questions).values(question);
}

/** @returns false where the question has that place already */
export async function addPlace(tx: Db, place: typeof questionPlaces.$inferInsert): Promise<boolean> {
  const added = await tx
    .insert(questionPlaces)
    .values(place)
    .onConflictDoNothing({ target: [questionPlaces.questionId, questionPlaces.placeKey] })
    .returning({ id: questionPlaces.id });
  return added.length === 1;
}

export async function addQuestionComment(tx: Db, comment: typeof questionComments.$inferInsert): Promise<void> {
  await tx.insert(questionComments).values(comment);
}

/** Questions of a project, the one changed last first. */
export async function questionsOf(db: Db, projectId: ProjectId, filter: QuestionFilter = {}): Promise<QuestionRow[]> {
  return db
    .select()
    .from(questions)
    .where(and(eq(questions.projectId, projectId), matches(filter)))
    .orderBy(desc(questions.updatedAt), asc(questions.id));
}

export async function questionById(db: Db, id: QuestionId): Promise<QuestionRow | null> {
  const [row] = await db.select().from(questions).where(eq(questions.id, id));
  return row ?? null;
}

/** A question, held until the transaction ends: what is decided about it comes one after another. */
export async function lockQuestion(tx: Db, id: QuestionId): Promise<QuestionRow | null> {
  const [row] = await tx.select().from(questions).where(eq(questions.id, id)).for("no key update");
  return row ?? null;
}

/** Changes a held question and counts its revision up. */
export async function changeQuestion(
  tx: Db,
  id: QuestionId,
  change: Partial<Pick<QuestionRow, "state" | "answer" | "draftClassId" | "publishedIn" | "settledBy">>,
  at: Date,
): Promise<void> {
  await tx
    .update(questions)
    .set({ ...change, revision: sql`${questions.revision} + 1`, updatedAt: at })
    .where(eq(questions.id, id));
}

/** A place or a comment was added: it comes to the top, and nobody's view of its state is out of date. */
export async function touchQuestion(tx: Db, id: QuestionId, at: Date): Promise<void> {
  await tx.update(questions).set({ updatedAt: at }).where(eq(questions.id, id));
}

/** Places of these questions, oldest first, with what a picture of them needs. */
export async function placesOf(db: Db, ids: readonly QuestionId[]): Promise<PlaceRow[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ place: questionPlaces, name: slides.name, hash: slides.contentHash, meta: slides.meta })
    .from(questionPlaces)
    .innerJoin(slides, eq(slides.id, questionPlaces.slideId))
    .where(inArray(questionPlaces.questionId, [...ids]))
    .orderBy(asc(questionPlaces.addedAt), asc(questionPlaces.id));
  return rows.map(({ place, name, hash, meta }) => ({
    ...place,
    slideName: name,
    slideHash: hash,
    slideWidth: meta.width,
    slideHeight: meta.height,
  }));
}

export async function questionCommentsOf(db: Db, ids: readonly QuestionId[]): Promise<CommentRow[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(questionComments)
    .where(inArray(questionComments.questionId, [...ids]))
    .orderBy(asc(questionComments.at), asc(questionComments.id));
}

/** The draft that questions became a part of was published: they are answered by that version. */
export async function publishQuestions(
  tx: Db,
  projectId: ProjectId,
  published: { readonly number: number; readonly personId: PersonId; readonly at: Date },
): Promise<void> {
  const { number, personId, at } = published;
  await tx
    .update(questions)
    .set({
      state: "answered",
      publishedIn: number,
      settledBy: personId,
      revision: sql`${questions.revision} + 1`,
      updatedAt: at,
    })
    .where(inDraft(projectId));
}

/** The draft was thrown away: what it would have answered is open again. */
export async function reopenDraftQuestions(tx: Db, projectId: ProjectId, at: Date): Promise<void> {
  await tx
    .update(questions)
    .set({ state: "open", draftClassId: null, revision: sql`${questions.revision} + 1`, updatedAt: at })
    .where(inDraft(projectId));
}

function inDraft(projectId: ProjectId): SQL | undefined {
  return and(eq(questions.projectId, projectId), eq(questions.state, "became-draft-change"));
}

function matches({ state, classId }: QuestionFilter): SQL | undefined {
  return and(
    state === undefined ? undefined : eq(questions.state, state),
    classId === undefined ? undefined : or(eq(questions.classId, classId), eq(questions.otherClassId, classId)),
  );
}

/** The newest question about each of these annotations, by `outlineKey`. */
export async function questionsAbout(db: Db, outlines: readonly OutlineAt[]): Promise<Map<string, QuestionId>> {
  if (outlines.length === 0) return new Map();
  const { rows } = await db.execute<OutlineAt & { readonly questionId: QuestionId }>(sql`
    select p.layer_id "layerId", p.annotation_id id, p.question_id "questionId" from question_places p
    where (p.layer_id, p.annotation_id) in (select * from ${outlinesAt(outlines)}) order by p.added_at`);
  return new Map(rows.map((row) => [outlineKey(row), row.questionId]));
}
