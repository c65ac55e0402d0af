import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isMissing, textHash } from "./file-hash.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Names become file names: nothing in them may lead out of the backup. */
const name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);

export const manifestSchema = z.object({
  format: z.literal("concord-backup/1"),
  /** Version of the program that wrote it. */
  program: z.string(),
  /** Number of the newest migration of the data. */
  schema: z.number().int(),
  /** Everything that was committed by then is in here, by the clock of the database. */
  takenAt: z.iso.datetime(),
  /** Each after the tables that it refers to. */
  tables: z.array(
    z.object({
      name,
      columns: z.array(z.string()).min(1).readonly(),
      rows: z.number().int(),
      bytes: z.number().int(),
      sha256,
    }),
  ),
  /** Files in `pixels`, with the SHA-256 under which each was registered. */
  slides: z.array(z.object({ id: z.string(), file: name, sha256 })),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

export const MANIFEST = "manifest.json";
/** In the form of sha256sum, so that it can be checked without Concord. */
export const MANIFEST_HASH = "manifest.sha256";

export function tablePath(folder: string, table: string): string {
  return join(folder, "database", `${table}.copy`);
}

export function slidePath(folder: string, file: string): string {
  return join(folder, "pixels", file);
}

/** The manifest's text and the line that names its hash. */
export function manifestTexts(manifest: BackupManifest): { readonly text: string; readonly hash: string } {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  return { text, hash: `${textHash(text)}  ${MANIFEST}\n` };
}

/** @throws with a sentence where the folder is no backup, or its manifest was changed */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await textOf(folder, MANIFEST);
  const stated = (await textOf(folder, MANIFEST_HASH)).split(" ")[0];
  const found = textHash(text);
  if (stated !== found) throw new Error(`${join(folder, MANIFEST)} has SHA-256 ${found}, written down was ${stated}.`);
  const parsed = manifestSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${join(folder, MANIFEST)} is not a manifest of this program: ${z.prettifyError(parsed.error)}`);
}

async function textOf(folder: string, file: string): Promise<string> {
  try {
    return await readFile(join(folder, file), "utf8");
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new Error(`${folder} is not a whole backup: ${file} is missing.`, { cause });
  }
}
