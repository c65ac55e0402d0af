import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Geometry, polygonsOf } from "#domain/annotation.ts";
import { computeConsensus, voteLevels } from "#domain/consensus.ts";
import { geometryArea, moveBy, polygonsArea } from "#domain/geometry.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { normalise, overlapArea } from "#domain/overlay.ts";
import { stapleOfMarks } from "#domain/staple.ts";
import { type Labelled, voteAreas, votedAtLeast } from "#domain/vote-areas.ts";
import { anyOutline, blob, square } from "#tests/support/outlines.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

describeWithData("reference values of vote levels", "reference-metrics/regions.json", (path) => {
  test("[VOT1] what at least so many readers marked has the area of the reference data", () => {
    const ring = z.array(z.tuple([z.number(), z.number()]));
    const expected = z.object({
      area_votes_ge: z.record(z.string(), z.number()),
      majority_area: z.number(),
      mean_area: z.number(),
      conditional_agreement: z.number(),
    });
    const input = z.object({ annotators: z.array(z.array(ring)) });
    for (const each of referenceCases(path, "vote_level_areas", input, expected)) {
      const reads = each.input.annotators.map((rings) => rings.map((points) => ({ label: 1, shape: [[points]] })));
      const levels = votedAtLeast(voteAreas(reads, 2), 1);
      const wanted = Object.values(each.expected.area_votes_ge);
      expect(levels.length).toBe(wanted.length);
      for (const [place, area] of wanted.entries()) expectNear(levels[place], area, 1e-6 * area, each.id);
      const readers = reads.length;
      expectNear(levels[Math.floor(readers / 2)], each.expected.majority_area, 1e-6 * each.expected.majority_area);
      expectNear(sum(levels) / readers, each.expected.mean_area, 1e-6 * each.expected.mean_area);
      expectNear(levels.at(-1)! / levels[0]!, each.expected.conditional_agreement, 1e-6);
      // Constructed on the grid of outlines the levels are the same to what rounding moves.
      const built = voteLevels(each.input.annotators.map((rings) => rings.map((points) => [points])));
      for (const [place, area] of wanted.entries()) expectNear(polygonsArea(built[place]!), area, 1e-3 * area);
    }
  });
});

describe("areas of votes", () => {
  const valid = anyOutline(40)
    .map((drawn) => normalise(drawn))
    .filter((outline) => outline !== null);

  test("[VOT2] the areas of all vote levels add up to the areas of all reads", () => {
    // Single rings: rounding to the grid can leave two parts of one outline with a crumb in common, counted once here.
    const rings = valid.map((outline): Geometry => ({ type: "polygon", rings: [polygonsOf(outline)[0]![0]!] }));
    fc.assert(
      fc.property(fc.array(rings, { minLength: 1, maxLength: 5 }), (outlines) => {
        const levels = votedAtLeast(
          voteAreas(
            outlines.map((shape) => [{ label: 1, shape }]),
            2,
          ),
          1,
        );
        const total = sum(outlines.map(geometryArea));
        expectNear(sum(levels), total, 1e-9 * total);
        for (const [place, area] of levels.slice(1).entries()) expect(area).toBeLessThanOrEqual(levels[place]! + 1e-9);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("[VOT2] what two readers both marked is the area they have in common", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        const areas = voteAreas([[{ label: 1, shape: a }], [{ label: 1, shape: b }]], 2);
        expectNear(votedAtLeast(areas, 1)[1] ?? 0, overlapArea(a, b), 1e-9 * geometryArea(a));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test("[VOT3] where outlines of one read lie on one another the later is on top; what nobody marked is a row", () => {
    const first: Labelled[] = [
      { label: 1, shape: square(0, 0, 100) },
      { label: 2, shape: square(10, 10, 20) },
    ];
    const second: Labelled[] = [{ label: 1, shape: square(0, 0, 100) }];
    expect(voteAreas([first, second], 3, 20_000)).toEqual({
      categories: 3,
      rows: [
        { labels: [0, 0], weight: 10_000 },
        { labels: [1, 1], weight: 9_600 },
        { labels: [2, 1], weight: 400 },
      ],
    });
    expect(voteAreas([[], []], 3).rows).toEqual([]);
  });

  test("[VOT3] 60,000 px away no area changes by a bit", () => {
    const reads = [0, 1, 2].map((reader): Labelled[] => [
      { label: 1, shape: blob([100 + 5 * reader, 100], 50) },
      { label: 2, shape: blob([100, 105], 20 + reader) },
    ]);
    const grid = reads.map((read) => read.map(({ label, shape }) => ({ label, shape: normalise(shapeOf(shape))! })));
    const far = grid.map((read) => read.map(({ label, shape }) => ({ label, shape: moveBy(shape, 60_000, 48_000) })));
    expect(voteAreas(far, 3)).toEqual(voteAreas(grid, 3));
  });

  test("[VOT4] they are the areas that the map of votes is made of, to what rounding moves", () => {
    const [tumour, stroma] = [classId.parse("tumour00"), classId.parse("stroma00")];
    const reads = ["a", "b", "c"].map((readerKey, reader) => ({
      readerKey,
      outlines: [
        {
          annotationId: annotationId.parse(`${readerKey}tumour0`),
          classId: tumour,
          geometry: blob([300 + 9 * reader, 300], 90),
        },
        {
          annotationId: annotationId.parse(`${readerKey}stroma0`),
          classId: stroma,
          geometry: blob([340, 300 - 9 * reader], 30),
        },
      ],
    }));
    const region = { minX: 0, minY: 0, maxX: 4_000, maxY: 4_000 };
    const built = computeConsensus(reads, {
      quorum: 2,
      minDisputeUm2: 0,
      mpp: null,
      region,
      classIds: [tumour, stroma],
    });
    const labelled = reads.map(({ outlines }) =>
      outlines.map(({ classId: of, geometry }) => ({ label: of === tumour ? 1 : 2, shape: geometry })),
    );
    const areas = voteAreas(labelled, 3, built.evaluated.areaPx);
    for (const { a, b, areaPx } of built.overall.pairs) {
      for (const [i, row] of areaPx.entries()) {
        for (const [j, area] of row.entries()) {
          const same = areas.rows.filter(({ labels }) => labels[a] === i && labels[b] === j);
          expectNear(sum(same.map(({ weight }) => weight)), area, 15);
        }
      }
    }
    expect(stapleOfMarks({ categories: 2, rows: areas.rows.map(binary) }).skills.length).toBe(3);
  });
});

function binary({ labels, weight }: { labels: readonly (number | null)[]; weight: number }) {
  return { labels: labels.map((label) => Number(label === 1)), weight };
}

function shapeOf(shape: Labelled["shape"]) {
  if ("type" in shape) return shape;
  throw new Error("a geometry is expected");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
