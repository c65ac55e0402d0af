import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { openDatabase } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrateDatabase } from "#db/migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A Postgres server on which tests make databases of their own. */
    databaseServer: string;
  }
}

const TEMPLATE = "concord_template";
const FOLDER = "concord-tests-";

/** Runs once before all tests: a server, and a migrated database that every test file copies. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_DATABASE_URL"];
  const server = given === undefined ? await embeddedServer() : { url: given, stop: () => Promise.resolve() };
  await makeTemplate(server.url);
  project.provide("databaseServer", server.url);
  return () => server.stop();
}

async function embeddedServer(): Promise<{ url: string; stop(): Promise<void> }> {
  sweepAbandoned();
  const dataDir = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
  const embedded = await startEmbedded({ dataDir, log: () => undefined });
  return {
    url: embedded.url,
    async stop() {
      await embedded.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A killed test run leaves its server behind; the next one ends it. */
function sweepAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.slice(FOLDER.length).split("-")[0]);
    if (!name.startsWith(FOLDER) || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    try {
      process.kill(Number(readFileSync(join(folder, "postgres", "postmaster.pid"), "utf8").split("\n")[0]), "SIGINT");
    } catch (error) {
      // Nothing runs there any more; the folder still goes.
      if (!(error instanceof Error)) throw error;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function makeTemplate(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`drop database if exists ${TEMPLATE} with (force)`);
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${TEMPLATE}`;
  const database = openDatabase(url.href);
  await migrateDatabase(database.pool);
  await database.close();
}
