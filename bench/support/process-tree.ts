import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Ticks a second of /proc, on every Linux of today. */
const TICKS = 100;

/** Processor time of a process and its children so far, ms; null where the system does not tell. */
export function treeCpuMs(pid: number): number | null {
  if (!existsSync("/proc/self/stat")) return null;
  // Children that have ended are in the times of their parent.
  const own = ticksOf(pid, true);
  return (childrenOf(pid).reduce((sum, child) => sum + ticksOf(child, false), own) / TICKS) * 1_000;
}

/** Processor time of one process so far, ms, all its threads; null where the system does not tell. */
export function processCpuMs(pid: number): number | null {
  return existsSync("/proc/self/stat") ? (ticksOf(pid, false) / TICKS) * 1_000 : null;
}

/** How a process calls itself; Postgres says there what each of its processes is for. */
export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
}

/** Processes that this one has started. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => fieldsOf(pid)?.[1] === String(parent));
}

function ticksOf(pid: number, withEnded: boolean): number {
  const fields = fieldsOf(pid);
  if (fields === null) return 0;
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
  return (user ?? 0) + (system ?? 0) + (withEnded ? (endedUser ?? 0) + (endedSystem ?? 0) : 0);
}

/** What follows the name in /proc/<pid>/stat, beginning with the state; null where the process has ended. */
function fieldsOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return null;
    throw error;
  }
}
