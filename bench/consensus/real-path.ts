import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { median, quantile } from "#bench/support/statistics.ts";
import { table } from "#bench/support/table.ts";
import { watchTurns } from "#bench/support/turns.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { type ConsensusParameters, computeConsensus, Memory, type Read } from "#domain/consensus.ts";
import { geometryBbox, moveBy } from "#domain/geometry.ts";
import { LiveSquares } from "#domain/live-squares.ts";
import { seededRandom } from "#domain/random.ts";
import { TILE_PX, type TileKey, tilesMeeting, tileTally } from "#domain/tile-agreement.ts";
import { micronPerPx } from "#domain/units.ts";
import { startComputation } from "#server/jobs/computation.ts";
import { type ConsensusParts, unpackDisputes, unpackSummary } from "#server/jobs/consensus-parts.ts";
import { packPage } from "#server/jobs/packed-reads.ts";
import { standingsOf } from "#server/queries/decisions.ts";
import { jsonWithList } from "#server/slices.ts";
import { CLASS_IDS } from "./reads.ts";

const PARAMETERS: ConsensusParameters = {
  quorum: 3,
  minDisputeUm2: 0,
  mpp: micronPerPx(0.25),
  region: { minX: 0, minY: 0, maxX: 120_000, maxY: 120_000 },
  classIds: CLASS_IDS,
  method: { kind: "majority" },
  toleranceUm: 5,
};
export const AS_OBJECTS: ConsensusParameters = {
  ...PARAMETERS,
  rules: CLASS_IDS.map((classId) => ({ classId, objects: {} })),
};
export const AS_REGIONS = PARAMETERS;

export type Case = { readonly name: string; readonly reads: readonly Read[]; readonly parameters: ConsensusParameters };

const CHANGES = 20;
const PAGE = 1_000;

/** What a page of a slide's consensus is made of, from reads to the packed result; and again after each of some changes. */
export function realPathSection(cases: readonly Case[], seed: number): string {
  const rows = cases.map(({ name, reads, parameters }) => {
    const memory = new Memory();
    const [first, firstMs] = timed(() => computeConsensus(reads, parameters, memory));
    const [again, changes] = changed(reads, parameters, memory, seed);
    if (JSON.stringify(again.result) !== JSON.stringify(computeConsensus(again.reads, parameters)))
      throw new Error(`${name}: after changes the result is not that of the reads`);
    return [
      name,
      reads.reduce((sum, { outlines }) => sum + outlines.length, 0),
      first.disputes.length,
      firstMs,
      median(changes),
      Math.max(...changes),
    ];
  });
  return [
    table(["real path, CPU ms", "outlines", "disputes", "first", "after one change, p50", "most"], rows),
    `Everything that the pages show; each of ${CHANGES} changes moves one outline by a few px. After the last the result is that of the reads computed from nothing, byte for byte.`,
  ].join("\n\n");
}

function changed(given: readonly Read[], parameters: ConsensusParameters, memory: Memory, seed: number) {
  const random = seededRandom(seed);
  let [reads, result] = [given, computeConsensus(given, parameters, memory)];
  const took: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const reader = Math.floor(random() * reads.length);
    const place = Math.floor(random() * (reads[reader]?.outlines.length ?? 0));
    const [dx, dy] = [Math.round(8 * random()), Math.round(8 * random())];
    reads = reads.map((read, at) =>
      at !== reader
        ? read
        : {
            ...read,
            outlines: read.outlines.map((outline, index) =>
              index === place ? { ...outline, geometry: moveBy(outline.geometry, dx, dy) } : outline,
            ),
          },
    );
    const asked = reads;
    const [found, ms] = timed(() => computeConsensus(asked, parameters, memory));
    result = found;
    took.push(ms);
  }
  return [{ reads, result }, took] as const;
}

