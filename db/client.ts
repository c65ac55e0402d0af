import { sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import * as schema from "./schema.ts";

/** Either the database or a transaction on it: stores take both. */
export type Db = Pick<
  NodePgDatabase<typeof schema>,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "execute" | "transaction" | "query" | "_"
>;

export type Database = { readonly db: Db; readonly pool: pg.Pool; close(): Promise<void> };

/**
 * Opens a pool on a Postgres server.
 * @param url postgres://... , or a socket directory in the `host` parameter
 */
export function openDatabase(url: string, { maxConnections = 10 } = {}): Database {
  // Pipelined: statements of one transaction that do not wait for each other go out together.
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, application_name: "concord", pipeline: true });
  // Without a listener a broken idle connection would end the process; whoever asks next gets a new one or the error.
  pool.on("error", () => undefined);
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() };
}

/** Whether the database answers a query at this moment. */
export async function isAnswering(db: Db): Promise<boolean> {
  try {
    await db.execute(sql`select 1`);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
