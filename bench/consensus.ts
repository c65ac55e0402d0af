import { byPattern } from "#domain/agreement.ts";
import { type AgreementSummary, summariseAgreement } from "#domain/agreement-summary.ts";
import { polygonsOf } from "#domain/annotation.ts";
import type { Read } from "#domain/consensus.ts";
import { type Matching, matchOutlines, ratingsOfClusters } from "#domain/matching.ts";
import { commonArea, iouOf, prepareShapes } from "#domain/overlap.ts";
import { buildIndex } from "#domain/spatial-index.ts";
import { type PeerRun, runPeer } from "./consensus/peer.ts";
import { benchReads, CLASS_IDS, READERS } from "./consensus/reads.ts";
import {
  AS_OBJECTS,
  AS_REGIONS,
  type Case,
  loopSection,
  realPathSection,
  squaresSection,
} from "./consensus/real-path.ts";
import { DENSE, LARGE, regionReads } from "./consensus/region-reads.ts";
import { servedSection } from "./consensus/served.ts";
import type { Options, Size } from "./support/options.ts";
import { median } from "./support/statistics.ts";
import { show, table, times } from "./support/table.ts";

const OBJECTS: Readonly<Record<Size, readonly number[]>> = {
  tiny: [200],
  quick: [2_000],
  medium: [2_000],
  full: [2_000, 20_000],
};
const RUNS = 3;
const RESAMPLES = 1_000;
/** A slide is cut into so many strips that stand for slides, so that intervals are computed. */
const STRIPS = 20;

/** Two places in a list of outlines, and their IoU, one after the other. */
type Pairs = readonly number[];
type OwnRun = {
  readonly preparedMs: number;
  readonly searchedMs: number;
  readonly overlapsMs: number;
  readonly pairs: Pairs;
};
type SummaryRun = {
  readonly matchedMs: number;
  readonly numbersMs: number;
  readonly matching: Matching;
  readonly summary: AgreementSummary;
};

/** Overlaps of several reads beside GEOS through shapely, and the whole summary of a slide. */
export async function benchConsensus({ seed, size, repeats }: Options, say: (line: string) => void): Promise<string> {
  const runs = repeats ?? RUNS;
  const parts: string[] = [];
  for (const objects of OBJECTS[size]) {
    const reads = benchReads(seed, objects);
    say(`consensus: ${READERS} readers x ${objects} outlines`);
    overlaps(reads);
    const own = Array.from({ length: runs }, () => overlaps(reads));
    const peer = runPeer(reads, runs);
    if (peer !== null) compareAnswers(own[0]?.pairs ?? [], peer.pairs);
    const whole = Array.from({ length: runs }, () => summarise(reads));
    parts.push(sectionOf(objects, reads, own, peer, whole));
  }
  say("consensus: the real path");
  const cases = casesOf(seed, size);
  parts.push("### The real path", realPathSection(cases, seed), await loopSection(cases), squaresSection(cases, seed));
  say("consensus: the server beside its database");
  parts.push(await servedSection(OBJECTS[size][0] ?? 0, seed));
  return parts.join("\n\n");
}

/** Objects as many as above, and regions, few and large or many and touching. */
function casesOf(seed: number, size: Size): Case[] {
  const share = size === "tiny" ? 0.1 : 1;
  const fields = [
    ["large regions", LARGE],
    ["dense regions", DENSE],
  ] as const;
  return [
    ...OBJECTS[size].map((objects) => ({
      name: `${objects} objects`,
      reads: benchReads(seed, objects),
      parameters: AS_OBJECTS,
    })),
    ...fields.map(([name, field]) => ({
      name: `${Math.ceil(share * field.regions)} ${name}`,
      reads: regionReads(seed, { ...field, regions: Math.ceil(share * field.regions) }),
      parameters: AS_REGIONS,
    })),
  ];
}

function overlaps(reads: readonly Read[]): OwnRun {
  const readers = reads.flatMap(({ outlines }, reader) => outlines.map(() => reader));
  const started = performance.now();
  const shapes = prepareShapes(reads.flatMap(({ outlines }) => outlines.map(({ geometry }) => polygonsOf(geometry))));
  const prepared = performance.now();
  const index = buildIndex(shapes.boxes);
  const near = shapes.boxes.map((box, first) =>
    index.search(box, (second) => second > first && readers[second] !== readers[first]),
  );
  const searched = performance.now();
  const pairs: number[] = [];
  for (const [first, candidates] of near.entries()) {
    for (const second of candidates) {
      const common = commonArea(shapes, first, second);
      if (common > 0) pairs.push(first, second, iouOf(shapes, first, second, common));
    }
  }
  const ended = performance.now();
  return { preparedMs: prepared - started, searchedMs: searched - prepared, overlapsMs: ended - searched, pairs };
}

