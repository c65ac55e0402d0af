import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { seededRandom } from "#domain/random.ts";
import { answersIn, type Traced } from "./strace/trace.ts";
import type { Options } from "./support/options.ts";
import { commandOf } from "./support/process-tree.ts";
import { table } from "./support/table.ts";
import { LightClient } from "./sync/client.ts";
import { until } from "./sync/rooms.ts";
import { type Server, startServer } from "./sync/servers.ts";
import { Editor } from "./sync/workload.ts";

const STROKES = { tiny: 10, quick: 50, medium: 200, full: 500 } as const;
const ANSWERED_MS = 20_000;
const CALLS = "trace=write,writev,sendto,sendmsg,fdatasync,fsync";

/**
 * Looks from outside, through the calls to the kernel, whether each acknowledgement follows a forced write of the log.
 * One person draws, a stroke after the answer to the one before, so that each answer needs a forced write of its own.
 */
export async function benchStrace(options: Options, say: (line: string) => void): Promise<string> {
  if (spawnSync("strace", ["-V"]).status !== 0)
    return "strace is not installed (Debian: `apt-get install strace`): not run.";
  const strokes = STROKES[options.size];
  const folder = mkdtempSync(join(tmpdir(), "concord-strace-"));
  const server = await startServer("concord", { persons: 1, rooms: 1 });
  try {
    const traced = await drawTraced(server, { strokes, seed: options.seed, file: join(folder, "calls") });
    say(`strace: ${strokes} strokes were acknowledged`);
    return reportOf(traced, strokes);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drawTraced(
  server: Server,
  { strokes, seed, file }: { readonly strokes: number; readonly seed: number; readonly file: string },
): Promise<readonly Traced[]> {
  const editor = new Editor(seededRandom(seed));
  let told = 0;
  const client = new LightClient(server.address(0, 0), {
    own: (vector) => Y.encodeStateAsUpdate(editor.doc, vector),
    onTold: (upTo) => {
      told = upTo ?? told;
    },
  });
  await client.joined();
  const stroke = async (): Promise<void> => {
    const mark = client.update(editor.next().bytes);
    await until(`the answer to stroke ${mark}`, ANSWERED_MS, () => told >= mark);
  };
  // Before the trace: the connections to the database that strokes will use are there then.
  for (let each = 0; each < 3; each++) await stroke();
  const { server: pid, database } = server.processes();
  const strace = await attach([pid, ...database], file);
  for (let each = 0; each < strokes; each++) await stroke();
  await detach(strace);
  await client.close();
  const background = new Set(database.filter((each) => /walwriter|checkpointer|background/.test(commandOf(each))));
  return answersIn(readFileSync(file, "utf8"), { server: pid, background, from: 4, count: strokes });
}

async function attach(pids: readonly number[], file: string): Promise<ChildProcess> {
  const strace = spawn("strace", [
    "-f",
    "-ttt",
    "-xx",
    "-s",
    "64",
    "-e",
    CALLS,
    "-o",
    file,
    ...pids.flatMap((pid) => ["-p", String(pid)]),
  ]);
  let said = "";
  strace.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  await until("strace is attached to all processes", ANSWERED_MS, () => {
    if (strace.exitCode !== null) throw new Error(`strace cannot look: ${said}`);
    return pids.every((pid) => said.includes(`Process ${pid} attached`));
  });
  await delay(200);
  return strace;
}

async function detach(strace: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => strace.once("exit", resolve));
  strace.kill("SIGINT");
  await ended;
}

function reportOf(answers: readonly Traced[], strokes: number): string {
  const forced = answers.filter(({ forcedBefore }) => forcedBefore);
  const head = ["strokes", "acknowledgements seen", "after a forced write of their own", "without one"];
  const rows = [[strokes, answers.length, forced.length, answers.length - forced.length]];
  const met = answers.length === strokes && forced.length === strokes;
  return [
    "One person draws; every call that writes to a socket or forces a file to disk is recorded, of the server and of Postgres.",
    table(head, rows),
    `Each acknowledgement after a forced write: ${met ? "yes" : "no"}.`,
  ].join("\n\n");
}
