import type pg from "pg";
import type { Db } from "./client.ts";

/** A statement whose text never changes: each connection reads and plans it once, under its name. */
export type Statement = { readonly name: string; readonly text: string };

/** Connections of transactions, for statements that need nothing of a query builder. */
const clients = new WeakMap<Db, Pick<pg.PoolClient, "query">>();

/** From now on `run` asks the driver itself for what it runs on `db`. */
export function goStraight(db: Db, client: Pick<pg.PoolClient, "query">): void {
  clients.set(db, client);
}

/**
 * Runs a statement of fixed text, for what is asked so often that building its text anew would be most of its price.
 * @param values of $1, $2 and so on
 * @returns the rows as the driver reads them: bytea as Buffer, bigint as text
 */
export async function run<Row extends pg.QueryResultRow>(
  db: Db,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const client = clients.get(db);
  if (client !== undefined) return (await client.query<Row>({ name, text, values: [...values] })).rows;
  const query = { sql: text, params: [...values] };
  const { session } = db._;
  const { rows } = await session.prepareQuery<Answer<Row>>(query, undefined, name, false).execute();
  return rows;
}

type Answer<Row> = { execute: { readonly rows: readonly Row[] }; all: unknown; values: unknown };
