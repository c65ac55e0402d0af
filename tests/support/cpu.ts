import { readFileSync } from "node:fs";

/**
 * CPU time that this process has used, ms. What must not run away is bounded by it: a busy machine makes things late,
 * not more work. A hang is ended by the test's own time limit.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** CPU time that the main thread of this process has used, ms; where the system does not tell, that of all its threads. */
export function mainThreadCpuMs(): number {
  if (process.platform !== "linux") return cpuMs();
  const [onCpuNs] = readFileSync(`/proc/${process.pid}/task/${process.pid}/schedstat`, "utf8").split(" ");
  return Number(onCpuNs) / 1_000_000;
}
