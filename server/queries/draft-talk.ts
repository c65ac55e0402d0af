import type { Db } from "#db/client.ts";
import { draftCommentsOf, draftReviewsOf, editorsOf } from "#db/drafts.ts";
import { draftOf, newestVersion, type StoredDraft } from "#db/guidelines.ts";
import { reviewOf } from "#domain/draft-review.ts";
import type { ProjectId } from "#domain/ids.ts";
import { can, type DraftSubject, type Member } from "#domain/permissions.ts";
import type { DraftTalk } from "#server/api/schemas/drafts.ts";
import { AppError } from "#server/errors.ts";

/** Somebody is believed to be there this long after they were seen. A page says so every 10 s. */
export const SEEN_MS = 25_000;

/** @throws AppError not-found where there is no draft */
export async function draftTalkFor(db: Db, member: Member, now: Date): Promise<DraftTalk> {
  const { projectId, personId } = member;
  const draft = await draftOf(db, projectId);
  if (draft === null) throw new AppError("not-found", { projectId });
  const comments = await draftCommentsOf(db, projectId);
  const { state, step, subject } = await draftReview(db, draft);
  return {
    comments: comments.map(({ id, classId, field, text, person, at, resolvedAt }) => ({
      ...{ id, classId, field, text, person },
      at: at.toISOString(),
      resolvedAt: resolvedAt?.toISOString() ?? null,
    })),
    review: {
      state,
      person: step?.person ?? null,
      note: step?.note ?? "",
      at: step?.at.toISOString() ?? null,
      needed: await approvalNeeded(db, projectId),
      mayApprove: state === "proposed" && can(member, "guideline.approve", subject),
    },
    editors: await editorsOf(db, projectId, { but: personId, since: new Date(now.getTime() - SEEN_MS) }),
  };
}

/** How the draft stands, and whose own it is in the eyes of whoever would approve it. */
export async function draftReview(db: Db, draft: StoredDraft) {
  const steps = await draftReviewsOf(db, draft.projectId);
  const review = reviewOf(steps, draft.revision);
  const proposer = review.proposerId === null ? [] : [review.proposerId];
  const subject: DraftSubject = { projectId: draft.projectId, writerIds: [draft.updatedBy.id, ...proposer] };
  return { ...review, subject };
}

/** The rules in force decide, so that a draft cannot switch off its own approval. */
export async function approvalNeeded(db: Db, projectId: ProjectId): Promise<boolean> {
  return (await newestVersion(db, projectId))?.content.rules.secondLead === true;
}

/** @throws AppError approval-missing where the rules ask for a second lead and nobody has approved this revision */
export async function requireApproval(db: Db, draft: StoredDraft): Promise<void> {
  if (!(await approvalNeeded(db, draft.projectId))) return;
  const { state } = await draftReview(db, draft);
  if (state !== "approved") throw new AppError("approval-missing", { state, revision: draft.revision });
}
