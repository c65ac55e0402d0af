import { mkdirSync } from "node:fs";
import { claimDatabase } from "#db/claim.ts";
import { type Database, openDatabase } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrateDatabase } from "#db/migrate.ts";
import { demoPeople } from "#db/people.ts";
import type { Env } from "./env.ts";
import type { Logger } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { keptSecret } from "./secret.ts";
import { createSessions, type Sessions } from "./session.ts";

/** What everything else stands on: the data folder, a migrated database that is ours alone, and who is asking. */
export type Foundation = {
  readonly env: Env;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly sessions: Sessions;
  readonly secret: string;
  /** Public origin, without a closing slash. */
  readonly url: string;
  /** A line for the operator's eyes, such as progress of the first start. */
  readonly say: (line: string) => void;
  close(): Promise<void>;
};

export type FoundationOptions = {
  readonly log: Logger;
  readonly say: (line: string) => void;
  /** Public origin, which under PORT=0 is known only when the port is open. */
  readonly url: string;
  /** Called when another Concord took the database while it was away. */
  readonly onLost: () => void;
};

/**
 * @throws with a sentence for the operator: second start, newer database, demo accounts in production, no database
 */
export async function openFoundation(env: Env, options: FoundationOptions): Promise<Foundation> {
  mkdirSync(env.dataDir, { recursive: true, mode: 0o700 });
  const secret = env.secret ?? keptSecret(env.dataDir);
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const part of opened.reverse()) await part.close();
  };
  try {
    const database = await openOwnDatabase(env, options, opened);
    await migrateDatabase(database.pool);
    if (env.mode === "production") await refuseDemoPeople(database);
    const metrics = createMetrics();
    opened.push({ close: async () => metrics.close() });
    const sessions = createSessions({ db: database.db, secret, url: options.url });
    const { log, say, url } = options;
    return { env, log, metrics, database, sessions, secret, url, say, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Opened in this order, closed in reverse. The embedded one is stopped only by its owner, never by a refused second start. */
export async function openOwnDatabase(
  env: Env,
  { log, onLost, pipeline = true }: Pick<FoundationOptions, "log" | "onLost"> & { readonly pipeline?: boolean },
  opened: { close(): Promise<void> }[],
): Promise<Database> {
  const embedded =
    env.databaseUrl === null
      ? await startEmbedded({ dataDir: env.dataDir, log: (event, fields) => log.info(event, fields) })
      : null;
  const url = embedded?.url ?? env.databaseUrl ?? "";
  const claim = await claimDatabase(url, { onLost });
  if (embedded !== null) opened.push({ close: () => embedded.stop() });
  opened.push({ close: () => claim.release() });
  const database = openDatabase(url, { pipeline });
  opened.push(database);
  return database;
}

async function refuseDemoPeople({ db }: Database): Promise<void> {
  const demo = await demoPeople(db);
  if (demo.length === 0) return;
  throw new Error(
    `Production does not start while there are demo accounts (${demo.length} in this database). Use a fresh data folder or database.`,
  );
}
