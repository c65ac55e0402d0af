import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Options, ServerName } from "./support/options.ts";
import { interleaved } from "./support/statistics.ts";
import type { Figures } from "./sync/block.ts";
import { report } from "./sync/report.ts";
import { collect, runBlock } from "./sync/run-block.ts";
import { type Scenario, scenariosOf } from "./sync/scenarios.ts";

const PEERS = join(import.meta.dirname, "peers");

export type Outcome = {
  readonly scenario: Scenario;
  readonly server: ServerName;
  readonly repeats: readonly Figures[];
  readonly failures: readonly string[];
};

/** Measures Concord and its peers with the same work, turn by turn. @returns the tables */
export async function benchSync(options: Options, say: (line: string) => void): Promise<string> {
  const all = scenariosOf(options.size);
  const chosen = options.scenarios.length === 0 ? all : all.filter(({ name }) => options.scenarios.includes(name));
  if (chosen.length === 0) throw new Error(`no such scenario; there is ${all.map(({ name }) => name).join("; ")}`);
  if (options.servers.some((server) => server !== "concord")) await installPeers(say);
  const outcomes: Outcome[] = [];
  for (const scenario of chosen) outcomes.push(...(await measured(scenario, options, say)));
  return report(outcomes);
}

async function measured(scenario: Scenario, options: Options, say: (line: string) => void): Promise<Outcome[]> {
  const servers = scenario.servers.filter((server) => options.servers.includes(server));
  const found = new Map(servers.map((server) => [server, { repeats: [] as Figures[], failures: [] as string[] }]));
  const turns = interleaved(servers, options.repeats ?? scenario.repeats);
  for (const [turn, server] of turns.entries()) {
    // All servers of a round get the same strokes, each round others.
    const seed = options.seed + Math.floor(turn / servers.length) * 104_729;
    const started = Date.now();
    const outcome = await runBlock({ server, scenario, seed });
    say(`${scenario.name}: ${server}, ${Math.round((Date.now() - started) / 1_000)} s ${outcome.failure ?? ""}`);
    const kept = found.get(server);
    if (outcome.figures) kept?.repeats.push(outcome.figures);
    else kept?.failures.push(outcome.failure ?? "");
  }
  return [...found].map(([server, { repeats, failures }]) => ({ scenario, server, repeats, failures }));
}

/** All that are asked for, in their versions. */
async function arePeersInstalled(): Promise<boolean> {
  const { code } = await collect(spawn("npm", ["ls", "--prefix", PEERS, "--depth", "0"]));
  return code === 0 && existsSync(join(PEERS, "node_modules", ".package-lock.json"));
}

/** The peers are no part of the product: they are fetched when somebody measures. */
async function installPeers(say: (line: string) => void): Promise<void> {
  if (await arePeersInstalled()) return;
  say("Installing the peers into bench/peers (once; one of them may have to be compiled) ...");
  const { code, error } = await collect(spawn("npm", ["ci", "--prefix", PEERS, "--no-audit", "--no-fund"]));
  if (code !== 0) throw new Error(`the peers cannot be installed; measure without them by --servers concord: ${error}`);
}
