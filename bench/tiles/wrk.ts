import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Origin } from "./slide.ts";

export type WrkFigures = {
  readonly tiles: number;
  readonly tilesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
};

/** Asks for tiles at random for so long, over sixteen connections. @throws where an answer was not a tile */
export async function askForTiles(
  { base, headers }: Origin,
  paths: readonly string[],
  { folder, seconds, seed }: { readonly folder: string; readonly seconds: number; readonly seed: number },
): Promise<WrkFigures> {
  const script = join(folder, "random-tiles.lua");
  writeFileSync(script, scriptOf(paths, headers, seed));
  const args = ["-t", "1", "-c", "16", "-d", `${seconds}s`, "-s", script, base];
  const { out, error } = await output(spawn("wrk", args));
  const line = out.split("\n").find((each) => each.startsWith("FIGURES "));
  if (line === undefined) throw new Error(`wrk did not end well: ${out}${error}`);
  const [requests = 0, microseconds = 1, faults = 0, p50 = 0, p99 = 0] = line.split(" ").slice(1).map(Number);
  if (faults > 0) throw new Error(`${faults} of ${requests} answers were no tiles`);
  return { tiles: requests, tilesPerSecond: requests / (microseconds / 1e6), p50: p50 / 1_000, p99: p99 / 1_000 };
}

function scriptOf(paths: readonly string[], headers: Readonly<Record<string, string>>, seed: number): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
  return `
local paths = { ${paths.map(lua).join(", ")} }
${lines.join("\n")}
math.randomseed(${seed})
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("FIGURES %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`;
}

function lua(text: string): string {
  return JSON.stringify(text);
}

function output(child: ReturnType<typeof spawn>): Promise<{ out: string; error: string }> {
  const [out, error]: [string[], string[]] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => error.push(chunk.toString("utf8")));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve({ out: out.join(""), error: error.join("") }));
  });
}
