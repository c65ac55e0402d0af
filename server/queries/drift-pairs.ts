import type { BridgeRegion } from "#db/bridge.ts";
import type { SubmittedRead } from "#db/reads.ts";
import type { Bbox } from "#domain/annotation.ts";
import { changedBetween, type PairAreas, pairAgreement } from "#domain/drift.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { classesAt } from "#domain/migration.ts";
import { seedFrom } from "#domain/random.ts";
import type { Bridge, Drift, PairGroup } from "#server/api/schemas/drift.ts";
import { answered, type DriftBasis, pairTable, type Work } from "./drift-measures.ts";

/** Two reads of the same tissue, the earlier version first. */
type Pair = { readonly first: SubmittedRead; readonly again: SubmittedRead; readonly within: readonly Bbox[] | null };

/** Each reader's hidden repeats against their first reads, by reader and by the versions of the two. */
export async function repeatGroups(work: Work, basis: DriftBasis): Promise<Drift["repeats"]> {
  const byLayer = new Map(basis.reads.map((read) => [read.layerId, read]));
  const pairs = basis.reads.flatMap((again): Pair[] => {
    const first = again.repeatOf === null ? undefined : byLayer.get(again.repeatOf);
    return first === undefined ? [] : [{ first, again, within: null }];
  });
  const groups: Drift["repeats"] = [];
  for (const [key, members] of groupedBy(pairs, ({ again }) => again.readerId)) {
    for (const group of await byVersions(work, basis, members)) groups.push({ readerId: key, ...group });
  }
  return groups;
}

/** Bridge reads: each reader under one version and the next, and different readers under the same. */
export async function bridgeGroups(
  work: Work,
  basis: DriftBasis,
  regions: readonly BridgeRegion[],
): Promise<Pick<Bridge, "versions" | "readers">> {
  const reads = basis.reads.filter(({ purpose }) => purpose === "bridge");
  const bySlide = groupedBy(reads, ({ slideId }) => slideId);
  const within = (first: SubmittedRead, again: SubmittedRead) => sharedBoxes(regions, first, again);
  const versions = [...bySlide.values()].flatMap((own) =>
    [...groupedBy(own, ({ readerId }) => readerId).values()].flatMap((series) => consecutive(series, within)),
  );
  const readers = [...bySlide.values()].flatMap((own) =>
    [...groupedBy(own, ({ guidelineNumber }) => String(guidelineNumber)).values()].flatMap((each) =>
      acrossReaders(each, within),
    ),
  );
  return { versions: await byVersions(work, basis, versions), readers: await byVersions(work, basis, readers) };
}

type Within = (first: SubmittedRead, again: SubmittedRead) => readonly Bbox[];

function consecutive(series: readonly SubmittedRead[], within: Within): Pair[] {
  const ordered = [...series].sort((a, b) => a.guidelineNumber - b.guidelineNumber);
  return ordered.slice(1).flatMap((again, place): Pair[] => {
    const first = ordered[place];
    if (first === undefined) return [];
    const boxes = within(first, again);
    return boxes.length === 0 ? [] : [{ first, again, within: boxes }];
  });
}

function acrossReaders(reads: readonly SubmittedRead[], within: Within): Pair[] {
  return reads.flatMap((first, place) =>
    reads.slice(place + 1).flatMap((again): Pair[] => {
      const boxes = within(first, again);
      return boxes.length === 0 ? [] : [{ first, again, within: boxes }];
    }),
  );
}

/** Regions of the slide that were in the set when both reads were handed in. */
function sharedBoxes(regions: readonly BridgeRegion[], first: SubmittedRead, again: SubmittedRead): Bbox[] {
  const times = [first.submittedAt.getTime(), again.submittedAt.getTime()];
  return regions.filter(({ slideId, createdAt, removedAt }) => {
    if (slideId !== first.slideId || createdAt.getTime() > Math.min(...times)) return false;
    return removedAt === null || removedAt.getTime() > Math.max(...times);
  });
}

async function byVersions(work: Work, basis: DriftBasis, pairs: readonly Pair[]): Promise<PairGroup[]> {
  const groups: PairGroup[] = [];
  const keyed = groupedBy(pairs, ({ first, again }) => `${first.guidelineNumber}-${again.guidelineNumber}`);
  for (const [key, members] of keyed) {
    const [one] = members;
    if (one === undefined) continue;
    const [from, to] = [one.first.guidelineNumber, one.again.guidelineNumber];
    groups.push(await groupOf(work, basis, { from, to, members, key }));
  }
  return groups.sort((a, b) => a.from - b.from || a.to - b.to);
}

async function groupOf(
  work: Work,
  { member, history }: DriftBasis,
  group: { readonly from: number; readonly to: number; readonly members: readonly Pair[]; readonly key: string },
): Promise<PairGroup> {
  const { from, to, members, key } = group;
  const until = history.filter(({ number }) => number <= Math.max(from, to));
  const classIds = classIdsAt(until);
  const plain = until.map(({ number, changes }) => ({ number, changes }));
  const tables: PairAreas[] = [];
  for (const pair of members) {
    const areaPx = await pairTable(work, member.projectId, pair, { classIds, history: plain });
    tables.push({ cluster: pair.first.caseId, areaPx });
  }
  const { overall, classes } = pairAgreement(tables, classIds.length, { seed: seedFrom(key) });
  const changed = changedBetween(history, Math.min(from, to), Math.max(from, to));
  return {
    from,
    to,
    pairs: members.length,
    overall: answered(overall),
    classes: classes.flatMap(({ dice, kappa }, index) => {
      const classId = classIds[index];
      if (classId === undefined || !dice.value.defined) return [];
      return [{ classId, comparable: !changed.has(classId), dice: answered(dice), kappa: answered(kappa) }];
    }),
  };
}

function classIdsAt(history: readonly GuidelineVersion[]): readonly ClassId[] {
  const newest = history.at(-1);
  return newest === undefined ? [] : classesAt(newest.content).selectable.map(({ id }) => id);
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
