import { appendAudit } from "#db/audit.ts";
import { addDraftComment, addDraftReview, resolveDraftComment, seenEditing } from "#db/drafts.ts";
import { draftOf, lockProject, type StoredDraft } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { mayReview, type ReviewKind } from "#domain/draft-review.ts";
import { type ClassId, type PersonId, type ProjectId, personId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { draftReview } from "#server/queries/draft-talk.ts";
import { watchers } from "#server/watchers.ts";

type Work = Pick<World, "db" | "events" | "now">;

/** Says something about the draft, a class of it, or one field. @throws AppError not-found where there is no draft */
export async function commentDraft(
  work: Work,
  member: Member,
  comment: { readonly classId: ClassId | null; readonly field: string | null; readonly text: string },
): Promise<void> {
  const { projectId } = member;
  await work.db.transaction(async (tx) => {
    await heldDraft(tx, projectId);
    const id = newId(personId);
    await addDraftComment(tx, { id, projectId, ...comment, personId: member.personId, at: work.now() });
  });
  await tellLeads(work, projectId);
}

/** Marks a comment as dealt with, or takes that back. @throws AppError not-found */
export async function settleDraftComment(work: Work, member: Member, id: string, resolved: boolean): Promise<void> {
  const by = resolved ? { by: member.personId, at: work.now() } : null;
  if (!(await resolveDraftComment(work.db, { id, projectId: member.projectId }, by))) {
    throw new AppError("not-found", { commentId: id });
  }
  await tellLeads(work, member.projectId);
}

/**
 * Puts the draft forward, takes that back, or answers for it as another lead. Returning one needs a word on what is wrong.
 * @throws AppError not-found, stale-draft where the draft changed meanwhile, draft-not-proposed, not-allowed for one's own
 */
export async function reviewDraft(
  work: Work,
  member: Member,
  step: { readonly kind: ReviewKind; readonly revision: number; readonly note: string },
): Promise<void> {
  const { projectId, personId: person } = member;
  if (step.kind === "return" && step.note === "") throw new AppError("note-missing", { kind: step.kind });
  await work.db.transaction(async (tx) => {
    const draft = await heldDraft(tx, projectId);
    if (draft.revision !== step.revision) {
      throw new AppError("stale-draft", { seen: step.revision, revision: draft.revision });
    }
    const { state, subject } = await draftReview(tx, draft);
    if (!mayReview(state, step.kind)) throw new AppError("draft-not-proposed", { state, kind: step.kind });
    const answers = step.kind === "approve" || step.kind === "return";
    if (answers && !can(member, "guideline.approve", subject)) {
      throw new AppError("not-allowed", { action: "guideline.approve", role: member.role });
    }
    await addDraftReview(tx, { id: newId(personId), projectId, ...step, personId: person, at: work.now() });
    const entry = { personId: person, projectId, subject: projectId, detail: { revision: step.revision } };
    await appendAudit(tx, { ...entry, action: `draft.${PAST[step.kind]}` });
  });
  await tellLeads(work, projectId, { but: person, toast: TOASTS[step.kind] });
}

/** Says where in the draft somebody is; the other leads are told where that changed. */
export async function editingDraft(work: Work, member: Member, place: ClassId | null): Promise<void> {
  const { projectId, personId: person } = member;
  const before = await seenEditing(work.db, { projectId, personId: person, place }, work.now());
  if (before !== place) await tellLeads(work, projectId, { but: person, toast: null });
}

/** Tells the pages of leads that the draft, or what is said about it, changed: it is nobody else's business. */
export async function tellLeads(
  { db, events }: Pick<World, "db" | "events">,
  projectId: ProjectId,
  said: { readonly but: PersonId | null; readonly toast: string | null } = { but: null, toast: null },
): Promise<void> {
  const leads = await watchers(db, projectId, "guideline.edit", [{ projectId }]);
  const told = leads.filter((each) => each !== said.but);
  events.tell(projectId, told, { kind: "draft", toast: said.toast });
}

async function heldDraft(tx: World["db"], projectId: ProjectId): Promise<StoredDraft> {
  await lockProject(tx, projectId);
  const draft = await draftOf(tx, projectId);
  if (draft === null) throw new AppError("not-found", { projectId });
  return draft;
}

const PAST: Readonly<Record<ReviewKind, string>> = {
  propose: "proposed",
  approve: "approved",
  return: "returned",
  withdraw: "withdrawn",
};

const TOASTS: Readonly<Record<ReviewKind, string | null>> = {
  propose: "A guideline draft waits for a second lead.",
  approve: "The guideline draft was approved.",
  return: "The guideline draft was returned.",
  withdraw: null,
};
