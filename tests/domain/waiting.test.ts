import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import { type ConsensusParameters, computeConsensus, type Outline, type Read, withWaiting } from "#domain/consensus.ts";
import { overlapArea } from "#domain/overlay.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClassId, anAnnotationId, square } from "#tests/support/builders.ts";

const [DRAWN, CELL, FORMER] = [aClassId("b"), aClassId("cell"), aClassId("a")];
const parameters: ConsensusParameters = {
  ...{ quorum: 2, minDisputeUm2: 0, mpp: micronPerPx(0.5), region: { minX: 0, minY: 0, maxX: 4_000, maxY: 4_000 } },
  classIds: [DRAWN, CELL],
  rules: [{ classId: CELL, objects: { radiusUm: 5 } }],
};
const outline = (id: string, classId: Outline["classId"], geometry: Geometry): Outline => ({
  annotationId: anAnnotationId(id),
  classId,
  geometry,
});
const point = (x: number, y: number): Geometry => ({ type: "point", at: [x, y] });
const ids = (disputes: ReturnType<typeof withWaiting>) =>
  disputes.map(({ votes }) => votes.map(({ waitingIds = null }) => waitingIds));

describe("outlines that wait for a class", () => {
  test("[CON19] are named at the votes of those who mark nothing where they lie, regions and points, and nowhere else", () => {
    const reads: Read[] = [
      { readerKey: "p", outlines: [outline("p1", DRAWN, square(100, 100, 200)), outline("p2", CELL, point(900, 900))] },
      { readerKey: "q", outlines: [] },
      { readerKey: "r", outlines: [] },
    ];
    const { disputes } = computeConsensus(reads, parameters);
    expect(disputes.map(({ basis }) => basis)).toEqual(["region", "object"]);
    const waiting: Read[] = [
      { readerKey: "p", outlines: [outline("p3", FORMER, square(100, 100, 200))] },
      {
        readerKey: "q",
        outlines: [
          outline("q2", FORMER, square(250, 250, 100)),
          outline("q1", FORMER, square(150, 150, 20)),
          outline("touches", FORMER, square(300, 100, 50)),
          outline("far", FORMER, square(2_000, 2_000, 50)),
          outline("near", FORMER, point(905, 900)),
          outline("beyond", FORMER, point(930, 900)),
        ],
      },
      { readerKey: "r", outlines: [outline("around", FORMER, square(800, 800, 200))] },
    ];
    expect(ids(withWaiting(disputes, waiting))).toEqual([
      [null, [anAnnotationId("q1"), anAnnotationId("q2")].sort(), null],
      [null, [anAnnotationId("near")], [anAnnotationId("around")]],
    ]);
    expect(withWaiting(disputes, [{ readerKey: "q", outlines: [] }])).toBe(disputes);
  });

  test("[CON19] are those that share area with the dispute, whichever they are", () => {
    const side = fc.integer({ min: 10, max: 400 });
    const place = fc.integer({ min: 0, max: 900 });
    const squares = fc.array(fc.tuple(place, place, side), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(squares, squares, (drawn, waiting) => {
        const outlines = (name: string, all: typeof drawn, classId: Outline["classId"]) =>
          all.map(([x, y, length], index) => outline(`${name}${index}`, classId, square(x, y, length)));
        const reads = [
          { readerKey: "p", outlines: outlines("p", drawn, DRAWN) },
          { readerKey: "q", outlines: [] },
        ];
        const wait = { readerKey: "q", outlines: outlines("q", waiting, FORMER) };
        const { disputes } = computeConsensus(reads, parameters);
        for (const dispute of withWaiting(disputes, [wait])) {
          const wanted = wait.outlines.filter(({ geometry }) => overlapArea(geometry, dispute.geometry) > 0.25);
          expect(dispute.votes[1]?.waitingIds ?? []).toEqual(wanted.map(({ annotationId }) => annotationId).sort());
        }
      }),
      { numRuns: 60 },
    );
  });
});
