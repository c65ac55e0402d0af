import { appendAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { addNotifications } from "#db/notifications.ts";
import { addTask, livingIds } from "#db/tasks.ts";
import { type AnnotationId, layerId as layerIdSchema, type ProjectId, type TaskId, taskId } from "#domain/ids.ts";
import type { ReasonCode } from "#domain/task.ts";
import { allow, requireLayer } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import { givenNotice, suitable } from "./assign-task.ts";

type ReworkRequest = {
  readonly layerId: string;
  readonly annotationIds: readonly AnnotationId[];
  readonly assigneeId: string;
  readonly reason: ReasonCode;
  readonly text: string;
  readonly dueAt: string | null;
  readonly priority: number;
};

/**
 * A lead asks for some outlines of a layer to be done again. The task lets its assignee change them also in a locked read.
 * @throws AppError not-found (also where one of the outlines is gone), not-allowed, person-not-suitable
 */
export async function createRework(
  { db, events, now }: World,
  caller: Caller,
  projectId: ProjectId,
  request: ReworkRequest,
): Promise<TaskId> {
  const layerId = layerIdSchema.safeParse(request.layerId);
  if (!layerId.success) throw new AppError("not-found", { layerId: request.layerId });
  const { subject, member, slideId } = await requireLayer(db, caller, layerId.data);
  if (subject.projectId !== projectId) throw new AppError("not-found", { layerId: request.layerId });
  allow(member, "task.create", { projectId, layer: subject });
  const authorIds = subject.readerId === null ? [] : [subject.readerId];
  const about = { projectId, creatorId: caller.personId, authorIds, layer: subject };
  const assignee = await suitable(db, { ...about, assigneeId: caller.personId }, request.assigneeId);
  const annotationIds = [...new Set(request.annotationIds)];
  const id = newId(taskId);
  await db.transaction(async (tx) => {
    const living = await livingIds(tx, layerId.data, annotationIds);
    const missing = annotationIds.filter((each) => !living.has(each));
    if (missing.length > 0) throw new AppError("not-found", { annotationIds: missing.slice(0, 100) });
    await addTask(tx, {
      id,
      projectId,
      kind: "rework",
      slideId,
      layerId: layerId.data,
      assigneeId: assignee.personId,
      createdBy: caller.personId,
      scope: { kind: "rework", annotationIds },
      reason: request.reason,
      text: request.text,
      priority: request.priority,
      dueAt: request.dueAt === null ? null : new Date(request.dueAt),
      createdAt: now(),
      updatedAt: now(),
    });
    const given = givenNotice(caller, { projectId, slideId, id }, assignee.personId);
    await addNotifications(tx, [{ ...given, note: request.text.slice(0, 200) }], now());
    const detail = { layer: layerId.data, outlines: annotationIds.length, reason: request.reason };
    const entry = { personId: caller.personId, projectId, subject: id, detail };
    await appendAudit(tx, { ...entry, action: "rework.created" });
  });
  const audience = await watchers(db, projectId, "task.see", [{ ...about, assigneeId: assignee.personId }]);
  events.tell(projectId, audience, { kind: "tasks", toast: null });
  events.tell(projectId, [assignee.personId], { kind: "tasks", toast: `${caller.name} gave you a rework task.` });
  events.tell(projectId, [assignee.personId], { kind: "notifications", toast: null });
  return id;
}
