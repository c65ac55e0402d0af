import { annotationRow } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addComment, addThread, setResolved, speakersOf, type ThreadRow, threadOfTask } from "#db/comments.ts";
import { addNotifications, type NewNotification } from "#db/notifications.ts";
import { membersOf } from "#db/projects.ts";
import { slideById } from "#db/slides.ts";
import type { AnnotationId, LayerId, PersonId, ProjectId, SlideId, TaskId } from "#domain/ids.ts";
import type { LayerSubject, TaskSubject } from "#domain/permissions.ts";
import { allow, requireLayer } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireThread } from "#server/queries/comments.ts";
import { requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";

type Said = { readonly text: string; readonly mentions: readonly PersonId[] };
export type LayerComment = Said & {
  readonly threadId?: string | undefined;
  readonly annotationId?: AnnotationId | undefined;
  /** Level-0 px. */
  readonly place?: { readonly x: number; readonly y: number } | undefined;
};

/**
 * Says something about an annotation or a place of a layer, or answers in a thread of it.
 * @returns the thread's id
 * @throws AppError not-found, not-allowed, bad-request, person-not-suitable for a mention of somebody who may not see it
 */
export async function commentOnLayer(
  world: World,
  caller: Caller,
  layerId: LayerId,
  said: LayerComment,
): Promise<string> {
  const { db } = world;
  const { member, subject, slideId } = await requireLayer(db, caller, layerId);
  allow(member, "comment.write", subject);
  if (said.threadId !== undefined) {
    const { thread } = await requireThread(db, caller, said.threadId);
    if (thread.layerId !== layerId) throw new AppError("not-found", { threadId: said.threadId });
    return await store(world, caller, { subject, said, open: async () => thread });
  }
  const about = await placeOf(db, layerId, slideId, said);
  const fresh = { projectId: subject.projectId, slideId, layerId, ...about, createdAt: world.now() };
  return await store(world, caller, { subject, said, open: (tx) => addThread(tx, fresh) });
}

/** Says something about a task; whoever works on it, reviews it or has spoken before is told. Errors as above. */
export async function commentOnTask(world: World, caller: Caller, taskId: TaskId, said: Said): Promise<string> {
  const { member, subject, task } = await requireTask(world.db, caller, taskId);
  allow(member, "comment.write", subject);
  const { projectId, slideId } = task;
  const fresh = { projectId, slideId, taskId, createdAt: world.now() };
  const concerned = [task.assigneeId, ...(task.createdBy === null ? [] : [task.createdBy])];
  return await store(world, caller, { subject, said, concerned, open: (tx) => threadOfTask(tx, fresh) });
}

/** Says that a thread is dealt with, or opens it again. @throws AppError not-found, not-allowed */
export async function resolveThread(world: World, caller: Caller, id: string, resolved: boolean): Promise<void> {
  const { thread, member, subject } = await requireThread(world.db, caller, id);
  allow(member, "comment.write", subject);
  await setResolved(world.db, thread.id, resolved ? caller.personId : null, world.now());
  await tell(world, subject);
}

/** Where a new thread begins: at an annotation that exists, or at a place on the slide. */
async function placeOf(db: Db, layerId: LayerId, slideId: SlideId, { annotationId, place }: LayerComment) {
  if (annotationId !== undefined) {
    const row = await annotationRow(db, layerId, annotationId);
    if (row === null) throw new AppError("not-found", { annotationId });
    return { annotationId, x: (row.minX + row.maxX) / 2, y: (row.minY + row.maxY) / 2 };
  }
  if (place === undefined) throw new AppError("bad-request", { in: "json", path: "annotationId", message: "or place" });
  const slide = await slideById(db, slideId);
  const inside = slide !== null && place.x >= 0 && place.y >= 0;
  if (!inside || place.x > slide.meta.width || place.y > slide.meta.height) {
    throw new AppError("outline-off-slide", { place });
  }
  return place;
}

type Store = {
  readonly subject: LayerSubject | TaskSubject;
  readonly said: Said;
  /** Told beside those who have spoken. */
  readonly concerned?: readonly PersonId[];
  readonly open: (tx: Db) => Promise<Pick<ThreadRow, "id" | "projectId" | "slideId" | "layerId" | "taskId">>;
};

async function store(world: World, caller: Caller, { subject, said, concerned = [], open }: Store): Promise<string> {
  const { db, now, events } = world;
  const { projectId } = subject;
  const able = await watchers(db, projectId, "comment.see", [subject]);
  const mentions = [...new Set(said.mentions)];
  await checkMentions(db, projectId, mentions, able);
  const { thread, told } = await db.transaction(async (tx) => {
    const opened = await open(tx);
    const before = await speakersOf(tx, opened.id);
    await addComment(tx, {
      threadId: opened.id,
      personId: caller.personId,
      text: said.text,
      mentions,
      at: now(),
    });
    const others = [...new Set([...before, ...concerned])].filter((id) => !mentions.includes(id) && able.includes(id));
    const about = { projectId, actorId: caller.personId, slideId: opened.slideId, threadId: opened.id };
    const place = { layerId: opened.layerId, taskId: opened.taskId, note: said.text.slice(0, 200) };
    const notices: NewNotification[] = [
      ...mentions.map((personId) => ({ ...about, ...place, personId, kind: "mention" as const })),
      ...others.map((personId) => ({ ...about, ...place, personId, kind: "reply" as const })),
    ];
    await addNotifications(tx, notices, now());
    const entry = { personId: caller.personId, projectId, subject: opened.taskId ?? opened.layerId ?? opened.id };
    await appendAudit(tx, { ...entry, action: "comment.added", detail: { thread: opened.id } });
    return { thread: opened, told: notices.map(({ personId }) => personId) };
  });
  events.tell(projectId, able, { kind: "comments", toast: null });
  const heard = told.filter((id) => id !== caller.personId);
  events.tell(projectId, heard, { kind: "notifications", toast: null });
  return thread.id;
}

/** Only who may see it can be mentioned: a mention is an invitation to look. */
async function checkMentions(
  db: Db,
  projectId: ProjectId,
  mentions: readonly PersonId[],
  able: readonly PersonId[],
): Promise<void> {
  if (mentions.length === 0) return;
  const members = new Set((await membersOf(db, projectId)).map(({ personId }) => personId));
  const unable = mentions.filter((id) => !members.has(id) || !able.includes(id));
  if (unable.length > 0) throw new AppError("person-not-suitable", { mentions: unable });
}

async function tell({ db, events }: World, subject: LayerSubject | TaskSubject): Promise<void> {
  const able = await watchers(db, subject.projectId, "comment.see", [subject]);
  events.tell(subject.projectId, able, { kind: "comments", toast: null });
}
