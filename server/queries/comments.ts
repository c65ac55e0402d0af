import { layerFacts, memberOf } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { type CommentRow, type Thread as StoredThread, threadsOf } from "#db/comments.ts";
import { type MemberCard, membersOf } from "#db/projects.ts";
import { taskById } from "#db/tasks.ts";
import type { LayerId, PersonId, TaskId } from "#domain/ids.ts";
import { can, type LayerSubject, type Member, type TaskSubject } from "#domain/permissions.ts";
import { requireLayer } from "#server/access.ts";
import type { PersonRef } from "#server/api/schemas/common.ts";
import type { Comment, Thread } from "#server/api/schemas/talk.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { NOBODY } from "./slides.ts";
import { taskSubject } from "./task-subject.ts";
import { requireTask } from "./tasks.ts";

/** What is said about a layer or a task, as somebody who may know of it sees it. */
export type SeenThread = {
  readonly thread: StoredThread;
  readonly member: Member;
  readonly subject: LayerSubject | TaskSubject;
};

/** Threads of a layer that the caller may see, oldest first. */
export async function layerThreads(db: Db, caller: Caller, layerId: LayerId): Promise<Thread[]> {
  const { member, subject } = await requireLayer(db, caller, layerId);
  return shownThreads(db, member, subject, await threadsOf(db, { layerId }));
}

/** The thread of a task, empty before anybody has said anything. */
export async function taskThreads(db: Db, caller: Caller, taskId: TaskId): Promise<Thread[]> {
  const { member, subject } = await requireTask(db, caller, taskId);
  return shownThreads(db, member, subject, await threadsOf(db, { taskId }));
}

/** One thread; what one may not see, and what there is not, are one answer. */
export async function requireThread(db: Db, caller: Caller, id: string): Promise<SeenThread> {
  const [thread] = await threadsOf(db, { id });
  const member = thread === undefined ? null : await memberOf(db, caller.personId, thread.projectId);
  const subject = thread === undefined ? null : await subjectOf(db, thread);
  if (thread === undefined || member === null || subject === null || !can(member, "comment.see", subject)) {
    throw new AppError("not-found", { threadId: id });
  }
  return { thread, member, subject };
}

async function subjectOf(db: Db, { taskId, layerId }: StoredThread): Promise<LayerSubject | TaskSubject | null> {
  const task = taskId === null ? null : await taskById(db, taskId);
  const about = task?.layerId ?? layerId;
  const [facts] = about === null ? [] : await layerFacts(db, { layerId: about });
  return task === null ? (facts?.subject ?? null) : taskSubject(task, facts?.subject ?? null);
}

export async function threadFor(db: Db, caller: Caller, id: string): Promise<Thread> {
  const { thread, member, subject } = await requireThread(db, caller, id);
  const [shown] = await shownThreads(db, member, subject, [thread]);
  if (shown === undefined) throw new AppError("not-found", { threadId: id });
  return shown;
}

async function shownThreads(
  db: Db,
  member: Member,
  subject: LayerSubject | TaskSubject,
  found: readonly StoredThread[],
): Promise<Thread[]> {
  if (found.length === 0) return [];
  const members = await membersOf(db, member.projectId);
  const hidden = hiddenFrom(member, subject);
  return found.map((thread) => ({
    id: thread.id,
    layerId: thread.layerId,
    annotationId: thread.annotationId,
    taskId: thread.taskId,
    place: thread.x === null || thread.y === null ? null : { x: thread.x, y: thread.y },
    resolvedAt: thread.resolvedAt?.toISOString() ?? null,
    comments: thread.comments.map((comment) => shownComment(comment, { member, members, hidden })),
  }));
}

type Eyes = {
  readonly member: Member;
  readonly members: readonly MemberCard[];
  readonly hidden: ReadonlySet<PersonId>;
};

function shownComment(comment: CommentRow, { member, members, hidden }: Eyes): Comment {
  const named = (id: PersonId, name: PersonRef): PersonRef => (hidden.has(id) ? { ...NOBODY } : name);
  return {
    id: comment.id,
    person: named(comment.personId, comment.person),
    mine: comment.personId === member.personId,
    text: comment.text,
    mentions: comment.mentions.flatMap((id) => {
      const card = members.find((each) => each.personId === id);
      return card === undefined ? [] : [named(id, { id, name: card.name, colour: card.colour })];
    }),
    at: comment.at.toISOString(),
  };
}
