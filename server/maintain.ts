import { parseArgs } from "node:util";
import { environment, readEnv } from "./env.ts";
import { createLog, describeError } from "./log.ts";
import { backup } from "./maintenance/backup.ts";
import type { Desk } from "./maintenance/desk.ts";
import { rebuild } from "./maintenance/rebuild.ts";
import { restore } from "./maintenance/restore.ts";
import { verify } from "./maintenance/verify.ts";

const USAGE = `Commands for operators, with the environment of the product:
  verify                               checks logs, snapshots, rows, audit, releases and slides; changes nothing
  rebuild [--layer <id>]               makes rows and snapshots from the log anew
  backup <folder>                      writes a whole copy into a new folder, also while Concord runs
  restore <folder> [--until <time>]    puts a backup into an empty data folder and database`;

type Values = { readonly layer?: string | undefined; readonly until?: string | undefined };

/** @returns the exit code: 0 where all is well, 1 where faults were found. @throws with a sentence where it refuses */
async function run(args: readonly string[], desk: Desk): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { layer: { type: "string" }, until: { type: "string" } },
  });
  const [verb = "", ...rest] = positionals;
  refuseUnknown(verb, rest, values);
  const [folder = ""] = rest;
  if (verb === "verify") return codeOf(await verify(desk));
  if (verb === "rebuild") return codeOf(await rebuild(desk, values.layer));
  if (verb === "restore") return codeOf(await restore(desk, folder, values.until));
  await backup(desk, folder);
  return 0;
}

/** What each verb takes beside itself. */
const TAKES: Readonly<Record<string, { readonly folder: boolean; readonly option?: keyof Values }>> = {
  verify: { folder: false },
  rebuild: { folder: false, option: "layer" },
  backup: { folder: true },
  restore: { folder: true, option: "until" },
};

function refuseUnknown(verb: string, rest: readonly string[], values: Values): void {
  const takes = TAKES[verb];
  if (takes === undefined) throw new Error(`${verb === "" ? "No command" : `"${verb}" is no command`}.\n${USAGE}`);
  const wanted = takes.folder ? 1 : 0;
  if (rest.length !== wanted) {
    throw new Error(`"${verb}" takes ${takes.folder ? "one folder" : "no folder"}, not "${rest.join(" ")}".\n${USAGE}`);
  }
  const other = (["layer", "until"] as const).find((name) => values[name] !== undefined && name !== takes.option);
  if (other !== undefined) throw new Error(`"${verb}" does not take --${other}.\n${USAGE}`);
}

function codeOf(right: boolean): number {
  return right ? 0 : 1;
}

function complain(error: unknown): void {
  for (let current = error; current !== undefined; current = current instanceof Error ? current.cause : undefined) {
    process.stderr.write(`${String(describeError(current).message)}\n`);
  }
}

async function main(): Promise<number> {
  try {
    const env = readEnv(environment());
    return await run(process.argv.slice(2), {
      env,
      log: createLog(env.logLevel === "info" ? "warn" : env.logLevel),
      say: (line) => process.stdout.write(`${line}\n`),
      progress: (line) => process.stderr.write(`${line}\n`),
    });
  } catch (error) {
    complain(error);
    return 1;
  }
}

process.exitCode = await main();
