// The start of the benches: npm run bench -- [sync] [tiles] [consensus] [guideline] [walk] [--quick] [--seed n] ...; docs/BENCHMARKS.md says more.
import { benchConsensus } from "./consensus.ts";
import { benchGrowth } from "./growth.ts";
import { benchGuideline } from "./guideline.ts";
import { benchKills } from "./kills.ts";
import { benchLayout } from "./layout.ts";
import { benchStrace } from "./strace.ts";
import { loadNow, machineLine } from "./support/machine.ts";
import { type Bench, type Options, readOptions } from "./support/options.ts";
import { writeSection } from "./support/results.ts";
import { benchSync } from "./sync.ts";
import { benchTiles } from "./tiles.ts";
import { benchWalk } from "./walk.ts";

const RUN: Readonly<Record<Bench, (options: Options, say: (line: string) => void) => Promise<string>>> = {
  sync: benchSync,
  tiles: benchTiles,
  consensus: benchConsensus,
  guideline: benchGuideline,
  kills: benchKills,
  strace: benchStrace,
  growth: benchGrowth,
  layout: benchLayout,
  walk: benchWalk,
};

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** As it is typed into a shell. */
function quoted(argument: string): string {
  return /^[\w.,=-]+$/.test(argument) ? argument : `"${argument}"`;
}

async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  for (const bench of options.benches) {
    const [load, started] = [loadNow(), new Date()];
    if (load > 1.5) say(`The machine is busy (load ${load.toFixed(1)}): figures of this run are for trying only.`);
    const body = await RUN[bench](options, say);
    const command = ["npm run bench --", ...args.map(quoted)].join(" ");
    const head = [
      `## ${bench}, ${options.size}`,
      `\`${command}\``,
      `${started.toISOString().slice(0, 16)} UTC; ${machineLine()}; load ${load.toFixed(1)} before, ${loadNow().toFixed(1)} after; seed ${options.seed}.`,
    ].join("\n\n");
    const text = `${head}\n\n${body}`;
    process.stdout.write(`${text}\n`);
    if (!options.dry) writeSection(`${bench} ${options.size}`, text);
  }
}

await run(process.argv.slice(2));
