import { asc, eq, inArray, sql } from "drizzle-orm";
import { type LayerId, type PersonId, personId, type TaskId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import type { PersonName } from "./guidelines.ts";
import { newId } from "./new-id.ts";
import { comments, people, threads } from "./schema.ts";

export type ThreadRow = typeof threads.$inferSelect;
export type CommentRow = typeof comments.$inferSelect & { readonly person: PersonName };
export type Thread = ThreadRow & { readonly comments: readonly CommentRow[] };

/** Threads of a layer or of a task, oldest first, each with everything that was said. */
export async function threadsOf(
  db: Db,
  where: { readonly layerId: LayerId } | { readonly taskId: TaskId } | { readonly id: string },
): Promise<Thread[]> {
  const condition =
    "layerId" in where
      ? eq(threads.layerId, where.layerId)
      : "taskId" in where
        ? eq(threads.taskId, where.taskId)
        : eq(threads.id, where.id);
  const rows = await db.select().from(threads).where(condition).orderBy(asc(threads.createdAt), asc(threads.id));
  if (rows.length === 0) return [];
  const said = await db
    .select({ comment: comments, person: { id: people.id, name: people.name, colour: people.colour } })
    .from(comments)
    .innerJoin(people, eq(people.id, comments.personId))
    .where(
      inArray(
        comments.threadId,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(asc(comments.at), asc(comments.id));
  return rows.map((row) => ({
    ...row,
    comments: said
      .filter(({ comment }) => comment.threadId === row.id)
      .map(({ comment, person }) => ({ ...comment, person })),
  }));
}

export async function threadById(db: Db, id: string): Promise<ThreadRow | null> {
  const [row] = await db.select().from(threads).where(eq(threads.id, id));
  return row ?? null;
}

export async function addThread(tx: Db, thread: Omit<typeof threads.$inferInsert, "id">): Promise<ThreadRow> {
  const [row] = await tx
    .insert(threads)
    .values({ id: newId(personId), ...thread })
    .returning();
  if (row === undefined) throw new Error("a thread was not stored");
  return row;
}

/** The thread of a task; two people who speak at once find the same one. */
export async function threadOfTask(tx: Db, thread: Omit<typeof threads.$inferInsert, "id">): Promise<ThreadRow> {
  const [row] = await tx
    .insert(threads)
    .values({ id: newId(personId), ...thread })
    .onConflictDoUpdate({ target: threads.taskId, set: { taskId: sql`excluded.task_id` } })
    .returning();
  if (row === undefined) throw new Error("a thread was not stored");
  return row;
}

export async function addComment(tx: Db, comment: Omit<typeof comments.$inferInsert, "id">): Promise<string> {
  const id = newId(personId);
  await tx.insert(comments).values({ id, ...comment });
  return id;
}

/** Everybody who has said something in a thread. */
export async function speakersOf(tx: Db, threadId: string): Promise<PersonId[]> {
  const rows = await tx
    .selectDistinct({ personId: comments.personId })
    .from(comments)
    .where(eq(comments.threadId, threadId));
  return rows.map((row) => row.personId);
}

/** @param by null where it is opened again */
export async function setResolved(tx: Db, id: string, by: PersonId | null, at: Date): Promise<void> {
  await tx
    .update(threads)
    .set({ resolvedAt: by === null ? null : at, resolvedBy: by })
    .where(eq(threads.id, id));
}
