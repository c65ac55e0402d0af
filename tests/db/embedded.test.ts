import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimDatabase, joinDatabase, namesOfNodes } from "#db/claim.ts";
import { isStoring, openDatabase } from "#db/client.ts";
import { type Embedded, startEmbedded } from "#db/embedded.ts";
import { migrateDatabase } from "#db/migrate.ts";
import { emptyDatabase } from "#tests/support/database.ts";

let folder: string;
let running: Embedded[];
let events: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concord-embedded-"));
  running = [];
  events = [];
});

afterEach(async () => {
  for (const embedded of running) await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataDir = folder): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir, log: (event) => events.push(event) });
  running.push(embedded);
  return embedded;
}

async function ask(url: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
}

test("[DBS1] it starts on an empty folder, on no network, with every commit forced to disk, and stops", async () => {
  const embedded = await start();
  const [row] = await ask(
    embedded.url,
    "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync, current_setting('listen_addresses') as net",
  );
  expect(row).toEqual({ fsync: "on", sync: "on", net: "" });
  expect(statSync(join(folder, "run")).mode & 0o077).toBe(0);
  expect(statSync(join(folder, "postgres")).mode & 0o077).toBe(0);
  await embedded.stop();
  running = [];
  await expect(ask(embedded.url, "select 1")).rejects.toThrow();
  expect(events).toEqual(["database.created", "database.started", "database.stopped"]);
});

