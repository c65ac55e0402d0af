import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { annotationRows } from "#db/annotations.ts";
import { appendAudit, verifyAudit } from "#db/audit.ts";
import { claimDatabase } from "#db/claim.ts";
import { type Database, openDatabase } from "#db/client.ts";
import { migrateDatabase, newestSchema, schemaVersion } from "#db/migrate.ts";
import { newId } from "#db/new-id.ts";
import { markReopened, markSubmitted } from "#db/rounds.ts";
import { judgements, people } from "#db/schema.ts";
import { addTask, addTaskEvent } from "#db/tasks.ts";
import { type LayerId, personId, taskId } from "#domain/ids.ts";
import { backup } from "#server/maintenance/backup.ts";
import { rebuild } from "#server/maintenance/rebuild.ts";
import { restore } from "#server/maintenance/restore.ts";
import { verify } from "#server/maintenance/verify.ts";
import { wholeStudy } from "#tests/support/api-study.ts";
import { type ApiWorld, apiWorld } from "#tests/support/api-world.ts";
import { emptyDatabase } from "#tests/support/database.ts";
import type { FakeReader } from "#tests/support/fake-socket.ts";
import {
  deskOn,
  emptyDesk,
  outline,
  type RecoveryWorld,
  recoveryWorld,
  type TestDesk,
} from "#tests/support/recovery-world.ts";

/** Databases are made and programs started: seconds on a free machine. */
const LONG = 240_000;

let w: RecoveryWorld;
let layer: LayerId;
let ada: FakeReader;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  w = await recoveryWorld();
  layer = await w.world.layer();
  ada = await w.reader(0, layer);
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  await w.close();
});

function open(url: string): Database {
  const database = openDatabase(url);
  opened.push(database);
  return database;
}

async function target() {
  const made = await emptyDesk();
  opened.push({ close: () => made.drop() });
  return made;
}

/** What a verification says, without the lines of checks that found nothing. */
async function faultsOf(): Promise<string> {
  w.desk.lines.length = 0;
  const right = await verify(w.desk);
  const faults = w.desk.lines.filter((line) => !line.startsWith("ok "));
  expect(right).toBe(faults.length === 0);
  return faults.join("\n");
}

async function rebuilt(): Promise<string> {
  w.desk.lines.length = 0;
  await rebuild(w.desk, undefined);
  return w.desk.lines.join("\n");
}

const idsIn = async ({ db }: Pick<Database, "db">, layerId = layer) =>
  (await annotationRows(db, { layerIds: [layerId] })).map((row) => row.id).sort();
const idsOf = (made: readonly { readonly id: string }[]) => made.map((each) => each.id).sort();

