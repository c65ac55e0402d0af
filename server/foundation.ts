import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { claimDatabase, joinDatabase } from "#db/claim.ts";
import { type Database, openDatabase } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrateDatabase, newestSchema, schemaVersion } from "#db/migrate.ts";
import { demoPeople } from "#db/people.ts";
import { storageFault } from "#db/storage.ts";
import { nodeName, type OtherNodes, openOtherNodes, sessionsForAll } from "./bus/nodes.ts";
import type { Env } from "./env.ts";
import type { Logger } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { keptSecret } from "./secret.ts";
import { createSessions, type Sessions } from "./session.ts";

/** What everything else stands on: the data folder, a migrated database that is ours, and who is asking. */
export type Foundation = {
  readonly env: Env;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  /** For whoever changes them; other nodes hear of it. */
  readonly sessions: Sessions;
  /** The same, for what is heard from other nodes. */
  readonly sessionsHere: Sessions;
  /** Null where this process is alone on its database. */
  readonly others: OtherNodes | null;
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
  /** Called when the database was lost and is somebody else's now. */
  readonly onLost: () => void;
};

const HUNG_NODE_MS = 30_000;

/**
 * @throws with a sentence for the operator: second start, newer database, demo accounts in production, no database, one that
 * forgets commits
 */
export async function openFoundation(env: Env, options: FoundationOptions): Promise<Foundation> {
  mkdirSync(env.dataDir, { recursive: true, mode: 0o700 });
  const secret = env.secret ?? keptSecret(env.dataDir);
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const part of opened.reverse()) await part.close();
  };
  try {
    const nodeId = randomBytes(5).toString("hex");
    const database = await openDatabaseOf(env, options, { nodeId, secret }, opened);
    await migrateDatabase(database.pool);
    if (env.mode === "production") await refuseDemoPeople(database);
    const metrics = createMetrics();
    opened.push({ close: async () => metrics.close() });
    const { log, say, url } = options;
    const sessionsHere = createSessions({ db: database.db, secret, url });
    const others = await openOthers(env, { db: database.db, nodeId, secret, log });
    if (others !== null) opened.push(others);
    const sessions = others === null ? sessionsHere : sessionsForAll(sessionsHere, others);
    return { env, log, metrics, database, sessions, sessionsHere, others, secret, url, say, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

type Self = { readonly nodeId: string; readonly secret: string };

async function openOthers(
  { redisUrl }: Env,
  self: Self & { readonly db: Database["db"]; readonly log: Logger },
): Promise<OtherNodes | null> {
  return redisUrl === null ? null : openOtherNodes({ ...self, redisUrl });
}

async function openDatabaseOf(
  env: Env,
  options: Pick<FoundationOptions, "log" | "onLost">,
  { nodeId, secret }: Self,
  opened: { close(): Promise<void> }[],
): Promise<Database> {
  const { databaseUrl, redisUrl } = env;
  if (databaseUrl === null || redisUrl === null) {
    const own = await openOwnDatabase(env, options, opened);
    await refuseForgetful(own);
    return own;
  }
  // A node that hangs in the middle of a commit would hold up the layer on all others.
  const database = openDatabase(databaseUrl, { idleInTransactionMs: HUNG_NODE_MS });
  opened.push(database);
  await refuseForgetful(database);
  const claim = await joinDatabase(databaseUrl, {
    ...nodeName(nodeId, secret),
    isCurrent: async () => ((await schemaVersion(database.pool)) ?? 0) >= newestSchema(),
    prepare: () => migrateDatabase(database.pool),
    onLost: options.onLost,
  });
  // Let go of last, when nothing of ours is under way any more.
  opened.unshift({ close: () => claim.release() });
  return database;
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

async function refuseForgetful({ pool }: Database): Promise<void> {
  const fault = await storageFault(pool);
  if (fault !== null) throw new Error(fault);
}

async function refuseDemoPeople({ db }: Database): Promise<void> {
  const demo = await demoPeople(db);
  if (demo.length === 0) return;
  throw new Error(
    `Production does not start while there are demo accounts (${demo.length} in this database). Use a fresh data folder or database.`,
  );
}