test("[DBS2] what a killed Concord left running is taken over with its data", async () => {
  const script = `
    import { startEmbedded } from "#db/embedded.ts";
    import pg from "pg";
    const { url } = await startEmbedded({ dataDir: process.argv[1], log: () => undefined });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("create table kept as select 42 as answer");
    process.kill(process.pid, "SIGKILL");`;
  const command = ["--import", "tsx", "--input-type=module", "--eval", script, folder];
  const child = spawn(process.execPath, command, { stdio: "inherit", cwd: join(import.meta.dirname, "..", "..") });
  const signal = await new Promise((resolve) => child.once("exit", (_code, name) => resolve(name)));
  expect(signal).toBe("SIGKILL");
  const embedded = await start();
  expect(embedded.reused).toBe(true);
  expect(await ask(embedded.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("[DBS3] a killed database is started again and has what was committed", async () => {
  const embedded = await start();
  await ask(embedded.url, "create table kept as select 7 as answer");
  process.kill(embedded.pid, "SIGKILL");
  await expect.poll(() => events.includes("database.restarted"), { timeout: 60_000 }).toBe(true);
  expect(await ask(embedded.url, "select answer from kept")).toEqual([{ answer: 7 }]);
});

test("[DBS4] under a path too long for a socket the socket lies in a short folder of its own", async () => {
  const long = join(folder, "a-rather-long-name-of-a-folder".repeat(4));
  const embedded = await start(long);
  expect(await ask(embedded.url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(existsSync(join(long, "run"))).toBe(false);
  const host = new URL(embedded.url).searchParams.get("host") ?? "";
  expect(statSync(host).mode & 0o077).toBe(0);
});

test.runIf(process.getuid?.() === 0)(
  "[DBS5] as root it also runs below a folder closed to everybody else",
  async () => {
    const home = join(folder, "home");
    mkdirSync(home, { mode: 0o700 });
    chmodSync(folder, 0o700);
    const embedded = await start(join(home, "data"));
    expect(await ask(embedded.url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(statSync(`/proc/${embedded.pid}`).uid).not.toBe(0);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  },
);

test("[DBS6] of two starts on one folder at once the database is made once and both reach it", async () => {
  const both = await Promise.all([start(), start()]);
  expect(both[0]?.pid).toBe(both[1]?.pid);
  expect(readdirSync(folder).filter((name) => name.includes(".new-"))).toEqual([]);
});

test("[DBS7] a second owner is refused with a sentence, and let in when the first has gone", async () => {
  const { url, drop } = await emptyDatabase();
  const first = await claimDatabase(url, { onLost: () => undefined });
  await expect(claimDatabase(url, { onLost: () => undefined })).rejects.toThrow("Another Concord is running");
  await first.release();
  const second = await claimDatabase(url, { onLost: () => undefined });
  await second.release();
  await drop();
});

describe("nodes of one database", () => {
  const node = (nodeId: string, secretPrint = "print") => ({
    nodeId,
    secretPrint,
    isCurrent: async () => true,
    prepare: async () => undefined,
    onLost: () => undefined,
  });

  test("[NOD11] share it with each other, and with nobody who needs it alone", async () => {
    const { url, drop } = await emptyDatabase();
    const [first, second] = [await joinDatabase(url, node("one")), await joinDatabase(url, node("two"))];
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    expect(await namesOfNodes(client)).toEqual([
      { nodeId: "one", secretPrint: "print" },
      { nodeId: "two", secretPrint: "print" },
    ]);
    await client.end();
    await first.release();
    await expect(claimDatabase(url, { onLost: () => undefined })).rejects.toThrow("Another Concord is running");
    await second.release();
    const owner = await claimDatabase(url, { onLost: () => undefined });
    const joining = joinDatabase(url, node("three"));
    await owner.release();
    await (await joining).release();
    await drop();
  });

  test("[NOD11] refuse one with another secret", async () => {
    const { url, drop } = await emptyDatabase();
    const first = await joinDatabase(url, node("one"));
    await expect(joinDatabase(url, node("two", "other"))).rejects.toThrow("another CONCORD_SECRET");
    await first.release();
    await (await joinDatabase(url, node("two", "other"))).release();
    await drop();
  });

  test("[NOD12] of several that start on an older schema one brings it up to date, while none is at work", async () => {
    const { url, drop } = await emptyDatabase();
    const done: string[] = [];
    const starting = (nodeId: string) => {
      const isCurrent = async () => done.length > 0;
      return joinDatabase(url, { ...node(nodeId), isCurrent, prepare: async () => void done.push(nodeId) });
    };
    const claims = await Promise.all(["one", "two", "three"].map(starting));
    expect(done).toHaveLength(1);
    const newer = { ...node("four"), isCurrent: async () => done.length > 1, patienceMs: 200 };
    await expect(joinDatabase(url, newer)).rejects.toThrow("Stop all of them");
    for (const claim of claims) await claim.release();
    const owner = await claimDatabase(url, { onLost: () => undefined });
    await expect(joinDatabase(url, newer)).rejects.toThrow("has this database for itself");
    await owner.release();
    await drop();
  });
});

test("[DBS8] an owner whose connection breaks takes the lock again, or is told that it has been lost", async () => {
  const { url, drop } = await emptyDatabase();
  let lost = false;
  const first = await claimDatabase(url, {
    onLost: () => {
      lost = true;
    },
  });
  const cut =
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'concord-owner' and datname = current_database()";
  await ask(url, cut);
  const held = async () =>
    (
      await ask(
        url,
        "select count(*)::int as n from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
      )
    )[0]?.["n"];
  await expect.poll(held).toBe(1);
  expect(lost).toBe(false);
  await first.release();
  await drop();
});

test("[DBS9] migrating twice at once works, and a database newer than the code is refused", async () => {
  const { url, drop } = await emptyDatabase();
  const database = openDatabase(url);
  await Promise.all([migrateDatabase(database.pool), migrateDatabase(database.pool)]);
  await database.pool.query(
    "insert into drizzle.__drizzle_migrations (hash, created_at) values ('of the future', 9999999999999)",
  );
  await expect(migrateDatabase(database.pool)).rejects.toThrow("database-newer");
  await database.close();
  await drop();
});

test("[DBS23] a connection that breaks in the middle of a transaction fails that one, and nothing else", async () => {
  const { url, drop } = await emptyDatabase();
  const database = openDatabase(url);
  const broken = database.db.transaction(async (tx) => {
    const { rows } = await tx.execute(sql`select pg_backend_pid() as pid`);
    await ask(url, `select pg_terminate_backend(${Number(rows[0]?.["pid"])})`);
    // Until the end of the connection has been heard of.
    const asked = () =>
      tx.execute(sql`select 1`).then(
        () => "answered",
        () => "refused",
      );
    await expect.poll(asked).toBe("refused");
    await tx.execute(sql`select 1`);
  });
  await expect(broken).rejects.toThrow();
  expect(await isStoring(database.db)).toBe(true);
  await database.close();
  await drop();
});
