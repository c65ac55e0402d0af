import { appendAudit } from "#db/audit.ts";
import { endDraftTalk } from "#db/drafts.ts";
import { draftOf, lockProject, newestVersion, removeDraft, saveDraft } from "#db/guidelines.ts";
import { forgetDraftReferences } from "#db/qualification.ts";
import { reopenDraftQuestions } from "#db/questions.ts";
import type { Declaration, GuidelineContent } from "#domain/guideline.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { Draft } from "#server/api/schemas/guideline.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { toDraft } from "#server/queries/guideline.ts";
import type { Caller } from "#server/session.ts";
import { tellLeads } from "./discuss-draft.ts";

/**
 * Saves the project's one draft, or starts it on the newest version. A draft may be unfinished in any way; what is wrong
 * with it is said by the preview. The caller has been allowed "guideline.edit".
 * @param saved.revision the one that the page saw; 0 starts a draft
 * @param saved.parent the version that the text follows, where the page says so
 * @throws AppError stale-draft where somebody else was faster, draft-overtaken where another version was published
 */
export async function saveGuidelineDraft(
  { db, events, now }: World,
  caller: Caller,
  projectId: ProjectId,
  saved: {
    readonly revision: number;
    readonly parent?: number | undefined;
    readonly content: GuidelineContent;
    readonly declarations: Declaration[];
  },
): Promise<Draft> {
  const draft = await db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const parent = (await newestVersion(tx, projectId))?.number ?? 0;
    if (saved.parent !== undefined && saved.parent !== parent) {
      throw new AppError("draft-overtaken", { parent: saved.parent, newest: parent });
    }
    const text = { content: saved.content, declarations: saved.declarations, revision: saved.revision };
    const revision = await saveDraft(tx, { projectId, parent, ...text, personId: caller.personId, at: now() });
    const stored = await draftOf(tx, projectId);
    if (revision === null || stored === null) {
      throw new AppError("stale-draft", { seen: saved.revision, revision: stored?.revision ?? 0 });
    }
    return stored;
  });
  await tellLeads({ db, events }, projectId);
  return toDraft(draft);
}

/** Throws the draft away. @throws AppError not-found where there is none */
export async function discardGuidelineDraft(
  { db, events, now }: World,
  caller: Caller,
  projectId: ProjectId,
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    if (!(await removeDraft(tx, projectId))) throw new AppError("not-found", { projectId });
    await reopenDraftQuestions(tx, projectId, now());
    await forgetDraftReferences(tx, projectId, now());
    await endDraftTalk(tx, projectId, now());
    const entry = { personId: caller.personId, projectId, subject: projectId, detail: {} };
    await appendAudit(tx, { ...entry, action: "draft.discarded" });
  });
  await tellLeads({ db, events }, projectId);
}
