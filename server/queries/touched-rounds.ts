import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { openBlindRounds, wholeRounds } from "#db/rounds.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import type { LayerId } from "#domain/ids.ts";
import { classesAt, rescreens } from "#domain/migration.ts";
import type { Member } from "#domain/permissions.ts";
import type { Preview } from "#server/api/schemas/guideline.ts";

/**
 * Open blind rounds in which outlines are affected, or whose finished reads will have to be looked through again, and the
 * positions of the changes that do so.
 */
export async function touchedBlindRounds(
  db: Db,
  member: Member,
  content: GuidelineContent,
  changes: readonly GuidelineChange[],
  rows: Preview["rows"],
): Promise<{ readonly rounds: Preview["openBlindRounds"]; readonly changes: readonly number[] }> {
  const rounds = await openBlindRounds(db, member.projectId);
  if (rounds.length === 0) return { rounds: [], changes: [] };
  const facts = await layerFacts(db, { projectId: member.projectId });
  const hidden = new Set(facts.filter(({ subject }) => !subject.unblinded).map(({ layerId }) => layerId as string));
  const selectable = classesAt(content).selectable.map(({ id }) => id);
  const looking = changes.flatMap((change, index) =>
    rescreens([change], content.rules, selectable).length > 0 ? [index] : [],
  );
  const looksAgain = rescreens(changes, content.rules, selectable).length > 0;
  const reached = rows.flatMap(({ layerId, change }) => (hidden.has(layerId) ? [change] : []));
  const touching = [...reached, ...(looksAgain ? looking : [])];
  return { rounds: touching.length === 0 ? [] : rounds.map(({ id, name }) => ({ id, name })), changes: touching };
}

/**
 * Rounds that are not blind and in which somebody still reads: a version takes effect for them at once, in the middle of the
 * reading. With what of them the member may see.
 * @param asked how many outlines of each layer the draft asks about
 */
export async function readingRounds(
  db: Db,
  { projectId }: Member,
  visible: ReadonlySet<LayerId>,
  asked: ReadonlyMap<LayerId, number>,
): Promise<Preview["openRounds"]> {
  const rounds = await wholeRounds(db, { projectId });
  return rounds.flatMap(({ round: { id, name, mode }, reads }) => {
    if (mode === "blind") return [];
    const seen = reads.filter((read) => visible.has(read.id));
    const openReads = seen.filter(({ state }) => state === "open").length;
    if (openReads === 0) return [];
    return [{ id, name, openReads, asked: seen.reduce((sum, read) => sum + (asked.get(read.id) ?? 0), 0) }];
  });
}
