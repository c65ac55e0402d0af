import { layerFacts, memberOf } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { threadById } from "#db/comments.ts";
import { type NotificationCard, notificationsOf } from "#db/notifications.ts";
import { wholeRounds } from "#db/rounds.ts";
import { taskById } from "#db/tasks.ts";
import type { RoundId } from "#domain/ids.ts";
import { noticeText } from "#domain/notification.ts";
import { can, type LayerSubject, type Member, type TaskSubject } from "#domain/permissions.ts";
import type { Notification } from "#server/api/schemas/talk.ts";
import type { Caller } from "#server/session.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { roundSubject } from "./rounds.ts";
import { NOBODY } from "./slides.ts";
import { taskSubject } from "./task-subject.ts";

/** More unread ones than this are not counted one by one. */
const COUNTED = 100;

type Page = { readonly cursor?: string | undefined; readonly unread: boolean; readonly limit: number };

/**
 * What the caller should know, newest first, of what they may know now: a notification about a layer that has become
 * invisible to them (they began to read the slide blind), or from a project they left, is not there.
 */
export async function notificationsFor(
  db: Db,
  caller: Caller,
  { cursor, unread, limit }: Page,
): Promise<{ items: Notification[]; nextCursor: string | null }> {
  const cards = await notificationsOf(db, caller.personId, { before: cursor, unread, limit });
  const items: Notification[] = [];
  const eyes = createEyes(db, caller);
  for (const card of cards) {
    const shown = await shownNotification(db, card, eyes);
    if (shown !== null) items.push(shown);
  }
  return { items, nextCursor: cards.length < limit ? null : (cards.at(-1)?.id ?? null) };
}

export async function unreadFor(db: Db, caller: Caller): Promise<number> {
  const { items } = await notificationsFor(db, caller, { unread: true, limit: COUNTED });
  return items.length;
}

/** Membership and subjects, looked up once for a whole list. */
type Eyes = {
  readonly member: (projectId: Member["projectId"]) => Promise<Member | null>;
  readonly layer: (layerId: NonNullable<NotificationCard["layerId"]>) => Promise<LayerSubject | null>;
};

function createEyes(db: Db, { personId }: Caller): Eyes {
  const member = remembering((projectId: Member["projectId"]) => memberOf(db, personId, projectId));
  const layer = remembering(async (layerId: NonNullable<NotificationCard["layerId"]>) => {
    const [facts] = await layerFacts(db, { layerId });
    return facts?.subject ?? null;
  });
  return { member, layer };
}

async function shownNotification(db: Db, card: NotificationCard, eyes: Eyes): Promise<Notification | null> {
  const member = await eyes.member(card.projectId);
  if (member === null) return null;
  if (card.roundId !== null && !(await mayCompare(db, member, card.roundId))) return null;
  const subject = await subjectOf(db, card, eyes);
  if (subject === null) return null;
  if (subject !== "project" && !can(member, "comment.see", subject)) return null;
  const hidden = subject === "project" ? new Set() : hiddenFrom(member, subject);
  const actor = card.actorId === null ? null : hidden.has(card.actorId) ? NOBODY.name : card.actorName;
  const thread = card.threadId === null ? null : await threadById(db, card.threadId);
  return {
    id: card.id,
    kind: card.kind,
    text: noticeText({ kind: card.kind, actor: actor === null ? null : capitalised(actor), count: card.count }),
    note: card.note,
    project: { id: card.projectId, name: card.projectName },
    slide: card.slideId === null ? null : { id: card.slideId, name: card.slideName ?? "" },
    taskId: card.taskId,
    layerId: card.layerId,
    roundId: card.roundId,
    annotationId: thread?.annotationId ?? null,
    at: card.at.toISOString(),
    read: card.readAt !== null,
  };
}

/** A notice of a round leads to where its record differs from one's own reads. */
async function mayCompare(db: Db, member: Member, roundId: RoundId): Promise<boolean> {
  const [whole] = await wholeRounds(db, { roundId });
  if (whole === undefined) return false;
  return can(member, "record.compare", { ...roundSubject(whole), comparedId: member.personId });
}

/** What decides whether it is seen; null where that is gone. */
async function subjectOf(
  db: Db,
  { taskId, layerId }: NotificationCard,
  eyes: Eyes,
): Promise<TaskSubject | LayerSubject | "project" | null> {
  if (taskId !== null) {
    const task = await taskById(db, taskId);
    if (task === null) return null;
    return taskSubject(task, task.layerId === null ? null : await eyes.layer(task.layerId));
  }
  return layerId === null ? "project" : await eyes.layer(layerId);
}

function remembering<Key, Value>(look: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const known = new Map<Key, Promise<Value>>();
  return (key) => {
    const found = known.get(key) ?? look(key);
    known.set(key, found);
    return found;
  };
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
