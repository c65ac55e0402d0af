import { draftOf, draftRevisions, versionsOf } from "#db/guidelines.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { World } from "#server/api/world.ts";
import { changesOf } from "#server/queries/draft.ts";
import { measureOutlines } from "#server/queries/outline-measures.ts";

/**
 * Measures what drafts may ask about pairs of outlines, as soon as they are saved: a preview then finds it done.
 * @param seen revisions that were measured; those of now are added
 * @returns the number of pairs that were measured
 */
export async function measureDrafts(
  { db, computation }: Pick<World, "db" | "computation">,
  seen: Map<ProjectId, number>,
): Promise<number> {
  let measured = 0;
  for (const { projectId, revision } of await draftRevisions(db)) {
    if (seen.get(projectId) === revision) continue;
    const draft = await draftOf(db, projectId);
    if (draft === null) continue;
    const versions = await versionsOf(db, projectId);
    const changes = changesOf(versions.at(-1)?.content ?? null, draft);
    const number = (versions.at(-1)?.number ?? 0) + 1;
    if (changes.ok) {
      const history = [...versions, { number, changes: changes.value, content: draft.content }];
      measured += await measureOutlines({ db, computation }, projectId, history);
    }
    seen.set(projectId, draft.revision);
  }
  return measured;
}