describe("verify", () => {
  it("[RCV1] says in one line per check that all is well, and changes nothing", async () => {
    await w.draw(ada, 4);
    await w.release();
    await w.rooms.close();
    const state = () => w.database.pool.query("select xmin, ctid, * from annotations order by id");
    const before = (await state()).rows;
    expect(await verify(w.desk)).toBe(true);
    expect(w.desk.lines.map((line) => line.split(/\s+/).slice(0, 2).join(" "))).toEqual(
      ["log:", "epochs:", "snapshots:", "rows:", "pairs:", "fields:", "audit:", "releases:", "slides:"].map(
        (name) => `ok ${name}`,
      ),
    );
    expect((await state()).rows).toEqual(before);
  });

  it("[RCV2] a corrupted snapshot is found, and rebuilt from the log", async () => {
    const made = await w.draw(ada, 5);
    await w.rooms.close();
    await w.database.pool.query("update layer_snapshots set bytes = set_byte(bytes, 30, get_byte(bytes, 30) # 255)");
    expect(await faultsOf()).toContain(`layer ${layer}: its bytes do not have its checksum`);
    expect(await rebuilt()).toContain(`mended layer ${layer}: snapshot: its bytes do not have its checksum`);
    expect(await faultsOf()).toBe("");
    // Whole by its checksum, but of another document.
    await w.database.pool.query(
      "update layer_snapshots set bytes = '\\x0000', checksum = encode(sha256('\\x0000'), 'hex')",
    );
    expect(await faultsOf()).toContain("it is not what the log gives at 5");
    expect(await rebuilt()).toContain("1 mended");
    expect(await faultsOf()).toBe("");
    expect(await idsIn(w.database)).toEqual(idsOf(made));
  });

  it("[RCV3] a changed, a lost and an invented row are told by kind, and a rebuild mends just these", async () => {
    const [changed, lost, kept] = await w.draw(ada, 3);
    const invented = outline().id;
    const { pool } = w.database;
    await pool.query("update annotations set area_px = area_px + 1 where id = $1", [changed?.id]);
    await pool.query("delete from annotations where id = $1", [lost?.id]);
    await pool.query(
      `insert into annotations select (jsonb_populate_record(a, jsonb_build_object('id', $1::text))).*
        from annotations a where id = $2`,
      [invented, kept?.id],
    );
    const difference = `1 missing (${lost?.id}), 1 extra (${invented}), 1 different (${changed?.id})`;
    expect(await faultsOf()).toContain(`layer ${layer}: ${difference}`);
    expect(await rebuilt()).toContain(`mended layer ${layer}: rows: ${difference}`);
    expect(await faultsOf()).toBe("");
    await expect(rebuild(w.desk, "nosuchid")).rejects.toThrow('There is no layer "nosuchid"');
  });

  it("[SCA4] a tally that does not say what the log says is told, and a rebuild mends it", async () => {
    await w.draw(ada, 3);
    await w.rooms.close();
    const { pool } = w.database;
    const stored = async () => (await pool.query("select * from annotation_tallies order by key")).rows;
    const before = await stored();
    expect(before).toMatchObject([{ count: 3 }]);
    const fault = `1 miscounted (${before[0]?.class_id} under 1 by ${before[0]?.created_by})`;
    for (const tampering of ["update annotation_tallies set count = count + 1", "delete from annotation_tallies"]) {
      await pool.query(tampering);
      expect(await faultsOf()).toContain(`layer ${layer}: ${fault}`);
      expect(await rebuilt()).toContain(`mended layer ${layer}: rows: ${fault}`);
      expect(await faultsOf()).toBe("");
      expect(await stored()).toEqual(before);
    }
  });

  it("[RCV4] a missing log row is found by its number, in the middle and at the end, and such a layer is left alone", async () => {
    await w.draw(ada, 6);
    await w.tamper("layer_updates", "delete from layer_updates where seq in (3, 6)");
    const fault = `layer ${layer}: the log ends at 5, the layer says 6; missing 3, 6`;
    expect(await faultsOf()).toContain(fault);
    expect(await rebuild(w.desk, layer)).toBe(false);
    expect(w.desk.lines.join("\n")).toContain(fault);
    expect(await idsIn(w.database)).toHaveLength(6);
  });

  it("[RCV5] a changed audit entry is found", async () => {
    for (const subject of ["a", "b", "c"]) {
      await appendAudit(w.database.db, { personId: null, projectId: null, action: "x.done", subject, detail: {} });
    }
    await w.tamper("audit", "update audit set subject = 'z' where seq = 2");
    expect(await faultsOf()).toContain("entry 2 does not fit the one before it");
  });

  it("[RCV6] a changed release file, a changed manifest and a release that was made again are found", async () => {
    const id = await w.release();
    await w.tamper("release_files", `update release_files set content = '{"a":2}'`);
    expect(await faultsOf()).toContain(`release ${id} (number 1): guideline.json has SHA-256`);
    await w.tamper("release_files", "delete from release_files");
    expect(await faultsOf()).toContain("guideline.json is missing");
    await w.tamper("releases", "update releases set manifest = manifest || ' '");
    expect(await faultsOf()).toContain("the manifest has SHA-256");
    await w.tamper("releases", "update releases set hash = encode(sha256(convert_to(manifest, 'UTF8')), 'hex')");
    expect(await faultsOf()).toMatch(/it has hash [0-9a-f]{64}, the audit says/);
  });

  it("[RCV7] a missing and a changed slide file are found", async () => {
    const file = join(w.desk.dataDir, "pixels", "slide");
    writeFileSync(file, "other bytes");
    expect(await faultsOf()).toContain(`${file} has SHA-256`);
    rmSync(file);
    expect(await faultsOf()).toContain(`slide ${w.world.slideId}: ${file} is missing`);
  });

  it("[RCV8] commands that need the database alone refuse while a Concord runs, and a backup does not", async () => {
    const claim = await claimDatabase(w.database.url, { onLost: () => undefined });
    opened.push({ close: () => claim.release() });
    const refusals = [verify(w.desk), rebuild(w.desk, undefined)];
    for (const each of await Promise.allSettled(refusals)) {
      expect(each).toMatchObject({ reason: { message: expect.stringContaining("Another Concord is running") } });
    }
    await backup(w.desk, join(w.folder, "b"));
    expect(readdirSync(join(w.folder, "b")).sort()).toEqual(["database", "manifest.json", "manifest.sha256", "pixels"]);
  });
});

