import { type Database, openDatabase } from "#db/client.ts";
import { findEmbedded, hasEmbedded } from "#db/embedded.ts";
import { newestSchema, schemaVersion } from "#db/migrate.ts";
import type { Env } from "#server/env.ts";
import { openOwnDatabase } from "#server/foundation.ts";
import type { Logger } from "#server/log.ts";

/** Where an operator's command works, and how it tells what it does. */
export type Desk = {
  readonly env: Env;
  readonly log: Logger;
  /** A line of the result. */
  readonly say: (line: string) => void;
  /** A line about how far long work has come. */
  readonly progress: (line: string) => void;
};

/** One check: what was looked at, and every fault in a line. */
export type Check = { readonly name: string; readonly seen: string; readonly faults: readonly string[] };

/** A line of progress at most this often. */
const PROGRESS_MS = 2_000;

/**
 * Works on a database that is ours alone meanwhile.
 * @throws with a sentence where a Concord is running on it, or took it meanwhile
 */
export async function withOwnDatabase<T>(
  { env, log }: Pick<Desk, "env" | "log">,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const opened: { close(): Promise<void> }[] = [];
  let lost: () => void = () => undefined;
  const taken = new Promise<never>((_resolve, reject) => {
    lost = () => reject(new Error("Another Concord was started on this database meanwhile. Stop it and try again."));
  });
  try {
    const database = await openOwnDatabase(env, { log, onLost: () => lost(), pipeline: false }, opened);
    return await Promise.race([work(database), taken]);
  } finally {
    for (const part of opened.reverse()) await part.close();
  }
}

/** Looks at a database, whether a Concord is running on it or not; the embedded one is started where it is not. */
export async function withDatabase<T>(desk: Desk, work: (database: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = desk.env;
  const url = databaseUrl ?? (await findEmbedded(dataDir));
  if (url === null) return withOwnDatabase(desk, work);
  const database = openDatabase(url, { pipeline: false });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** @throws with a sentence where the embedded database was never made: looking must not make one */
export function requireDatabase({ databaseUrl, dataDir }: Env): void {
  if (databaseUrl !== null || hasEmbedded(dataDir)) return;
  throw new Error(`There is no database in ${dataDir}. Set CONCORD_DATA or DATABASE_URL to those of the product.`);
}

/** @returns the schema version. @throws with a sentence where this program does not know the database's tables */
export async function requireSchema({ pool }: Database, { olderToo }: { readonly olderToo: boolean }): Promise<number> {
  const version = await schemaVersion(pool);
  if (version === null) throw new Error("The database has no tables of Concord.");
  const newest = newestSchema();
  if (version > newest) {
    throw new Error(`The database has schema ${version}, newer than ${newest} of this program. Use that version.`);
  }
  if (version < newest && !olderToo) {
    throw new Error(
      `The database has schema ${version}, this program ${newest}. Start this Concord once, then stop it.`,
    );
  }
  return version;
}

/** Tells now and then how many of a number of things are done. */
export function counter(desk: Pick<Desk, "progress">, what: string, total: number): () => void {
  let [done, told] = [0, Date.now()];
  return () => {
    done++;
    if (Date.now() - told < PROGRESS_MS) return;
    told = Date.now();
    desk.progress(`${what}: ${done} of ${total}`);
  };
}

/** @returns "1 layer", "2 layers" */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
