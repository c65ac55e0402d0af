import { sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { GatheringSocket } from "./gathering-socket.ts";
import * as schema from "./schema.ts";
import { goStraight } from "./statement.ts";

/** Either the database or a transaction on it: stores take both. */
export type Db = Pick<
  NodePgDatabase<typeof schema>,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "execute" | "transaction" | "query" | "_"
>;

export type Database = { readonly db: Db; readonly pool: pg.Pool; close(): Promise<void> };

/** A server that does not even take a connection is away; what waits for it is told so. */
const CONNECT_MS = 30_000;

type DatabaseOptions = {
  readonly maxConnections?: number;
  /** Statements of one transaction that do not wait for each other go out together; copies are not possible then. */
  readonly pipeline?: boolean;
  /** A transaction in which nothing is asked for so long is ended: its process hangs. 0 for never. */
  readonly idleInTransactionMs?: number;
};

/**
 * Opens a pool on a Postgres server.
 * @param url postgres://... , or a socket directory in the `host` parameter
 */
export function openDatabase(
  url: string,
  { maxConnections = 10, pipeline = true, idleInTransactionMs = 0 }: DatabaseOptions = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    application_name: "concord",
    pipeline,
    stream: () => new GatheringSocket(),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  });
  // Without a listener a broken idle connection would end the process; whoever asks next gets a new one or the error.
  pool.on("error", () => undefined);
  // The same for one that is in use between two statements, for which the pool does not listen: the next statement fails.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = drizzle(pool, { schema });
  return { db: Object.assign(db, { transaction: transactionOn(pool) }), pool, close: () => pool.end() };
}

/** As drizzle has it, which keeps a connection for ever whose line broke at the very beginning of a transaction. */
function transactionOn(pool: pg.Pool): NodePgDatabase<typeof schema>["transaction"] {
  return async (work, config) => {
    const client = await pool.connect();
    try {
      return await onClient(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
}

/** What a transaction comes to, and the statements of it that nobody has waited for. */
export type Written<Value> = { readonly value: Value; readonly written: Promise<unknown> };

/**
 * A statement of fixed text is planned once for a connection: for its arrays the planner would make a plan of their length
 * each time, which costs more than it gains.
 */
const BEGIN = "begin; set local plan_cache_mode = force_generic_plan";

/**
 * Runs `work` in a transaction and waits only where it must: the beginning goes out with the first statement, and the
 * commit with what `work` left on its way.
 * @throws what `work` or its statements throw; the transaction has not happened then, or nobody can know
 */
export async function transact<Value>(db: Db, work: (tx: Db) => Promise<Written<Value>>): Promise<Value> {
  const client = await poolOf(db).connect();
  let broken: Error | undefined;
  try {
    const begun = client.query(BEGIN);
    // Looked at below; until then its failure is that of the first statement.
    begun.catch(() => undefined);
    const { value, written } = await work(onClient(client));
    await Promise.all([begun, written, client.query("commit")]);
    return value;
  } catch (error) {
    await client.query("rollback").catch((reason: Error) => {
      broken = reason;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The pool behind a database. @throws inside of a transaction */
export function poolOf(db: Db): pg.Pool {
  if ("$client" in db && db.$client instanceof pg.Pool) return db.$client;
  throw new Error("a transaction inside of another one");
}

const onClients = new WeakMap<pg.PoolClient, NodePgDatabase<typeof schema>>();

function onClient(client: pg.PoolClient): NodePgDatabase<typeof schema> {
  const known = onClients.get(client);
  if (known !== undefined) return known;
  const db: NodePgDatabase<typeof schema> = drizzle(client, { schema });
  onClients.set(client, db);
  goStraight(db, client);
  return db;
}

/** Whether the database would store something at this moment: a standby answers, and stores nothing. */
export async function isStoring(db: Db): Promise<boolean> {
  try {
    const { rows } = await db.execute<{ standby: boolean }>(sql`select pg_is_in_recovery() as standby`);
    return rows[0]?.standby === false;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
