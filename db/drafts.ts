import { and, asc, eq, gt, isNull, ne } from "drizzle-orm";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import type { PersonName } from "./guidelines.ts";
import { draftComments, draftEditors, draftReviews, people } from "./schema.ts";

export type DraftCommentRow = typeof draftComments.$inferSelect;
export type DraftReviewRow = typeof draftReviews.$inferSelect;
export type DraftEditor = PersonName & { readonly place: string | null };

const person = { id: people.id, name: people.name, colour: people.colour };

export async function addDraftComment(tx: Db, comment: typeof draftComments.$inferInsert): Promise<void> {
  await tx.insert(draftComments).values(comment);
}

/** @returns false where the draft at hand has no such comment */
export async function resolveDraftComment(
  tx: Db,
  comment: { readonly id: string; readonly projectId: ProjectId },
  resolved: { readonly by: PersonId; readonly at: Date } | null,
): Promise<boolean> {
  const rows = await tx
    .update(draftComments)
    .set({ resolvedAt: resolved?.at ?? null, resolvedBy: resolved?.by ?? null })
    .where(
      and(
        eq(draftComments.id, comment.id),
        eq(draftComments.projectId, comment.projectId),
        isNull(draftComments.endedAt),
      ),
    )
    .returning({ id: draftComments.id });
  return rows.length === 1;
}

/** Comments on the draft at hand, oldest first. */
export async function draftCommentsOf(
  db: Db,
  projectId: ProjectId,
): Promise<(DraftCommentRow & { readonly person: PersonName })[]> {
  const rows = await db
    .select({ comment: draftComments, person })
    .from(draftComments)
    .innerJoin(people, eq(people.id, draftComments.personId))
    .where(and(eq(draftComments.projectId, projectId), isNull(draftComments.endedAt)))
    .orderBy(asc(draftComments.at), asc(draftComments.id));
  return rows.map((row) => ({ ...row.comment, person: row.person }));
}

export async function addDraftReview(tx: Db, review: typeof draftReviews.$inferInsert): Promise<void> {
  await tx.insert(draftReviews).values(review);
}

/** What was said about the draft at hand as a whole, oldest first. */
export async function draftReviewsOf(
  db: Db,
  projectId: ProjectId,
): Promise<(DraftReviewRow & { readonly person: PersonName })[]> {
  const rows = await db
    .select({ review: draftReviews, person })
    .from(draftReviews)
    .innerJoin(people, eq(people.id, draftReviews.personId))
    .where(and(eq(draftReviews.projectId, projectId), isNull(draftReviews.endedAt)))
    .orderBy(asc(draftReviews.at), asc(draftReviews.id));
  return rows.map((row) => ({ ...row.review, person: row.person }));
}

/** The draft was published or thrown away: what was said about it is history and counts for no other draft. */
export async function endDraftTalk(tx: Db, projectId: ProjectId, endedAt: Date): Promise<void> {
  for (const table of [draftComments, draftReviews]) {
    await tx
      .update(table)
      .set({ endedAt })
      .where(and(eq(table.projectId, projectId), isNull(table.endedAt)));
  }
  await tx.delete(draftEditors).where(eq(draftEditors.projectId, projectId));
}

/** Says where in the draft somebody is. @returns the place where they were before; null for nowhere */
export async function seenEditing(
  tx: Db,
  editor: { readonly projectId: ProjectId; readonly personId: PersonId; readonly place: string | null },
  seenAt: Date,
): Promise<string | null> {
  const { projectId, personId, place } = editor;
  const [before] = await tx
    .select({ place: draftEditors.place })
    .from(draftEditors)
    .where(and(eq(draftEditors.projectId, projectId), eq(draftEditors.personId, personId)));
  await tx
    .insert(draftEditors)
    .values({ projectId, personId, place, seenAt })
    .onConflictDoUpdate({ target: [draftEditors.projectId, draftEditors.personId], set: { place, seenAt } });
  return before?.place ?? null;
}

/** Others who were seen in the draft since. */
export async function editorsOf(
  db: Db,
  projectId: ProjectId,
  { but, since }: { readonly but: PersonId; readonly since: Date },
): Promise<DraftEditor[]> {
  return db
    .select({ ...person, place: draftEditors.place })
    .from(draftEditors)
    .innerJoin(people, eq(people.id, draftEditors.personId))
    .where(and(eq(draftEditors.projectId, projectId), ne(draftEditors.personId, but), gt(draftEditors.seenAt, since)))
    .orderBy(asc(people.name), asc(people.id));
}