/** Votes of a single square of 1,024 px while people draw in it: the first time, and again after each of some changes. */
export function squaresSection(cases: readonly Case[], seed: number): string {
  const rows = cases.map(({ name, reads, parameters }) => {
    const key: TileKey = `${Math.floor(20_000 / TILE_PX) + 1}_${Math.floor(20_000 / TILE_PX) + 1}`;
    const settings = { classIds: CLASS_IDS, rules: parameters.rules ?? [], mpp: parameters.mpp };
    const squares = new LiveSquares(
      reads.map(({ readerKey }) => readerKey),
      settings,
    );
    squares.change(
      reads.flatMap(({ readerKey, outlines }) =>
        outlines.map((outline) => ({ readerKey, annotationId: outline.annotationId, outline })),
      ),
    );
    const here = outlinesIn(reads, key);
    const [, firstMs] = timed(() => squares.tally(key));
    const random = seededRandom(seed);
    const took = Array.from({ length: CHANGES }, () => {
      const place = Math.floor(random() * here.length);
      const [readerKey, outline] = here[place]!;
      const geometry = moveBy(outline.geometry, Math.round(8 * random()), Math.round(8 * random()));
      const moved = { ...outline, geometry };
      here[place] = [readerKey, moved];
      return timed(() => {
        squares.change([{ readerKey, annotationId: moved.annotationId, outline: moved }]);
        squares.tally(key);
      })[1];
    });
    if (JSON.stringify(squares.tally(key)) !== JSON.stringify(tileTally(withMoved(reads, here), key, settings)))
      throw new Error(`${name}: after changes the votes of the square are not those of its outlines`);
    return [name, here.length, firstMs, quantile(took, 0.5), Math.max(...took)];
  });
  return [
    table(["one live square, CPU ms", "outlines in it", "first", "after one change, p50", "most"], rows),
    "After the last change the votes are those of the outlines counted from nothing, byte for byte.",
  ].join("\n\n");
}

type Placed = [readerKey: string, outline: Read["outlines"][number]];

function outlinesIn(reads: readonly Read[], key: TileKey): Placed[] {
  return reads.flatMap(({ readerKey, outlines }) =>
    outlines
      .filter(({ geometry }) => tilesMeeting(geometryBbox(geometry)).includes(key))
      .map((outline): Placed => [readerKey, outline]),
  );
}

function withMoved(reads: readonly Read[], moved: readonly Placed[]): Read[] {
  const now = new Map(moved.map(([readerKey, outline]) => [`${readerKey} ${outline.annotationId}`, outline]));
  return reads.map(({ readerKey, outlines }) => ({
    readerKey,
    outlines: outlines.map((outline) => now.get(`${readerKey} ${outline.annotationId}`) ?? outline),
  }));
}

/**
 * How long the thread that serves people is held up while a worker computes a slide, and while the answer is read and sent.
 * Storing is left out: the bytes go into the database as they are.
 */
export async function loopSection(cases: readonly Case[]): Promise<string> {
  const failed = (event: string, fault: unknown) => {
    throw new Error(event, { cause: fault });
  };
  const computation = startComputation({ error: failed });
  try {
    const rows: (string | number)[][] = [];
    for (const { name, reads, parameters } of cases) {
      const pages = packed(reads);
      await pause(5);
      const turns = watchTurns();
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const parts = await computation.consensus({ reads: pages, history: [], decided: null, parameters });
      await pause(5);
      const [whileComputed, computedTurn] = [delay.max / 1e6, turns.longest() ?? "-"];
      delay.reset();
      const length = await answer(parts);
      await pause(5);
      delay.disable();
      turns.stop();
      const sentTurn = turns.longest() ?? "-";
      rows.push([name, mega(sizeOf(parts)), mega(length), whileComputed, computedTurn, delay.max / 1e6, sentTurn]);
    }
    const head = [
      "while a worker computes",
      "of that its own turn",
      "while the answer is sent",
      "of that its own turn",
    ];
    return table(["event loop held up, most ms", "packed MB", "answer MB", ...head], rows);
  } finally {
    await computation.close();
  }
}

async function answer(parts: ConsensusParts): Promise<number> {
  const summary = await unpackSummary(parts.summary);
  const standings = standingsOf(await unpackDisputes(parts.disputes), []);
  let length = 0;
  for await (const text of jsonWithList({ overall: summary.overall }, "disputes", standings)) length += text.length;
  return length;
}

function packed(reads: readonly Read[]) {
  return reads.map(({ readerKey, outlines }) => ({
    readerKey,
    pages: Array.from({ length: Math.ceil(outlines.length / PAGE) }, (_, page) =>
      packPage(
        outlines.slice(PAGE * page, PAGE * (page + 1)).map(({ annotationId: id, classId, geometry }) => ({
          id,
          record: encodeRecord({ classId, geometry, under: 1, attributes: {}, note: "" }),
        })),
      ),
    ),
  }));
}

function timed<Result>(run: () => Result): [Result, number] {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1_000];
}

function sizeOf(parts: ConsensusParts): number {
  return Object.values(parts).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function mega(bytes: number): number {
  return bytes / 1e6;
}
