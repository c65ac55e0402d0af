import { type ReadTally, readTallies, type SubmittedRead } from "#db/reads.ts";
import { type UsePoint, usageChanges, weekOf } from "#domain/drift.ts";
import type { ClassId, LayerId, PersonId } from "#domain/ids.ts";
import { resolve } from "#domain/migration.ts";
import type { Drift, UseSeries } from "#server/api/schemas/drift.ts";
import type { DriftBasis, Work } from "./drift-measures.ts";

/** What a read holds of each class that counts now. */
type Held = { readonly count: ReadonlyMap<ClassId, number>; readonly area: ReadonlyMap<ClassId, number> };
type Quantity = keyof Held;

/** What each reader outlined, read by read in the order of handing in; bridge reads cover regions only and are left out. */
export async function classUse({ db }: Work, { reads, history }: DriftBasis): Promise<Drift["use"]> {
  const whole = reads.filter(({ purpose }) => purpose !== "bridge");
  const tallies = await readTallies(
    db,
    whole.map(({ layerId }) => layerId),
  );
  const held = heldByRead(tallies, (classId, under) => {
    const standing = resolve(classId, under, history);
    return standing.state === "archived" ? null : standing.classId;
  });
  const readerIds = [...new Set(whole.map(({ readerId }) => readerId))].sort();
  return readerIds.map((readerId) => readerUse(readerId, whole, held));
}

function readerUse(
  readerId: PersonId,
  whole: readonly SubmittedRead[],
  held: ReadonlyMap<LayerId, Held>,
): Drift["use"][number] {
  const own = whole.filter((read) => read.readerId === readerId);
  const used = new Set(own.flatMap(({ layerId }) => [...(held.get(layerId)?.count.keys() ?? [])]));
  return {
    readerId,
    reads: own.map((read) => ({
      layerId: read.layerId,
      slideId: read.slideId,
      slideName: read.slideName,
      at: read.submittedAt.toISOString(),
      week: weekOf(read.submittedAt),
      guidelineNumber: read.guidelineNumber,
      repeat: read.purpose === "repeat",
      outlines: totalOf(held.get(read.layerId)?.count),
      areaPx: totalOf(held.get(read.layerId)?.area),
    })),
    classes: [...used].sort().map((classId) => {
      const series = (quantity: Quantity) => seriesOf(own, whole, held, { classId, quantity });
      return { classId, area: series("area"), count: series("count") };
    }),
  };
}

function seriesOf(
  own: readonly SubmittedRead[],
  whole: readonly SubmittedRead[],
  held: ReadonlyMap<LayerId, Held>,
  { classId, quantity }: { readonly classId: ClassId; readonly quantity: Quantity },
): UseSeries {
  const shareIn = (read: SubmittedRead) => shareOf(held.get(read.layerId)?.[quantity], classId);
  const points = own.map((read): UsePoint => {
    const others = whole.filter(
      (each) => each.slideId === read.slideId && each.readerId !== read.readerId && each.purpose === "work",
    );
    return {
      at: read.submittedAt,
      guidelineNumber: read.guidelineNumber,
      share: shareIn(read),
      others: others.length === 0 ? null : others.reduce((sum, each) => sum + shareIn(each), 0) / others.length,
    };
  });
  const { relative, changes } = usageChanges(points);
  return { shares: points.map(({ share }) => share), others: points.map(({ others }) => others), relative, changes };
}

function heldByRead(
  tallies: readonly ReadTally[],
  effective: (classId: ClassId, under: number) => ClassId | null,
): Map<LayerId, Held> {
  const held = new Map<LayerId, { count: Map<ClassId, number>; area: Map<ClassId, number> }>();
  for (const { layerId, classId, under, count, areaPx } of tallies) {
    const known = effective(classId, under);
    if (known === null) continue;
    const read = held.get(layerId) ?? { count: new Map<ClassId, number>(), area: new Map<ClassId, number>() };
    read.count.set(known, (read.count.get(known) ?? 0) + count);
    read.area.set(known, (read.area.get(known) ?? 0) + areaPx);
    held.set(layerId, read);
  }
  return held;
}

function shareOf(amounts: ReadonlyMap<ClassId, number> | undefined, classId: ClassId): number {
  const all = totalOf(amounts);
  return all > 0 ? (amounts?.get(classId) ?? 0) / all : 0;
}

function totalOf(amounts: ReadonlyMap<ClassId, number> | undefined): number {
  return [...(amounts?.values() ?? [])].reduce((sum, amount) => sum + amount, 0);
}
