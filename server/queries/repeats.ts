import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { pastReads } from "#db/reads.ts";
import { allTasks } from "#db/tasks.ts";
import type { PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import { type PastRead, repeatable } from "#domain/repeat.ts";
import { isUnfinished } from "#domain/task.ts";

/** Reads of a project that no unfinished task is about. */
export async function readsWithoutWork(db: Db, projectId: ProjectId): Promise<PastRead[]> {
  const tasks = await allTasks(db, projectId);
  const busy = new Set(tasks.filter(({ state }) => isUnfinished(state)).map((task) => task.layerId));
  return (await pastReads(db, projectId)).filter(({ layerId: id }) => !busy.has(id));
}

/** Of each reader of the project, the slides of which an earlier read could be repeated now. */
export async function repeatableReads(
  db: Db,
  member: Member,
  { washoutDays, now }: { readonly washoutDays: number; readonly now: Date },
): Promise<{ readonly readers: { readonly readerId: PersonId; readonly slideIds: SlideId[] }[] }> {
  const past = await readsWithoutWork(db, member.projectId);
  const facts = await layerFacts(db, { projectId: member.projectId });
  const seen = new Set(facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId));
  const known = past.filter(({ layerId }) => seen.has(layerId));
  const readerIds = [...new Set(known.map(({ readerId }) => readerId))].sort();
  return {
    readers: readerIds.map((readerId) => {
      const found = repeatable(known, readerId, { slideIds: [], washoutDays, now });
      return { readerId, slideIds: found.map(({ slideId }) => slideId) };
    }),
  };
}
