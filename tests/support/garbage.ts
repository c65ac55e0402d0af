import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of all buffers that somebody still holds, after garbage is collected. */
export function bytesInBuffers(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("this Node cannot be asked to collect garbage");
  for (let pass = 0; pass < 3; pass++) collect();
  return process.memoryUsage().arrayBuffers;
}
