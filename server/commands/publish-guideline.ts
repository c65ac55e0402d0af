import { memberOf } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { endDraftTalk } from "#db/drafts.ts";
import { addAcknowledgement, addVersion, draftOf, lockProject, newestVersion, removeDraft } from "#db/guidelines.ts";
import { changeReference, referencesOf } from "#db/qualification.ts";
import { publishQuestions } from "#db/questions.ts";
import { changeKey } from "#domain/guideline/outcomes.ts";
import type { GuidelineContent, StudyRules } from "#domain/guideline.ts";
import type { ProjectId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { publishedReference } from "#domain/qualification.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { changesOf, sentenceOf } from "#server/queries/draft.ts";
import { meaningIn } from "#server/queries/draft-references.ts";
import { requireApproval } from "#server/queries/draft-talk.ts";
import type { Caller } from "#server/session.ts";
import { makeBridgeReads } from "./bridge.ts";
import { madeTasks } from "./make-tasks.ts";

/**
 * Freezes the draft as the next version: one small transaction. No outline is touched; what becomes stale is computed,
 * and the tasks are made afterwards by a step that may be repeated. The caller has been allowed "guideline.publish".
 * @param request.forced reaches open blind rounds at once, each reader with their own items; else when each closes
 * @param request.parent the version that the lead looked at; 0 before the first
 * @returns its number, and how many tasks were made that the publisher may see
 * @throws AppError stale-publish, nothing-to-publish, approval-missing, guideline-refused
 */
export async function publishGuideline(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  request: { readonly parent: number; readonly note: string; readonly forced?: boolean | undefined },
): Promise<{ readonly number: number; readonly tasks: number }> {
  const { number, bars } = await world.db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const newest = await newestVersion(tx, projectId);
    const parent = newest?.number ?? 0;
    const draft = await draftOf(tx, projectId);
    if (request.parent !== parent || (draft !== null && draft.parent !== parent)) {
      throw new AppError("stale-publish", { parent: request.parent, newest: parent });
    }
    if (draft === null) throw new AppError("nothing-to-publish", { projectId });
    await requireApproval(tx, draft);
    const changes = changesOf(newest?.content ?? null, draft);
    if (!changes.ok) {
      if (changes.reason === "nothing-to-publish") throw new AppError("nothing-to-publish", { projectId });
      const title = sentenceOf(changes.reason);
      throw new AppError("guideline-refused", { reason: changes.reason, title, ...changes.detail });
    }
    const at = world.now();
    const published = { number: parent + 1, content: draft.content, changes: changes.value, note: request.note };
    const forced = request.forced ?? false;
    await addVersion(tx, { projectId, ...published, forced, publishedBy: caller.personId, publishedAt: at });
    // Whoever publishes has read what they publish.
    await addAcknowledgement(tx, { projectId, personId: caller.personId, version: published.number, at });
    await removeDraft(tx, projectId);
    await endDraftTalk(tx, projectId, at);
    const { number } = published;
    await settleReferences(tx, projectId, published);
    await publishQuestions(tx, projectId, { number, personId: caller.personId, at });
    const weakened = changes.value.flatMap((change) =>
      change.weakened === undefined ? [] : [{ change: changeKey(change), ...change.weakened }],
    );
    const detail = { number: published.number, kinds: changes.value.map(({ kind }) => kind), weakened, forced };
    const entry = { personId: caller.personId, projectId, subject: projectId, detail, at };
    await appendAudit(tx, { ...entry, action: "guideline.published" });
    return { number, bars: barsDiffer(newest?.content.rules, draft.content.rules) };
  });
  if (bars) await world.rooms.recheck({ projectId });
  // Open pages learn of it before the tasks are counted out.
  const toast = `Guideline version ${number} was published.`;
  world.events.tell(projectId, "project", { kind: "guideline", toast });
  const made = await madeTasks(world, projectId);
  await makeBridgeReads(world, projectId);
  const member = await memberOf(world.db, caller.personId, projectId);
  return { number, tasks: made.filter((task) => can(member, "task.see", task)).length };
}

/** Whether somebody else is kept from writing into the record. */
function barsDiffer(before: StudyRules | undefined, after: StudyRules): boolean {
  const barsOf = ({ barReaders, barredAdjudicators }: StudyRules) => JSON.stringify([barReaders, barredAdjudicators]);
  return before === undefined ? false : barsOf(before) !== barsOf(after);
}

/** What was said of references by the draft holds under the version that it has become, where the words are still the same. */
async function settleReferences(
  tx: Db,
  projectId: ProjectId,
  { number, content }: { readonly number: number; readonly content: GuidelineContent },
): Promise<void> {
  for (const card of await referencesOf(tx, projectId)) {
    if (card.draftClassId === null) continue;
    const { classId, under, draftClassId, draftMeaning } = publishedReference(card, number, meaningIn(content));
    await changeReference(tx, card, { classId, under, draftClassId, draftMeaning });
  }
}
