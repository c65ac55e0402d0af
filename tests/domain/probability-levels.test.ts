import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { polygonsOf } from "#domain/annotation.ts";
import {
  type ConsensusParameters,
  computeConsensus,
  matchObjects,
  objectProbabilityLevels,
  probabilityLevels,
  type Read,
  stapleProbabilities,
  voteLevels,
} from "#domain/consensus.ts";
import { polygonsArea } from "#domain/geometry.ts";
import { overlapArea, union } from "#domain/overlay.ts";
import { stapleOfClasses } from "#domain/staple.ts";
import { aClassId, anAnnotationId } from "#tests/support/builders.ts";
import { blob } from "#tests/support/outlines.ts";

const [A, B] = [aClassId("a"), aClassId("b")];
const parameters: ConsensusParameters = {
  quorum: 2,
  minDisputeUm2: 0,
  mpp: null,
  region: { minX: 0, minY: 0, maxX: 2_000, maxY: 2_000 },
  classIds: [A, B],
};
const LEVELS = [0.5, 0.8, 0.95];

const outline = fc.record({
  x: fc.integer({ min: 300, max: 700 }),
  y: fc.integer({ min: 300, max: 700 }),
  radius: fc.integer({ min: 40, max: 200 }),
  isB: fc.boolean(),
});
const study = fc.array(fc.array(outline, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 4 });

function readsOf(drawn: readonly (readonly { x: number; y: number; radius: number; isB: boolean }[])[]): Read[] {
  return drawn.map((outlines, reader) => ({
    readerKey: `r${reader}`,
    outlines: outlines.map(({ x, y, radius, isB }, place) => ({
      annotationId: anAnnotationId(`r${reader}o${place}`),
      classId: isB ? B : A,
      geometry: blob([x, y], radius, { vertices: 24, phase: place + 2 * reader }),
    })),
  }));
}

describe("levels of probability", () => {
  test("[CON17] a level's area is that of all combinations of votes that reach it, and each lies within the one before", () => {
    fc.assert(
      fc.property(study, (drawn) => {
        const reads = readsOf(drawn);
        const { regions } = computeConsensus(reads, parameters).tally;
        const { posterior } = stapleOfClasses(regions);
        for (const [place, classId] of [A, B].entries()) {
          const found = probabilityLevels(reads, [A, B], classId, stapleProbabilities(regions), LEVELS);
          for (const [index, level] of LEVELS.entries()) {
            const wanted = regions.rows.reduce(
              (sum, { labels, weight }, row) =>
                labels.some((label) => label !== 0) && (posterior[row]?.[place + 1] ?? 0) >= level ? sum + weight : sum,
              0,
            );
            const area = polygonsArea(found[index] ?? []);
            expect(Math.abs(area - wanted)).toBeLessThan(1 + wanted * 1e-4);
            const wider = index === 0 ? (found[0] ?? []) : (found[index - 1] ?? []);
            expect(area - overlapArea(found[index] ?? [], wider)).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("[CON17] where as many votes are as probable a level is the level of votes, and the order of reads changes nothing", () => {
    fc.assert(
      fc.property(study, (drawn) => {
        const reads = readsOf(drawn.map((outlines) => outlines.map((each) => ({ ...each, isB: false }))));
        const share = (labels: readonly number[], label: number) =>
          labels.filter((each) => each === label).length / labels.length;
        const levels = reads.map((_, below) => (below + 1) / reads.length);
        const found = probabilityLevels(reads, [A], A, share, levels);
        const votes = voteLevels(
          reads.map(({ outlines }) => union(outlines.map(({ geometry }) => polygonsOf(geometry)))),
        );
        for (const [index, polygons] of votes.entries()) {
          const area = polygonsArea(polygons);
          expect(Math.abs(polygonsArea(found[index] ?? []) - area)).toBeLessThan(1 + area * 1e-4);
          expect(area - overlapArea(found[index] ?? [], polygons)).toBeLessThan(1 + area * 1e-4);
        }
        const turned = probabilityLevels([...reads].reverse(), [A], A, share, levels);
        for (const [index, polygons] of turned.entries()) {
          const area = polygonsArea(found[index] ?? []);
          expect(Math.abs(polygonsArea(polygons) - area)).toBeLessThan(1 + area * 1e-4);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("[CON17] votes that were not counted have no probability", () => {
    const probability = stapleProbabilities({ categories: 2, rows: [{ labels: [1, 1, 0], weight: 3 }] });
    expect(probability([0, 0, 1], 1)).toBeNull();
    expect(probability([1, 1, 0], 1)).toBeGreaterThan(0.5);
  });

  test("[CON18] of objects a level holds each that is so probable by its votes, whole, and each lies within the one before", () => {
    const rules = [A, B].map((classId) => ({ classId, objects: { leastIou: 0.3 } }));
    fc.assert(
      fc.property(study, (drawn) => {
        const reads = readsOf(drawn);
        const { objects } = computeConsensus(reads, { ...parameters, rules }).tally;
        const { posterior } = stapleOfClasses(objects);
        const matched = matchObjects(reads, () => ({ leastIou: 0.3 }), null);
        for (const [place, classId] of [A, B].entries()) {
          const found = objectProbabilityLevels(matched, [A, B], classId, stapleProbabilities(objects), LEVELS);
          for (const [index, level] of LEVELS.entries()) {
            const wanted = matched.clusters.flatMap(({ members }) => {
              const labels = members.map((member) => (member === null ? 0 : [A, B].indexOf(member.classId) + 1));
              const row = objects.rows.findIndex((each) => each.labels.join() === labels.join());
              if ((posterior[row]?.[place + 1] ?? 0) < level) return [];
              return members.flatMap((member) => (member?.classId === classId ? [polygonsOf(member.geometry)] : []));
            });
            expect(polygonsArea(found[index] ?? [])).toBeCloseTo(polygonsArea(union(wanted)), 6);
            const wider = found[Math.max(0, index - 1)] ?? [];
            const area = polygonsArea(found[index] ?? []);
            expect(area - overlapArea(found[index] ?? [], wider)).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
