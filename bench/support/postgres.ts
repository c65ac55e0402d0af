import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { childrenOf, treeCpuMs } from "./process-tree.ts";

/** Processor time of the embedded Postgres of a data folder so far, ms; null where the system does not tell. */
export function postgresCpuMs(dataDir: string): number | null {
  const pid = postgresPid(dataDir);
  return pid === null ? null : treeCpuMs(pid);
}

/** kill -9 of the embedded Postgres and everything it started; nothing where it does not run. */
export async function killPostgres(dataDir: string): Promise<void> {
  const pid = postgresPid(dataDir);
  if (pid === null) return;
  const processes = process.platform === "linux" ? [pid, ...childrenOf(pid)] : [pid];
  for (const each of processes) {
    try {
      process.kill(each, "SIGKILL");
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
  // Its socket and its memory are free a moment later.
  await delay(300);
}

/** The embedded Postgres of a data folder and everything it has started; Linux only. */
export function postgresProcesses(dataDir: string): number[] {
  const pid = postgresPid(dataDir);
  return pid === null ? [] : [pid, ...childrenOf(pid)];
}

function postgresPid(dataDir: string): number | null {
  const file = join(dataDir, "postgres", "postmaster.pid");
  if (!existsSync(file)) return null;
  return Number(readFileSync(file, "utf8").split("\n")[0]);
}
