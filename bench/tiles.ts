import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Options, Size } from "./support/options.ts";
import { interleaved, medians } from "./support/statistics.ts";
import { table, times } from "./support/table.ts";
import { startServer } from "./sync/servers.ts";
import { isInstalled, startNginx } from "./tiles/nginx.ts";
import { checkSameTiles, keepTiles, type Origin, tilesOfNewSlide } from "./tiles/slide.ts";
import { askForTiles } from "./tiles/wrk.ts";

type Contestant = { readonly name: string; readonly origin: Origin; cpuMs(): Promise<number> };
type Figures = {
  readonly tilesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuUsPerTile: number;
};

const FIGURES = ["tilesPerSecond", "p50", "p99", "cpuUsPerTile"] as const;
const SIZES: Readonly<Record<Size, { readonly width: number; readonly seconds: number; readonly rounds: number }>> = {
  tiny: { width: 1_024, seconds: 1, rounds: 1 },
  quick: { width: 4_096, seconds: 3, rounds: 3 },
  medium: { width: 4_096, seconds: 3, rounds: 3 },
  full: { width: 16_384, seconds: 6, rounds: 5 },
};

/** Tiles of one slide, asked for at random of Concord and of nginx with the same tiles as files. @returns the table */
export async function benchTiles(options: Options, say: (line: string) => void): Promise<string> {
  const missing = ["nginx", "wrk"].filter((program) => !isInstalled(program));
  if (missing.length > 0) return `Not measured: ${missing.join(" and ")} not installed.`;
  const { width, seconds, rounds } = SIZES[options.size];
  const folder = mkdtempSync(join(tmpdir(), "concord-tiles-"));
  const server = await startServer("concord", { persons: 1, rooms: 1 });
  const opened: (() => Promise<void>)[] = [() => server.close()];
  try {
    const { url, headers } = server.address(0, 0);
    const concord: Origin = { base: `http://${new URL(url).host}`, headers };
    say(`A slide of ${width} px is made ...`);
    const paths = await tilesOfNewSlide(concord, { folder, width, seed: options.seed });
    const files = join(folder, "files");
    const bytes = await keepTiles(concord, paths, files);
    const contestants: Contestant[] = [
      { name: "Concord", origin: concord, cpuMs: async () => (await server.usage()).cpuMs },
    ];
    for (const workers of [1, 2]) {
      const nginx = await startNginx(folder, files, workers);
      opened.push(() => nginx.stop());
      const name = `nginx, ${workers} ${workers === 1 ? "worker" : "workers"}`;
      contestants.push({ name, origin: { base: nginx.base, headers: {} }, cpuMs: async () => nginx.cpuMs() });
    }
    for (const { origin } of contestants) await checkSameTiles(concord, origin, paths, options.seed);
    const found = new Map(contestants.map((each) => [each, [] as Figures[]]));
    for (const each of interleaved(contestants, options.repeats ?? rounds)) {
      found.get(each)?.push(await measure(each, paths, { folder, seconds, seed: options.seed }));
      say(`tiles: ${each.name}`);
    }
    return reportOf(found, { width, tiles: paths.length, bytes });
  } finally {
    for (const close of opened.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  { origin, cpuMs }: Contestant,
  paths: readonly string[],
  how: { readonly folder: string; readonly seconds: number; readonly seed: number },
): Promise<Figures> {
  const before = await cpuMs();
  const { tiles, tilesPerSecond, p50, p99 } = await askForTiles(origin, paths, how);
  return { tilesPerSecond, p50, p99, cpuUsPerTile: (((await cpuMs()) - before) * 1_000) / tiles };
}

function reportOf(
  found: ReadonlyMap<Contestant, readonly Figures[]>,
  slide: { readonly width: number; readonly tiles: number; readonly bytes: number },
): string {
  const middles = [...found].map(([{ name }, figures]) => ({ name, n: figures.length, ...medians(figures, FIGURES) }));
  const reference = middles.find(({ name }) => name === "nginx, 1 worker");
  const rows = middles.map((each) => [
    each.name,
    each.n,
    ...FIGURES.map((figure) => each[figure]),
    times(each.tilesPerSecond, reference?.tilesPerSecond ?? null),
    times(each.p99, reference?.p99 ?? null),
    times(each.cpuUsPerTile, reference?.cpuUsPerTile ?? null),
  ]);
  const head = ["server", "n", "tiles/s", "p50 ms", "p99 ms", "CPU us / tile", "tiles/s", "p99", "CPU"];
  return [
    `A generated slide of ${slide.width} px, ${slide.tiles} tiles of ${Math.round(slide.bytes / 1_024)} KiB; asked for at random over 16 connections by wrk on the same machine. The last three columns are ratios to nginx with one worker. Concord is one process, and answers only who may see the slide.`,
    table(head, rows),
  ].join("\n\n");
}
