import { memberOf } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { addNotifications } from "#db/notifications.ts";
import { addTask, taskById } from "#db/tasks.ts";
import { personId, type RoundId, type SlideId, type TaskId, taskId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { allow } from "#server/access.ts";
import type { AdjudicationTaskBody } from "#server/api/schemas/consensus.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { consensusWithDecisions, disputeSubject, requireConsensus } from "#server/queries/consensus.ts";
import { isSettled } from "#server/queries/decisions.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import { givenNotice } from "./assign-task.ts";
import { isMadeAlready } from "./named-request.ts";

/**
 * Gives disputes of a slide to an adjudicator as a task; without a list all that are still to be settled and that they may
 * decide. The task is done when each is settled, whoever decided it.
 * @throws AppError not-found, not-allowed, person-not-suitable for whom the project bars here, dispute-gone where one of
 * them is not to be settled (any more), or nothing is, bad-request for an id that another task has
 */
export async function createAdjudication(
  world: World,
  caller: Caller,
  at: { readonly roundId: RoundId; readonly slideId: SlideId },
  { id: named, assigneeId: wanted, disputeKeys, text }: AdjudicationTaskBody,
): Promise<TaskId> {
  const { db, events, now } = world;
  const { member, subject } = await requireConsensus(world, caller, at.roundId, at.slideId);
  const { projectId } = subject;
  allow(member, "task.create", { projectId, layer: null });
  const id = named ?? newId(taskId);
  if (await isGiven(db, caller, { ...at, id, disputeKeys })) return id;
  const assigneeId = personId.safeParse(wanted);
  const assignee = assigneeId.success ? await memberOf(db, assigneeId.data, projectId) : null;
  if (assignee === null || !can(assignee, "consensus.adjudicate", subject)) {
    throw new AppError("person-not-suitable", { assigneeId: wanted });
  }
  const { basis, standings } = await consensusWithDecisions(world, at.roundId, at.slideId);
  const open = standings.filter((each) => !isSettled(each)).map(({ dispute }) => dispute);
  const theirs = open.filter((each) =>
    can(assignee, "consensus.adjudicate", disputeSubject(subject, basis.guideline, each)),
  );
  const keys = disputeKeys === null ? theirs.map(({ key }) => key) : [...new Set(disputeKeys)];
  const barred = open.filter((each) => keys.includes(each.key) && !theirs.includes(each)).map(({ key }) => key);
  if (barred.length > 0) throw new AppError("person-not-suitable", { assigneeId: wanted, disputes: barred });
  const gone = keys.filter((key) => !open.some((each) => each.key === key));
  if (gone.length > 0 || keys.length === 0) throw new AppError("dispute-gone", { disputes: gone });
  await db.transaction(async (tx) => {
    const isNew = await addTask(tx, {
      id,
      projectId,
      kind: "adjudication",
      slideId: at.slideId,
      layerId: null,
      assigneeId: assignee.personId,
      createdBy: caller.personId,
      scope: { kind: "adjudication", disputeKeys: keys, roundId: at.roundId, consensusKey: basis.key },
      text,
      createdAt: now(),
      updatedAt: now(),
    });
    if (!isNew) throw new AppError("bad-request", { in: "json", path: "id" });
    const given = givenNotice(caller, { projectId, slideId: at.slideId, id }, assignee.personId);
    await addNotifications(tx, [{ ...given, note: text.slice(0, 200) }], now());
    const detail = { round: at.roundId, slide: at.slideId, disputes: keys.length };
    const entry = { personId: caller.personId, projectId, subject: id, detail };
    await appendAudit(tx, { ...entry, action: "adjudication.created" });
  });
  const about = { projectId, creatorId: caller.personId, authorIds: [], layer: null, assigneeId: assignee.personId };
  events.tell(projectId, await watchers(db, projectId, "task.see", [about]), { kind: "tasks", toast: null });
  const toast = `${caller.name} gave you disputes to settle.`;
  events.tell(projectId, [assignee.personId], { kind: "tasks", toast });
  events.tell(projectId, [assignee.personId], { kind: "notifications", toast: null });
  return id;
}

/** Whether this very task was made before: whoever asked for it did not hear so. @throws AppError bad-request for another's id */
async function isGiven(
  db: World["db"],
  { personId }: Caller,
  asked: {
    readonly id: TaskId;
    readonly roundId: RoundId;
    readonly slideId: SlideId;
    /** Null for all that were to be settled then. */
    readonly disputeKeys: readonly string[] | null;
  },
): Promise<boolean> {
  const known = await taskById(db, asked.id);
  if (known === null) return false;
  const { createdBy, slideId, scope } = known;
  const keys = asked.disputeKeys === null ? null : [...new Set(asked.disputeKeys)];
  const made = scope.kind === "adjudication" ? [scope.roundId, keys === null ? null : scope.disputeKeys] : [];
  return isMadeAlready([createdBy, slideId, ...made], [personId, asked.slideId, asked.roundId, keys]);
}
