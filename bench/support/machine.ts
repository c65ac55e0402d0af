import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What a figure depends on and a ratio hopefully does not. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${model}), ${memory} GiB, ${process.platform}, Node ${process.versions.node}`;
}

/** Processes that wanted to run in the last minute. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}
