import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
/** A layer of a million past edits needs about a gigabyte to be read. */
const HEAP_MB = 6_000;

/** Runs a script in a process of its own, so that it starts with an empty heap. @returns the JSON that it prints */
export async function measuredIn<T>(script: string, args: readonly string[]): Promise<T> {
  const node = ["--expose-gc", `--max-old-space-size=${HEAP_MB}`, "--import", "tsx", script, ...args];
  const { stdout } = await run(process.execPath, node, { maxBuffer: 16 * 1024 * 1024 });
  const found: T = JSON.parse(stdout);
  return found;
}

export type Held<Value> = {
  readonly value: Value;
  /** Processor time of making it, user and system. */
  readonly cpuMs: number;
  /** Bytes that it holds, on the heap and outside of it. */
  readonly bytes: number;
};

/** Makes something and measures what it holds, garbage collected before and after. Needs `--expose-gc`. */
export function held<Value>(make: () => Value): Held<Value> {
  const before = inUse();
  const started = process.cpuUsage();
  const value = make();
  const { user, system } = process.cpuUsage(started);
  return { value, cpuMs: (user + system) / 1_000, bytes: inUse() - before };
}

function inUse(): number {
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
