import { layerFacts } from "#db/access.ts";
import { bridgeReadersOf, bridgeRegionsOf, bridgeRounds } from "#db/bridge.ts";
import { versionsOf } from "#db/guidelines.ts";
import { peopleById } from "#db/people.ts";
import { pastReads, type SubmittedRead, submittedReads } from "#db/reads.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { LayerId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { Bridge, Drift } from "#server/api/schemas/drift.ts";
import type { DriftBasis, Work } from "./drift-measures.ts";
import { offsetsByReader } from "./drift-offsets.ts";
import { bridgeGroups, repeatGroups } from "./drift-pairs.ts";
import { classUse } from "./drift-use.ts";

/**
 * How each reader reads over time: what they use the classes for, how they agree with themselves, and how loosely they
 * draw. Made of reads that this lead may see, so a lead who reads blind learns nothing here before time; nor which of their
 * own reads repeats one, so these are left out until the round is unblinded.
 */
export async function driftFor(work: Work, member: Member): Promise<Drift> {
  const { db } = work;
  const { projectId } = member;
  const facts = await layerFacts(db, { projectId });
  const seen = facts.filter(({ subject }) => can(member, "layer.see", subject));
  const visible = new Set(
    seen
      .filter(({ subject }) => subject.unblinded || subject.readerId !== member.personId)
      .map(({ layerId }) => layerId),
  );
  const reads = (await submittedReads(db, projectId)).filter(({ layerId }) => visible.has(layerId));
  const history = await versionsOf(db, projectId);
  const basis: DriftBasis = { member, reads, history };
  const past = (await pastReads(db, projectId)).filter(({ layerId }) => visible.has(layerId));
  return {
    readers: await readersOf(work, reads),
    classes: classesOf(basis.history),
    versions: history.map(({ number, publishedAt }) => ({ number, publishedAt: publishedAt.toISOString() })),
    use: await classUse(work, basis),
    offsets: await offsetsByReader(work, basis),
    repeats: await repeatGroups(work, basis),
    repeatsOpen: past.filter((read) => read.purpose === "repeat" && read.submittedAt === null).length,
    bridge: await bridgeOf(work, basis, new Set(seen.map(({ layerId }) => layerId))),
  };
}

/** @param seen layers that the lead may see: whoever reads in the bridge set learns of their own reads only */
async function bridgeOf(work: Work, basis: DriftBasis, seen: ReadonlySet<LayerId>): Promise<Bridge> {
  const { projectId } = basis.member;
  const regions = await bridgeRegionsOf(work.db, projectId);
  const rounds = await bridgeRounds(work.db, projectId);
  return {
    regions: regions
      .filter(({ removedAt }) => removedAt === null)
      .map(({ id, slideId, slideName, name, minX, minY, maxX, maxY }) => ({
        id,
        slideId,
        slideName,
        name,
        box: [minX, minY, maxX, maxY],
      })),
    readerIds: await bridgeReadersOf(work.db, projectId),
    rounds: rounds.map(({ id, version, reads }) => {
      const known = reads.filter(({ layerId }) => seen.has(layerId));
      const submitted = known.filter(({ state }) => state === "submitted").length;
      return { roundId: id, version, submitted, total: known.length };
    }),
    ...(await bridgeGroups(work, basis, regions)),
  };
}

async function readersOf({ db }: Work, reads: readonly SubmittedRead[]): Promise<Drift["readers"]> {
  const people = await peopleById(db, [...new Set(reads.map(({ readerId }) => readerId))]);
  return [...people.values()]
    .map(({ id, name, colour }) => ({ id, name, colour }))
    .sort((a, b) => a.name.localeCompare(b.name, "en") || (a.id < b.id ? -1 : 1));
}

/** Every class that any version knows, by the newest that does. */
function classesOf(history: readonly GuidelineVersion[]): Drift["classes"] {
  const known = new Map<string, Drift["classes"][number]>();
  for (const { content } of history) {
    for (const { id, name, colour } of content.classes) known.set(id, { id, name, colour });
  }
  return [...known.values()];
}
