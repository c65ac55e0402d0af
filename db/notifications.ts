import { and, desc, eq, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { type PersonId, personId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { newId } from "./new-id.ts";
import { notifications, people, projects, slides } from "./schema.ts";

export type NotificationRow = typeof notifications.$inferSelect;
export type NewNotification = Pick<NotificationRow, "projectId" | "personId" | "kind"> &
  Partial<
    Pick<NotificationRow, "actorId" | "slideId" | "layerId" | "taskId" | "threadId" | "roundId" | "count" | "note">
  >;
/** A notification with the names of what it is about, whoever may know them. */
export type NotificationCard = NotificationRow & {
  readonly projectName: string;
  readonly slideName: string | null;
  readonly actorName: string | null;
};

/** Nobody is notified of what they did themselves. */
export async function addNotifications(tx: Db, wanted: readonly NewNotification[], at: Date): Promise<void> {
  const rows = wanted
    .filter(({ actorId, personId: to }) => actorId !== to)
    .map((each) => ({ ...each, id: newId(personId), at }));
  for (let from = 0; from < rows.length; from += 1_000) {
    await tx.insert(notifications).values(rows.slice(from, from + 1_000));
  }
}

/**
 * A person's notifications of all projects that they are in, newest first.
 * @param page.before only those that are older than the one with this id
 */
export async function notificationsOf(
  db: Db,
  person: PersonId,
  page: { readonly before?: string | undefined; readonly unread: boolean; readonly limit: number },
): Promise<NotificationCard[]> {
  const rows = await db
    .select({ row: notifications, projectName: projects.name, slideName: slides.name, actorName: people.name })
    .from(notifications)
    .innerJoin(projects, eq(projects.id, notifications.projectId))
    .leftJoin(slides, eq(slides.id, notifications.slideId))
    .leftJoin(people, eq(people.id, notifications.actorId))
    .where(
      and(
        eq(notifications.personId, person),
        page.unread ? isNull(notifications.readAt) : undefined,
        page.before === undefined ? undefined : isOlderThan(page.before),
      ),
    )
    .orderBy(desc(notifications.at), desc(notifications.id))
    .limit(page.limit);
  return rows.map(({ row, ...names }) => ({ ...row, ...names }));
}

/** @param ids those to mark; null for all. What belongs to somebody else stays as it is. */
export async function markRead(tx: Db, person: PersonId, ids: readonly string[] | null, at: Date): Promise<void> {
  await tx
    .update(notifications)
    .set({ readAt: at })
    .where(
      and(
        eq(notifications.personId, person),
        isNull(notifications.readAt),
        ids === null ? undefined : inArray(notifications.id, [...ids]),
      ),
    );
}

function isOlderThan(id: string): SQL | undefined {
  const place = sql`(select at from notifications where id = ${id})`;
  return or(lt(notifications.at, place), and(eq(notifications.at, place), lt(notifications.id, id)));
}
