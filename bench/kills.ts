import { type Options, SERVERS, type Size } from "./support/options.ts";
import { table } from "./support/table.ts";
import type { KillFigures } from "./sync/kills.ts";
import { runBlock } from "./sync/run-block.ts";
import { killing } from "./sync/scenarios.ts";

/** So many kills unless `--repeats` says another number. */
const KILLS: Readonly<Record<Size, number>> = { tiny: 2, quick: 6, medium: 20, full: 200 };
/** In one process, on one data folder; then both begin anew. */
const KILLS_PER_BLOCK = 10;

type Totals = Record<keyof KillFigures, number>;

/** Kills Concord at random moments under load, every second time with its database, and counts what is gone. */
export async function benchKills(options: Options, say: (line: string) => void): Promise<string> {
  const wanted = options.repeats ?? KILLS[options.size];
  const totals: Totals = { kills: 0, seen: 0, told: 0, lostSeen: 0, lostTold: 0 };
  const failures: string[] = [];
  for (let begun = 0; begun < wanted; begun += KILLS_PER_BLOCK) {
    const kills = Math.min(KILLS_PER_BLOCK, wanted - begun);
    const scenario = killing({ kills, earliestMs: 200, latestMs: 2_500, annotations: 200 });
    const { figures, failure } = await runBlock({ server: SERVERS[0], scenario, seed: options.seed + begun * 7_919 });
    if (figures !== null && "lostTold" in figures) add(totals, figures);
    else failures.push(failure ?? "no figures");
    say(`kills: ${totals.kills} of ${wanted}, ${totals.told} told, ${totals.lostTold} of them lost ${failure ?? ""}`);
  }
  const head = ["kills", "seen by others", "told their author", "lost though seen", "lost though told"];
  const parts = [
    "Twenty people draw five strokes a second each; kill -9 after 0.2 to 2.5 s, every second time of the database too.",
    table(head, [[totals.kills, totals.seen, totals.told, totals.lostSeen, totals.lostTold]]),
  ];
  if (failures.length > 0) parts.push(`Blocks without figures:\n${failures.map((each) => `- ${each}`).join("\n")}`);
  return parts.join("\n\n");
}

function add(totals: Totals, figures: KillFigures): void {
  for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += figures[name] ?? 0;
}
