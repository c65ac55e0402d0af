import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "#db/client.ts";
import { migrateDatabase } from "#db/migrate.ts";

export type TestDatabase = Database & { readonly url: string };

/**
 * A fresh, migrated, empty database of its own: one per test file.
 * It lies on the embedded Postgres that the global set-up started, or on TEST_DATABASE_URL.
 * `close` ends the connections and drops it.
 */
export async function testDatabase(): Promise<TestDatabase> {
  return withDrop(await emptyDatabase({ template: "concord_template" }));
}

/** The same on another Postgres server. */
export async function testDatabaseOn(server: string): Promise<TestDatabase> {
  const database = withDrop(await emptyDatabase({ server }));
  await migrateDatabase(database.pool);
  return database;
}

type Empty = { readonly url: string; readonly drop: () => Promise<void> };

function withDrop({ url, drop }: Empty): TestDatabase {
  const database = openDatabase(url);
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await drop();
    },
  };
}

/** A database without any table, for what is about migrations themselves. */
export async function emptyDatabase({
  template = "template0",
  server = inject("databaseServer"),
}: {
  readonly template?: string;
  readonly server?: string;
} = {}): Promise<Empty> {
  const name = `t_${randomBytes(8).toString("hex")}`;
  await runOn(server, `create database ${name} template ${template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOn(server, `drop database ${name} with (force)`) };
}

async function runOn(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
