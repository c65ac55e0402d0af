import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Database } from "#db/client.ts";
import { atOneMoment, dumpTable, type TableFile, tablesOf } from "#db/dump.ts";
import { type SlideFile, slideFilesAt } from "#db/recovery.ts";
import { pixelsFolder } from "#server/slides/store.ts";
import { productVersion } from "#server/version.ts";
import {
  type BackupManifest,
  MANIFEST,
  MANIFEST_HASH,
  manifestTexts,
  slidePath,
  tablePath,
} from "./backup-manifest.ts";
import { counted, counter, type Desk, requireDatabase, requireSchema, withDatabase } from "./desk.ts";
import { isMissing } from "./file-hash.ts";

/**
 * Writes everything that is committed at one moment into a folder that appears when it is whole. The product may run
 * meanwhile and holds nothing up.
 * @throws with a sentence where the folder exists, or a registered slide has no file
 */
export async function backup(desk: Desk, folder: string): Promise<void> {
  requireDatabase(desk.env);
  const target = resolve(folder);
  if (await exists(target)) throw new Error(`${target} exists. A backup is written into a new folder.`);
  const unfinished = `${target}.unfinished-${randomBytes(4).toString("hex")}`;
  await mkdir(join(unfinished, "database"), { recursive: true, mode: 0o700 });
  await mkdir(join(unfinished, "pixels"), { mode: 0o700 });
  try {
    const manifest = await withDatabase(desk, (database) => writeAll(desk, database, unfinished));
    const { text, hash } = manifestTexts(manifest);
    await writeForced(join(unfinished, MANIFEST), text);
    await writeForced(join(unfinished, MANIFEST_HASH), hash);
    for (const each of [join(unfinished, "database"), join(unfinished, "pixels"), unfinished]) await forceFolder(each);
    await rename(unfinished, target);
    await forceFolder(dirname(target));
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    const size = `${counted(rows, "row")} and ${counted(manifest.slides.length, "slide")}`;
    desk.say(`Backed up ${size} as of ${manifest.takenAt} into ${target}`);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function writeAll(desk: Desk, database: Database, folder: string): Promise<BackupManifest> {
  const schema = await requireSchema(database, { olderToo: true });
  const { slides, ...dumped } = await dumpAll(desk, database, folder);
  await keepSlides(desk, slides, folder);
  const files = slides.map(({ id, file, contentHash }) => ({ id, file, sha256: contentHash }));
  return { format: "concord-backup/1", program: productVersion(), schema, ...dumped, slides: files };
}

type Dumped = Pick<BackupManifest, "takenAt" | "tables"> & { readonly slides: readonly SlideFile[] };

async function dumpAll(desk: Desk, database: Database, folder: string): Promise<Dumped> {
  const client = await database.pool.connect();
  try {
    const { rows } = await client.query<{ at: Date }>("select clock_timestamp() as at");
    const takenAt = rows[0]?.at.toISOString() ?? "";
    const dumped = await atOneMoment(client, async () => {
      const places = await tablesOf(client);
      const done = counter(desk, "tables", places.length);
      const tables: TableFile[] = [];
      for (const place of places) {
        tables.push(await dumpTable(client, place, tablePath(folder, place.name)));
        done();
      }
      return { takenAt, tables, slides: await slideFilesAt(client) };
    });
    client.release();
    return dumped;
  } catch (error) {
    // Ends the connection, and with it the transaction.
    client.release(true);
    throw error;
  }
}

async function keepSlides(desk: Desk, slides: readonly SlideFile[], folder: string): Promise<void> {
  const done = counter(desk, "slides", slides.length);
  for (const { id, file } of slides) {
    const from = join(pixelsFolder(desk.env.dataDir), file);
    try {
      await linkOrCopy(from, slidePath(folder, file));
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new Error(
        `Slide ${id} has no file ${from}: it is lost, or was removed while the backup was made. Nothing was written.`,
        { cause },
      );
    }
    done();
  }
}

/** Files of slides never change, so a second name for the same file is as good as a copy, and costs nothing. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // Another file system, or one without links.
    if (isMissing(error)) throw error;
    await copyForced(from, to);
  }
}

/** Copies a file and forces it to disk. */
export async function copyForced(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const file = await open(to, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeForced(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: "wx", mode: 0o600, flush: true });
}

async function forceFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
