import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of a file's bytes; null where there is no such file. */
export async function fileHash(path: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return hash.digest("hex");
}

export function textHash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
