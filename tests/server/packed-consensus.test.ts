import { afterAll, describe, expect, test, vi } from "vitest";
import { polygonsOf } from "#domain/annotation.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { type ConsensusParameters, computeConsensus, type Read, withDecisions } from "#domain/consensus.ts";
import { moveBy } from "#domain/geometry.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { normalise } from "#domain/overlay.ts";
import { micronPerPx } from "#domain/units.ts";
import { startComputation } from "#server/jobs/computation.ts";
import {
  packConsensus,
  unpackDisputes,
  unpackEntropy,
  unpackShapes,
  unpackSummary,
} from "#server/jobs/consensus-parts.ts";
import { packDecisions, unpackDecisions } from "#server/jobs/packed-decisions.ts";
import { packPage } from "#server/jobs/packed-reads.ts";
import { jsonWithList } from "#server/slices.ts";
import { blob } from "#tests/support/outlines.ts";

const tumour = classId.parse("tumour00");
const nucleus = classId.parse("nucleus0");
const parameters: ConsensusParameters = {
  quorum: 2,
  minDisputeUm2: 0,
  mpp: micronPerPx(0.5),
  region: { minX: 0, minY: 0, maxX: 20_000, maxY: 20_000 },
  classIds: [tumour, nucleus],
  rules: [{ classId: nucleus, objects: {} }],
  toleranceUm: 5,
};
/** Twice this and no more is read or written at once. */
const SLICE = 1 << 16;

const computation = startComputation({ error: () => undefined });
afterAll(() => computation.close());

describe("a consensus on its way from the worker to whoever asks", () => {
  const reads = ["a", "b", "c"].map((key, reader) => readOf(`reader${key}`, reader, 40));

  test("[CNS70] comes from the worker as packed bytes, whose parts hold what was computed", async () => {
    const expected = computeConsensus(reads, parameters);
    for (const changed of [reads, reads]) {
      const parts = await computation.consensus({
        reads: changed.map(({ readerKey, outlines }) => ({
          readerKey,
          pages: [packPage(outlines.map((outline) => ({ id: outline.annotationId, record: recordOf(outline) })))],
        })),
        history: [],
        decided: null,
        parameters,
      });
      expect(Object.values(parts).every((part) => part instanceof Uint8Array && part.byteLength > 0)).toBe(true);
      const { entropy, ...grid } = expected.raster;
      const { disputes, consensus, objects, raster: _, ...numbers } = expected;
      expect(await unpackSummary(parts.summary)).toEqual({ ...numbers, raster: grid });
      expect(await unpackDisputes(parts.disputes)).toEqual(disputes);
      expect(await unpackShapes(parts.shapes)).toEqual({ consensus, objects });
      expect([...(await unpackEntropy(parts.entropy))]).toEqual([...entropy]);
    }
  });

  test("[CNS70] where there is nothing to compare the parts are empty lists", async () => {
    const parts = packConsensus(computeConsensus([readOf("a", 0, 0), readOf("b", 0, 0)], parameters));
    expect(await unpackDisputes(parts.disputes)).toEqual([]);
    expect(await unpackShapes(parts.shapes)).toEqual({ consensus: [{ classId: tumour, polygons: [] }], objects: [] });
  });

  test("[CNS70] decisions go to the worker as bytes that name them, whatever the order of members", async () => {
    const [first, second] = reads[0]?.outlines ?? [];
    if (first === undefined || second === undefined) throw new Error("no outlines");
    const ids = [first.annotationId, second.annotationId];
    const decided = [
      { members: new Set(ids), outlines: [first] },
      { region: polygonsOf(second.geometry), outlines: [] },
    ];
    const bytes = await packDecisions(decided);
    expect(unpackDecisions(bytes)).toEqual(decided);
    const turned = await packDecisions([{ ...decided[0]!, members: new Set(ids.toReversed()) }, decided[1]!]);
    expect(turned).toEqual(bytes);
    expect(unpackDecisions(await packDecisions([]))).toEqual([]);
    const pages = reads.map(({ readerKey, outlines }) => ({
      readerKey,
      pages: [packPage(outlines.map((outline) => ({ id: outline.annotationId, record: recordOf(outline) })))],
    }));
    const parts = await computation.consensus({ reads: pages, history: [], decided: bytes, parameters });
    const counted = withDecisions(reads, decided, (id) => id === nucleus);
    expect(await unpackDisputes(parts.disputes)).toEqual(computeConsensus(counted, parameters).disputes);
  });

  test("[CNS71] thousands of disputes are read and written a slice at a time, with others' work in between", async () => {
    const many = computeConsensus(reads, parameters);
    const disputes = Array.from({ length: 4_000 }, (_, index) => many.disputes[index % many.disputes.length]!);
    const parts = packConsensus({ ...many, disputes });
    const [parse, stringify] = [vi.spyOn(JSON, "parse"), vi.spyOn(JSON, "stringify")];
    let turns = 0;
    let ticking = setImmediate(function tick() {
      turns += 1;
      ticking = setImmediate(tick);
    });
    try {
      const found = await unpackDisputes(parts.disputes);
      let text = "";
      for await (const piece of jsonWithList({ key: "k" }, "disputes", found)) {
        expect(piece.length).toBeLessThan(2 * SLICE);
        text += piece;
      }
      const whole = text.length;
      expect(whole).toBeGreaterThan(8 * SLICE);
      const most = Math.max(
        ...parse.mock.calls.map(([read]) => read.length),
        ...stringify.mock.results.map(({ value }) => String(value).length),
      );
      expect(most).toBeLessThan(SLICE);
      expect(turns).toBeGreaterThan(16);
      parse.mockRestore();
      expect(JSON.parse(text)).toEqual({ key: "k", disputes });
    } finally {
      clearImmediate(ticking);
      vi.restoreAllMocks();
    }
  });
});

/** Each hand a little off, some of another class. */
function readOf(readerKey: string, reader: number, count: number): Read {
  return {
    readerKey,
    outlines: Array.from({ length: count }, (_, index) => {
      const drawn = blob([200 + 120 * (index % 10), 200 + 120 * Math.floor(index / 10)], 40 + 3 * reader, {
        vertices: 24,
      });
      const geometry = normalise(moveBy(drawn, reader * 2, index % 3));
      if (geometry === null) throw new Error("no outline");
      return {
        annotationId: annotationId.parse(`${readerKey}o${index}`.padEnd(12, "0")),
        classId: (index + (index % 7 === reader ? 1 : 0)) % 2 === 0 ? tumour : nucleus,
        geometry,
      };
    }),
  };
}

function recordOf({ classId: id, geometry }: Read["outlines"][number]): Uint8Array {
  return encodeRecord({ classId: id, geometry, under: 1, attributes: {}, note: "" });
}
