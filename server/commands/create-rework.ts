import { appendAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { addNotifications } from "#db/notifications.ts";
import { slideById } from "#db/slides.ts";
import { addTask, livingIds, taskById } from "#db/tasks.ts";
import type { Geometry } from "#domain/annotation.ts";
import {
  type AnnotationId,
  layerId as layerIdSchema,
  type ProjectId,
  type SlideId,
  type TaskId,
  taskId,
} from "#domain/ids.ts";
import { normalise } from "#domain/overlay.ts";
import { can } from "#domain/permissions.ts";
import { refuseMalformed } from "#domain/quality.ts";
import type { ReasonCode, ReworkOrigin } from "#domain/task.ts";
import { allow, requireLayer, unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import { givenNotice, suitable } from "./assign-task.ts";
import { isMadeAlready } from "./named-request.ts";

type ReworkRequest = {
  /** Names the task; one that was made under it already is not made again. */
  readonly id?: TaskId | undefined;
  readonly layerId: string;
  readonly annotationIds: readonly AnnotationId[];
  /** Level-0 px. */
  readonly region: Geometry | null;
  readonly origin: ReworkOrigin;
  readonly assigneeId: string;
  readonly reason: ReasonCode;
  readonly text: string;
  readonly dueAt: string | null;
  readonly priority: number;
};

/**
 * A lead asks for some outlines of a layer to be done again, or for a region to be gone over. The task lets its assignee
 * change the outlines also in a locked read; with a region it opens the read for its reader until it is handed in.
 * @throws AppError bad-request where neither is named, not-found (also where one of the outlines is gone), not-allowed,
 * person-not-suitable, outline-malformed, outline-off-slide; bad-request also for an id that another task has
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
  const region = await checkedRegion(db, slideId, request.region);
  if (annotationIds.length === 0 && region === null) {
    throw new AppError("bad-request", { in: "json", path: "annotationIds", message: "or a region" });
  }
  const draws = region === null || can(assignee, "layer.write", { ...subject, state: "open" });
  if (!draws) throw new AppError("person-not-suitable", { assigneeId: assignee.personId, region: true });
  const id = request.id ?? newId(taskId);
  const scope = { kind: "rework" as const, annotationIds, region, origin: request.origin };
  const known = await taskById(db, id);
  const made = known && [known.projectId, known.createdBy, known.layerId, known.scope];
  if (isMadeAlready(made, [projectId, caller.personId, layerId.data, scope])) return id;
  await db.transaction(async (tx) => {
    const living = await livingIds(tx, layerId.data, annotationIds);
    const missing = annotationIds.filter((each) => !living.has(each));
    if (missing.length > 0) throw new AppError("not-found", { annotationIds: missing.slice(0, 100) });
    const isNew = await addTask(tx, {
      id,
      projectId,
      kind: "rework",
      slideId,
      layerId: layerId.data,
      assigneeId: assignee.personId,
      createdBy: caller.personId,
      scope,
      reason: request.reason,
      text: request.text,
      priority: request.priority,
      dueAt: request.dueAt === null ? null : new Date(request.dueAt),
      createdAt: now(),
      updatedAt: now(),
    });
    if (!isNew) throw new AppError("bad-request", { in: "json", path: "id" });
    const given = givenNotice(caller, { projectId, slideId, id }, assignee.personId);
    await addNotifications(tx, [{ ...given, note: request.text.slice(0, 200) }], now());
    const { reason, origin } = request;
    const detail = { layer: layerId.data, outlines: annotationIds.length, region: region !== null, reason, origin };
    const entry = { personId: caller.personId, projectId, subject: id, detail };
    await appendAudit(tx, { ...entry, action: "rework.created" });
  });
  const audience = await watchers(db, projectId, "task.see", [{ ...about, assigneeId: assignee.personId }]);
  events.tell(projectId, audience, { kind: "tasks", toast: null });
  events.tell(projectId, [assignee.personId], { kind: "tasks", toast: `${caller.name} gave you a rework task.` });
  events.tell(projectId, [assignee.personId], { kind: "notifications", toast: null });
  return id;
}

/** A region made valid. @throws AppError outline-malformed, coordinates-not-finite, outline-off-slide */
async function checkedRegion(db: World["db"], slideId: SlideId, drawn: Geometry | null): Promise<Geometry | null> {
  if (drawn === null) return null;
  const slide = await slideById(db, slideId);
  if (slide === null) throw new AppError("not-found", { slideId });
  const region = normalise(unwrap(refuseMalformed(drawn, slide.meta)));
  if (region === null) throw new AppError("outline-malformed", { problem: "the region has no area" });
  return region;
}