describe("backup and restore", () => {
  it("[RCV9] a backup taken while people draw restores every change that was acknowledged before it", async () => {
    const other = await w.world.layer();
    const readers = [ada, await w.reader(1, layer), await w.reader(2, other)];
    await w.release();
    const acknowledged: string[] = [];
    let drawing = true;
    const busy = readers.map(async (reader) => {
      while (drawing) acknowledged.push(...idsOf(await w.draw(reader, 3)));
    });
    await expect.poll(() => acknowledged.length).toBeGreaterThan(60);
    const before = [...acknowledged];
    const folder = join(w.folder, "b");
    await backup(w.desk, folder);
    const meanwhile = acknowledged.length;
    await expect.poll(() => acknowledged.length).toBeGreaterThan(meanwhile);
    drawing = false;
    await Promise.all(busy);
    const to = await target();
    expect(await restore(to.desk, folder, undefined)).toBe(true);
    const restored = open(to.url);
    const ids = new Set<string>([...(await idsIn(restored)), ...(await idsIn(restored, other))]);
    expect(before.filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBeLessThan(acknowledged.length);
    expect(readFileSync(join(to.desk.dataDir, "pixels", "slide"))).toEqual(
      readFileSync(join(w.desk.dataDir, "pixels", "slide")),
    );
    // The same file under a second name, where the file system has links.
    expect(statSync(join(folder, "pixels", "slide")).ino).toBe(statSync(join(w.desk.dataDir, "pixels", "slide")).ino);
    expect(await schemaVersion(restored.pool)).toBe(newestSchema());
  });

  it("[RCV10] restored to an earlier moment, log, rows, decisions and audit end there", async () => {
    const { db } = w.database;
    const early = await w.draw(ada, 3);
    const [person] = w.world.people;
    if (person === undefined) throw new Error("nobody");
    const audited = (action: string, subject: string) =>
      appendAudit(db, { personId: person.personId, projectId: w.world.projectId, action, subject, detail: {} });
    const read = await w.world.layer("read", person.personId);
    await markSubmitted(db, read, new Date());
    await audited("read.submitted", read);
    const judged = { layerId: layer, annotationId: early[0]?.id ?? outline().id, contentHash: "h", version: 1 };
    const judgement = { ...judged, verdict: "keep" as const, personId: person.personId };
    await db.insert(judgements).values({ ...judgement, id: "early", at: new Date() });
    const task = newId(taskId);
    await addTask(db, {
      id: task,
      projectId: w.world.projectId,
      kind: "rework",
      slideId: w.world.slideId,
      layerId: layer,
      assigneeId: person.personId,
      scope: { kind: "rework", annotationIds: early.map((each) => each.id) },
    });
    await delay(5);
    const moment = new Date().toISOString();
    await delay(5);
    ada.layer.remove(early[1]?.id ?? outline().id);
    await w.draw(ada, 2);
    await markReopened(db, read);
    await audited("read.reopened", read);
    await db.update(judgements).set({ withdrawnAt: new Date() });
    await db.insert(judgements).values({ ...judgement, id: "late", at: new Date() });
    await w.database.pool.query("update tasks set state = 'cancelled', updated_at = clock_timestamp()");
    await addTaskEvent(db, { taskId: task, personId: person.personId, fromState: "open", toState: "cancelled" });
    const late = newId(personId);
    await db.insert(people).values({ id: late, email: "late@example.org", name: "late", colour: "#000000" });
    await w.world.layer("read", late);
    await w.release();

    const folder = join(w.folder, "b");
    await backup(w.desk, folder);
    const to = await target();
    expect(await restore(to.desk, folder, moment)).toBe(true);
    const restored = open(to.url);
    expect(await idsIn(restored)).toEqual(idsOf(early));
    const one = async (text: string) => (await restored.pool.query(text)).rows;
    expect(await one("select max(seq)::int as seq from layer_updates")).toEqual([{ seq: 3 }]);
    expect(await one("select id, state, last_seq::int, submitted_seq::int from layers order by last_seq")).toEqual([
      { id: read, state: "submitted", last_seq: 0, submitted_seq: 0 },
      { id: layer, state: "open", last_seq: 3, submitted_seq: null },
    ]);
    expect(await one("select id, withdrawn_at from judgements")).toEqual([{ id: "early", withdrawn_at: null }]);
    expect(await one("select state from tasks")).toEqual([{ state: "open" }]);
    expect(await one("select id from people where email like 'late%'")).toEqual([]);
    expect(await one("select id from releases")).toEqual([]);
    expect(await one("select distinct token_version from people")).toEqual([{ token_version: 2 }]);
    expect(await verifyAudit(restored.db)).toEqual({ entries: 1, brokenAt: null });
    // Whole, the same backup has all of it.
    const whole = await target();
    expect(await restore(whole.desk, folder, undefined)).toBe(true);
    expect(await idsIn(open(whole.url))).toEqual(await idsIn(w.database));
  });

  it("[RCV11] a restore refuses a target that holds anything, a moment it cannot know, and a folder that is no backup", async () => {
    const folder = join(w.folder, "b");
    await backup(w.desk, folder);
    await expect(backup(w.desk, folder)).rejects.toThrow(`${folder} exists`);
    const to = await target();
    await expect(restore(deskOn(w.database.url, to.desk.dataDir), folder, undefined)).rejects.toThrow(
      "The database has tables already",
    );
    await expect(restore(to.desk, folder, "yesterday")).rejects.toThrow('"yesterday" is not a moment');
    await expect(restore(to.desk, folder, "2999-01-01T00:00:00Z")).rejects.toThrow("The backup was taken at");
    await expect(restore(to.desk, w.folder, undefined)).rejects.toThrow("manifest.json is missing");
    mkdirSync(to.desk.dataDir, { recursive: true });
    writeFileSync(join(to.desk.dataDir, "secret"), "s");
    writeFileSync(join(to.desk.dataDir, "notes.txt"), "mine");
    await expect(restore(to.desk, folder, undefined)).rejects.toThrow("is not empty (notes.txt)");
  });

  it("[RCV12] one changed byte anywhere in a backup is refused before anything is written", async () => {
    await w.draw(ada, 2);
    const folder = join(w.folder, "b");
    await backup(w.desk, folder);
    const to = await target();
    const files = ["manifest.json", "database/layer_updates.copy", "database/people.copy", "pixels/slide"];
    for (const file of files) {
      const path = join(folder, file);
      const bytes = readFileSync(path);
      const changed = Buffer.from(bytes);
      changed[9] = (changed[9] ?? 0) ^ 1;
      // The file in the backup is a second name of the product's own.
      rmSync(path);
      writeFileSync(path, changed);
      await expect(restore(to.desk, folder, undefined)).rejects.toThrow(`${path}`);
      rmSync(path);
      await expect(restore(to.desk, folder, undefined)).rejects.toThrow("missing");
      writeFileSync(path, bytes);
    }
    expect(readdirSync(join(to.desk.dataDir, ".."))).toEqual([]);
    expect(await restore(to.desk, folder, undefined)).toBe(true);
  });

  it("[RCV13] a backup that cannot be finished leaves nothing behind", async () => {
    rmSync(join(w.desk.dataDir, "pixels", "slide"));
    await expect(backup(w.desk, join(w.folder, "b"))).rejects.toThrow(`Slide ${w.world.slideId} has no file`);
    expect(readdirSync(w.folder)).toEqual(["data"]);
  });

  it("[RCV14] a backup of an older schema is restored and brought up to date", async () => {
    const old = await emptyDatabase();
    opened.push({ close: () => old.drop() });
    const before = open(old.url);
    await migrateDatabase(before.pool, { upTo: 1_795_500_831_040 });
    await before.pool.query(
      "insert into people (id, email, name, colour) values ('p', 'p@example.org', E'a\\\\b\\n\\tc', '')",
    );
    const folder = join(w.folder, "b");
    await backup(deskOn(old.url, join(w.folder, "old")), folder);
    const to = await target();
    await expect(restore(to.desk, folder, "2020-01-01T00:00:00Z")).rejects.toThrow("restore it without --until");
    expect(await restore(to.desk, folder, undefined)).toBe(true);
    const after = open(to.url);
    expect(await schemaVersion(after.pool)).toBe(newestSchema());
    expect((await after.pool.query("select name from people")).rows).toEqual([{ name: "a\\b\n\tc" }]);
  });
});

describe("a whole study", () => {
  let study: ApiWorld;
  beforeEach(async () => {
    study = await apiWorld();
    await wholeStudy(study);
    const { rows } = await study.pool.query("select id from slides");
    for (const { id } of rows) writeFileSync(join(study.dataDir, "pixels", id), "pixels");
    await study.pool.query("update slides set content_hash = encode(sha256('pixels'), 'hex')");
  });
  afterEach(() => study.close());

  /** Every line of every table in a backup but of those that a point in time makes anew, in no order. */
  async function linesOf(desk: TestDesk, name: string): Promise<Record<string, readonly string[]>> {
    const folder = join(w.folder, name);
    await backup(desk, folder);
    const tables = readdirSync(join(folder, "database")).filter((each) => !/^(people|layer_snapshots)/.test(each));
    return Object.fromEntries(
      tables.map((each) => [
        each,
        readFileSync(join(folder, "database", each), "utf8")
          .split("\n")
          .sort(),
      ]),
    );
  }

  it("[RCV16] restored up to the moment of the backup it is what it was, and up to any earlier one it is whole", {
    timeout: LONG,
  }, async () => {
    const from = deskOn(study.running.foundation.env.databaseUrl ?? undefined, study.dataDir);
    const before = await linesOf(from, "a");
    const folder = join(w.folder, "a");
    const { takenAt } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    const to = await target();
    expect(await restore(to.desk, folder, takenAt)).toBe(true);
    expect(await linesOf(to.desk, "b")).toEqual(before);
    expect(before["adjudications.copy"]?.length).toBeGreaterThan(1);
    expect(before["releases.copy"]?.length).toBeGreaterThan(1);

    const { rows } = await study.pool.query("select at from audit order by seq");
    for (const share of [0.4, 0.8]) {
      const moment: Date = rows[Math.floor(rows.length * share)].at;
      const earlier = await target();
      expect(await restore(earlier.desk, folder, moment.toISOString())).toBe(true);
      const { entries } = await verifyAudit(open(earlier.url).db);
      expect(entries).toBe(rows.filter((row) => row.at <= moment).length);
    }
  });
});

describe("the command", () => {
  const command = (dataDir: string, ...args: readonly string[]) =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "server/maintain.ts", ...args], {
      cwd: join(import.meta.dirname, "..", ".."),
      env: { PATH: process.env["PATH"], NODE_ENV: "production", CONCORD_DATA: dataDir },
    });

  it("[RCV15] restores into the embedded database of a fresh folder, backs it up while it is stopped, and ends with 1 and a sentence where it refuses", {
    timeout: LONG,
  }, async () => {
    const made = await w.draw(ada, 3);
    const [first, second] = [join(w.folder, "b"), join(w.folder, "c")];
    await backup(w.desk, first);
    const dataDir = mkdtempSync(join(tmpdir(), "concord-command-"));
    try {
      const nothing = await command(dataDir, "verify").catch((error: unknown) => error);
      expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining(`There is no database in ${dataDir}`) });
      const restored = await command(dataDir, "restore", first);
      expect(restored.stdout).toMatch(/ok {4}rows: 1 layer\n/);
      await command(dataDir, "backup", second);
      const tables = ["annotations.copy", "layer_updates.copy", "people.copy"];
      for (const table of tables) {
        expect(readFileSync(join(second, "database", table)).equals(readFileSync(join(first, "database", table)))).toBe(
          true,
        );
      }
      expect(
        readFileSync(join(second, "database", "annotations.copy"), "utf8")
          .trim()
          .split("\n"),
      ).toHaveLength(made.length);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
    const wrong = await command(w.folder, "mend").catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('"mend" is no command') });
  });
});
