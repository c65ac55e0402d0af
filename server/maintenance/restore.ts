import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Database } from "#db/client.ts";
import { loadTable, spellTheSame } from "#db/dump.ts";
import { migrateDatabase, newestSchema } from "#db/migrate.ts";
import { loadUntil } from "#db/point-in-time.ts";
import { allLayerIds, isUntouched, type SlideFile, slideFilesAt } from "#db/recovery.ts";
import { pixelsFolder } from "#server/slides/store.ts";
import { copyForced } from "./backup.ts";
import { type BackupManifest, readManifest, slidePath, tablePath } from "./backup-manifest.ts";
import { counted, counter, type Desk, withOwnDatabase } from "./desk.ts";
import { fileHash, isMissing } from "./file-hash.ts";
import { rebuildLayers } from "./rebuild.ts";
import { verifyDatabase } from "./verify.ts";

const moment = z.iso.datetime({ offset: true });
/** What may lie in a data folder that nothing was ever put in: a secret that was laid there first, a file system's own. */
const HARMLESS: ReadonlySet<string> = new Set(["secret", "lost+found"]);

/**
 * Puts a backup into an empty data folder and an empty database, as it was when it was taken or at an earlier moment,
 * and checks the result.
 * @returns whether everything that can be computed again is right
 * @throws with a sentence where the backup was changed or is of a newer program, or the target is not empty
 */
export async function restore(desk: Desk, folder: string, until: string | undefined): Promise<boolean> {
  const source = resolve(folder);
  const manifest = await readManifest(source);
  refuseForeign(manifest, until);
  await refuseFilled(desk.env.dataDir);
  await refuseChanged(desk, source, manifest);
  return withOwnDatabase(desk, async (database) => {
    if (!(await isUntouched(database.pool))) {
      throw new Error("The database has tables already. A backup is restored into an empty database only.");
    }
    try {
      await fill(desk, database, { folder: source, manifest, until });
    } catch (cause) {
      const place = desk.env.databaseUrl === null ? desk.env.dataDir : `${desk.env.dataDir} and the database`;
      throw new Error(`The restore did not finish. Empty ${place} before another try.`, { cause });
    }
    desk.say(`Restored ${source} as of ${until ?? manifest.takenAt}.`);
    return verifyDatabase(desk, database.db);
  });
}

type Source = {
  readonly folder: string;
  readonly manifest: BackupManifest;
  readonly until: string | undefined;
};

async function fill(desk: Desk, database: Database, source: Source): Promise<void> {
  await load(desk, database, source);
  await migrateDatabase(database.pool);
  if (source.until === undefined) return;
  const ids = await allLayerIds(database.db);
  desk.say(`Making rows and snapshots of ${counted(ids.length, "layer")} from the log.`);
  // All of them are missing, which is no news; what cannot be made is told by the verification.
  await rebuildLayers({ ...desk, say: () => undefined }, database.db, ids);
}

function refuseForeign({ schema, takenAt, program }: BackupManifest, until: string | undefined): void {
  const newest = newestSchema();
  if (schema > newest) {
    throw new Error(`The backup is of Concord ${program} with schema ${schema}; this program knows ${newest}.`);
  }
  if (until === undefined) return;
  if (!moment.safeParse(until).success) {
    throw new Error(`"${until}" is not a moment such as 2026-11-24T09:30:00Z or 2026-11-24T10:30:00+01:00.`);
  }
  if (Date.parse(until) > Date.parse(takenAt)) {
    throw new Error(`The backup was taken at ${takenAt}; it cannot tell how things were at ${until}.`);
  }
  if (schema < newest) {
    throw new Error(
      `The backup has schema ${schema}, this program ${newest}: restore it without --until, back that up, and restore the new backup with --until.`,
    );
  }
}

async function refuseFilled(dataDir: string): Promise<void> {
  const names = await namesIn(dataDir);
  const found = names.find((name) => !HARMLESS.has(name));
  if (found === undefined) return;
  throw new Error(`${dataDir} is not empty (${found}). A backup is restored into an empty data folder only.`);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Reads every file of the backup before anything is written. */
async function refuseChanged(desk: Desk, folder: string, { tables, slides }: BackupManifest): Promise<void> {
  const files = [
    ...tables.map(({ name, sha256 }) => ({ path: tablePath(folder, name), sha256 })),
    ...slides.map(({ file, sha256 }) => ({ path: slidePath(folder, file), sha256 })),
  ];
  const done = counter(desk, "files checked", files.length);
  for (const { path, sha256 } of files) {
    const found = await fileHash(path);
    if (found === null) throw new Error(`${path} is missing in the backup.`);
    if (found !== sha256) throw new Error(`${path} was changed: it has SHA-256 ${found}, the manifest says ${sha256}.`);
    done();
  }
  desk.say(`The backup is whole: ${counted(files.length, "file")}.`);
}

/** Tables and the files of their slides, all or nothing: whatever fails leaves the tables empty. */
async function load(desk: Desk, database: Database, { folder, manifest, until }: Source): Promise<void> {
  const { schema, tables } = manifest;
  await migrateDatabase(database.pool, { upTo: schema });
  const client = await database.pool.connect();
  const pathOf = (table: string) => tablePath(folder, table);
  try {
    await client.query("begin");
    await spellTheSame(client);
    if (until === undefined) {
      const done = counter(desk, "tables", tables.length);
      for (const table of tables) {
        await loadTable(client, table, pathOf(table.name));
        done();
      }
    } else await loadUntil(client, tables, pathOf, until);
    await copySlides(desk, folder, await slideFilesAt(client));
    await client.query("commit");
    client.release();
  } catch (error) {
    // Ends the connection, and with it the transaction.
    client.release(true);
    throw error;
  }
}

/** Copies, not links: from here on product and backup have nothing in common. */
async function copySlides(desk: Desk, folder: string, slides: readonly SlideFile[]): Promise<void> {
  const pixels = pixelsFolder(desk.env.dataDir);
  await mkdir(desk.env.dataDir, { recursive: true, mode: 0o700 });
  await mkdir(pixels, { recursive: true });
  const done = counter(desk, "slides", slides.length);
  for (const { file } of slides) {
    await copyForced(slidePath(folder, file), join(pixels, file));
    done();
  }
}
