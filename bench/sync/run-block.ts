import { spawn } from "node:child_process";
import { join } from "node:path";
import type { BlockOrder, Figures } from "./block.ts";

/** No block takes longer by far; one that does is stuck. */
const BLOCK_MS = 15 * 60_000;

export type BlockOutcome = { readonly figures: Figures | null; readonly failure: string | null };

/** One scenario against one server, in a process of its own. Its failure is a result, not the end of the run. */
export async function runBlock(order: BlockOrder): Promise<BlockOutcome> {
  const { code, out, error } = await runNode(join(import.meta.dirname, "block.ts"), JSON.stringify(order));
  if (code === 0) return { figures: JSON.parse(out), failure: null };
  const reason = error.split("\n").find((line) => /^\w*Error: /.test(line));
  return { figures: null, failure: reason ?? `ended with ${code}` };
}

type Printed = { readonly code: number | null; readonly out: string; readonly error: string };

function runNode(script: string, argument: string): Promise<Printed> {
  return collect(spawn(process.execPath, ["--import", "tsx", script, argument], { timeout: BLOCK_MS }));
}

/** Waits for the end of a process. @returns its exit code and what it printed */
export function collect(child: ReturnType<typeof spawn>): Promise<Printed> {
  const [out, error]: [string[], string[]] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => error.push(chunk.toString("utf8")));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out: out.join(""), error: error.join("") }));
  });
}
