import { appendAudit } from "#db/audit.ts";
import { draftOf, lockProject, saveDraft, versionsOf } from "#db/guidelines.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import { type ClashChoices, type Rebased, rebaseDraft } from "#domain/draft-rebase.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { RebaseAnswer } from "#server/api/schemas/drafts.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { toDraft } from "#server/queries/guideline.ts";
import type { Caller } from "#server/session.ts";
import { tellLeads } from "./discuss-draft.ts";

/**
 * Puts a draft that came too late on the newest version, and on the draft that somebody may have begun there. It is stored
 * once every clash has a choice, which is kept in the audit; until then nothing is. The caller has been allowed
 * "guideline.edit".
 * @param late.parent the version that the draft followed; 0 for none
 * @throws AppError bad-request for a version that does not exist
 */
export async function rebaseGuidelineDraft(
  { db, events, now }: World,
  caller: Caller,
  projectId: ProjectId,
  late: DraftState & { readonly parent: number; readonly choices: ClashChoices },
): Promise<RebaseAnswer> {
  const answer = await db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const versions = await versionsOf(tx, projectId);
    const newest = versions.at(-1);
    const from = versions.find(({ number }) => number === late.parent)?.content ?? null;
    if (newest === undefined || (from === null && late.parent !== 0)) {
      throw new AppError("bad-request", { parent: late.parent, newest: newest?.number ?? 0 });
    }
    const stored = await draftOf(tx, projectId);
    const draft = { content: late.content, declarations: late.declarations };
    const begun = stored && { content: stored.content, declarations: stored.declarations };
    const rebased = rebaseDraft({ from, draft }, { newest: newest.content, stored: begun }, late.choices);
    const found = answerOf(rebased, newest.number);
    if (rebased.clashes.length > 0 || !rebased.brings) return found;
    const revision = stored?.revision ?? 0;
    const saved = { content: rebased.draft.content, declarations: [...rebased.draft.declarations], revision };
    await saveDraft(tx, { projectId, parent: newest.number, ...saved, personId: caller.personId, at: now() });
    const detail = { from: late.parent, onto: newest.number, choices: late.choices };
    const entry = { personId: caller.personId, projectId, subject: projectId, detail };
    await appendAudit(tx, { ...entry, action: "draft.rebased" });
    const put = await draftOf(tx, projectId);
    return { ...found, draft: put === null ? null : toDraft(put) };
  });
  if (answer.draft !== null) await tellLeads({ db, events }, projectId);
  return answer;
}

function answerOf({ clashes, overtaken, brings }: Rebased, parent: number): RebaseAnswer {
  return { parent, clashes: [...clashes], overtaken: [...overtaken], brings, draft: null };
}
