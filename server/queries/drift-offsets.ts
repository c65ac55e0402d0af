import type { OutlineOffset } from "#domain/boundary.ts";
import { meanOffset, type SlideOffset } from "#domain/drift.ts";
import type { ClassId, PersonId, RoundId, SlideId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { seedFrom } from "#domain/random.ts";
import type { Drift } from "#server/api/schemas/drift.ts";
import { roundSubject } from "./consensus.ts";
import { answered, type DriftBasis, offsetsOf, type Work } from "./drift-measures.ts";

type Sample = SlideOffset & { readonly readerId: PersonId; readonly classId: ClassId };

/**
 * How loosely each reader draws against the consensus of the rounds that they read in. Their own vote counts in it, so the
 * true offset is somewhat larger. Slides without a scale give none, since they cannot say it in um.
 */
export async function offsetsByReader(work: Work, basis: DriftBasis): Promise<Drift["offsets"]> {
  const samples = await samplesOf(work, basis);
  const readerIds = [...new Set(samples.map(({ readerId }) => readerId))].sort();
  return readerIds.map((readerId) => {
    const own = samples.filter((sample) => sample.readerId === readerId);
    const estimate = (name: string, some: readonly Sample[]) =>
      answered(meanOffset(some, { seed: seedFrom(`offset:${readerId}:${name}`) }));
    const classIds = [...new Set(own.filter(({ offset }) => offset.lengthPx > 0).map(({ classId }) => classId))].sort();
    return {
      readerId,
      overall: estimate("all", own),
      classes: classIds.map((classId) => ({
        classId,
        offset: estimate(
          classId,
          own.filter((sample) => sample.classId === classId),
        ),
      })),
    };
  });
}

async function samplesOf(work: Work, { member, reads }: DriftBasis): Promise<Sample[]> {
  const byLayer = new Map<string, (typeof reads)[number]>(reads.map((read) => [read.layerId, read]));
  const samples: Sample[] = [];
  for (const place of placesOf(reads)) {
    const subject = await roundSubject(work, place.roundId, place.slideId);
    if (subject === null || !can(member, "consensus.view", subject)) continue;
    const { classIds, reads: found } = await offsetsOf(work, member.projectId, place);
    for (const { layerId, classes } of found) {
      const read = byLayer.get(layerId);
      if (read?.mpp == null) continue;
      const { readerId, caseId: cluster, mpp } = read;
      for (const [index, classId] of classIds.entries()) {
        samples.push({ readerId, classId, cluster, mpp, offset: classes[index] ?? NOTHING });
      }
    }
  }
  return samples;
}

const NOTHING: OutlineOffset = { integralPx2: 0, lengthPx: 0, beyondPx: 0 };

/** Where two ordinary reads or more can be compared. */
function placesOf(reads: DriftBasis["reads"]): { readonly roundId: RoundId; readonly slideId: SlideId }[] {
  const places = new Map<string, { roundId: RoundId; slideId: SlideId; count: number }>();
  for (const { roundId, slideId, purpose } of reads) {
    if (purpose !== "work") continue;
    const key = `${roundId}/${slideId}`;
    places.set(key, { roundId, slideId, count: (places.get(key)?.count ?? 0) + 1 });
  }
  return [...places.values()].filter(({ count }) => count > 1);
}
