import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** 256 bits. */
const SECRET_BYTES = 32;

/**
 * The secret that sessions are signed with, made on the first start and kept in the data folder for its owner only.
 * Written beside its place and linked there whole: a crash leaves no half secret, and of two starts one wins.
 */
export function keptSecret(dataDir: string): string {
  const file = join(dataDir, "secret");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, randomBytes(SECRET_BYTES).toString("base64url"), { mode: 0o600 });
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(unfinished);
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < SECRET_BYTES)
    throw new Error(`${file} does not hold a secret; remove it, and everybody signs in again.`);
  return secret;
}