/** Pairs whose common area is nothing but rounding may be missing on one side. */
function compareAnswers(own: Pairs, peer: PeerRun["pairs"]): void {
  const known = new Map(triples(own).map(([first, second, iou]) => [`${first} ${second}`, iou]));
  for (const [first, second, iou] of peer) {
    const found = known.get(`${first} ${second}`) ?? 0;
    known.delete(`${first} ${second}`);
    if (Math.abs(found - iou) > 1e-9) throw new Error(`IoU of ${first} and ${second}: ${found} here, ${iou} by GEOS`);
  }
  for (const [pair, iou] of known) if (iou > 1e-9) throw new Error(`IoU of ${pair}: ${iou} here, none by GEOS`);
}

function triples(pairs: Pairs): [number, number, number][] {
  return Array.from({ length: pairs.length / 3 }, (_, place) => {
    const [first = 0, second = 0, iou = 0] = pairs.slice(3 * place, 3 * place + 3);
    return [first, second, iou];
  });
}

function summarise(reads: readonly Read[]): SummaryRun {
  const started = performance.now();
  const matching = matchOutlines(reads);
  const matched = performance.now();
  const ordered = [...matching.clusters].sort((a, b) => a.bbox.minX - b.bbox.minX);
  const slides = Array.from({ length: STRIPS }, (_, strip) => {
    const from = Math.floor((strip * ordered.length) / STRIPS);
    const to = Math.floor(((strip + 1) * ordered.length) / STRIPS);
    return { cluster: `strip ${strip}`, ratings: byPattern(ratingsOfClusters(ordered.slice(from, to), CLASS_IDS)) };
  });
  const summary = summariseAgreement(slides, READERS, { seed: 1, resamples: RESAMPLES });
  return { matchedMs: matched - started, numbersMs: performance.now() - matched, matching, summary };
}

function sectionOf(
  objects: number,
  reads: readonly Read[],
  own: readonly OwnRun[],
  peer: PeerRun | null,
  whole: readonly SummaryRun[],
): string {
  const outlines = reads.reduce((sum, read) => sum + read.outlines.length, 0);
  const of = <Run>(runs: readonly Run[], read: (run: Run) => number) => median(runs.map(read));
  const ownMs = of(own, (run) => run.preparedMs + run.searchedMs + run.overlapsMs);
  const peerMs = peer === null ? null : of(peer.runsMs, ([tree, search, cut]) => tree + search + cut);
  const peerPart = (place: 0 | 1 | 2) => (peer === null ? null : of(peer.runsMs, (run) => run[place]));
  const first = triples(own[0]?.pairs ?? []);
  const clusters = whole[0]?.matching.clusters.length ?? 0;
  const alpha = whole[0]?.summary.overall.alpha;
  const interval = alpha?.limits.defined ? `${show(alpha.limits.low)} to ${show(alpha.limits.high)}` : "no interval";
  const preparing = of(own, (run) => run.preparedMs);
  return [
    `### ${READERS} readers x ${objects} outlines`,
    `${outlines} outlines of 40 vertices, ${first.length} pairs that overlap, sum of IoU ${show(first.reduce((sum, [, , iou]) => sum + iou, 0))}.`,
    peer === null
      ? "No interpreter has shapely (Debian: `apt-get install python3-shapely`), so there is no peer."
      : `Peer: ${peer.versions}. Every IoU is the same to a billionth; that was checked before times were looked at.`,
    table(
      ["all IoUs, ms", "here", "shapely", "shapely / here"],
      [
        ["making shapes comparable", preparing, peer?.madeMs ?? null, "-"],
        ["index and pairs", of(own, (run) => run.searchedMs), add(peerPart(0), peerPart(1)), "-"],
        [
          "overlaps",
          of(own, (run) => run.overlapsMs),
          peerPart(2),
          times(
            peerPart(2),
            of(own, (run) => run.overlapsMs),
          ),
        ],
        ["all, the peer's polygons made beforehand", ownMs, peerMs, times(peerMs, ownMs)],
        [
          "all, from coordinates",
          ownMs,
          add(peerMs, peer?.madeMs ?? null),
          times(add(peerMs, peer?.madeMs ?? null), ownMs),
        ],
      ],
    ),
    table(
      ["whole summary, ms", "here"],
      [
        ["matches, splits and merges, clusters", of(whole, (run) => run.matchedMs)],
        [`votes and numbers with ${RESAMPLES} resamples of ${STRIPS} strips`, of(whole, (run) => run.numbersMs)],
        ["all", of(whole, (run) => run.matchedMs + run.numbersMs)],
      ],
    ),
    `${clusters} clusters; alpha ${alpha?.value.defined ? show(alpha.value.value) : "-"}, ${interval}.`,
  ].join("\n\n");
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
