import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { appendAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { addRelease } from "#db/releases.ts";
import { slides } from "#db/schema.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type LayerId, type ReleaseId, releaseId } from "#domain/ids.ts";
import { manifest } from "#domain/release.ts";
import { readEnv } from "#server/env.ts";
import { SILENT_LOG } from "#server/log.ts";
import type { Desk } from "#server/maintenance/desk.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { square } from "./builders.ts";
import { emptyDatabase, type TestDatabase, testDatabase } from "./database.ts";
import { FakeReader, until } from "./fake-socket.ts";
import { type SyncWorld, syncWorld, TUMOUR } from "./sync-world.ts";

const PIXELS = "not a slide, but bytes";

/** An operator's view of a database and a data folder, and what was told. */
export type TestDesk = Desk & { readonly lines: string[]; readonly dataDir: string };

export type RecoveryWorld = {
  readonly database: TestDatabase;
  readonly world: SyncWorld;
  readonly rooms: Rooms;
  readonly desk: TestDesk;
  /** Where backups go; removed at the end. */
  readonly folder: string;
  reader(who: number, layer: LayerId): Promise<FakeReader>;
  /** Draws so many outlines and waits until they are durable. */
  draw(reader: FakeReader, count: number): Promise<Annotation[]>;
  /** A release of one file, as freezing stores it. */
  release(): Promise<ReleaseId>;
  /** Runs a statement that the product's own triggers would refuse. */
  tamper(table: string, statement: string): Promise<void>;
  close(): Promise<void>;
};

/** Rooms on a database of their own, with a slide that has a file. */
export async function recoveryWorld(): Promise<RecoveryWorld> {
  const database = await testDatabase();
  const { db, pool } = database;
  const world = await syncWorld(db);
  const folder = mkdtempSync(join(tmpdir(), "concord-recovery-"));
  const desk = deskOn(database.url, join(folder, "data"));
  mkdirSync(join(desk.dataDir, "pixels"), { recursive: true });
  writeFileSync(join(desk.dataDir, "pixels", "slide"), PIXELS);
  await db
    .update(slides)
    .set({ file: "slide", contentHash: hashOf(PIXELS) })
    .where(eq(slides.id, world.slideId));
  const rooms = createRooms({ db, access: world.ask, log: SILENT_LOG });
  return {
    database,
    world,
    rooms,
    desk,
    folder,
    async reader(who, layer) {
      const caller = world.people[who];
      if (caller === undefined) throw new Error(`there is no person ${who}`);
      const reader = new FakeReader(caller);
      await reader.connect(rooms, layer);
      await until(() => reader.synced, "synced");
      return reader;
    },
    async draw(reader, count) {
      const made = Array.from({ length: count }, outline);
      for (const each of made) reader.layer.put(each);
      await until(() => reader.acknowledged === reader.made, "acknowledged");
      return made;
    },
    release: () => frozen(database, world),
    async tamper(table, statement) {
      await pool.query(`alter table ${table} disable trigger user`);
      await pool.query(statement);
      await pool.query(`alter table ${table} enable trigger user`);
    },
    async close() {
      await rooms.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A square that no other outline of a test shares. */
export function outline(): Annotation {
  const [x, y] = [64 * Math.floor(Math.random() * 50), 64 * Math.floor(Math.random() * 50)];
  const id = newId(annotationId);
  return { id, classId: TUMOUR, geometry: square(x, y, 48), under: 1, attributes: {}, note: "" };
}

/** A desk of an operator; without a database it is the embedded one of the data folder. */
export function deskOn(url: string | undefined, dataDir: string): TestDesk {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const env = readEnv({ CONCORD_DATA: dataDir, DATABASE_URL: url });
  return { env, log: SILENT_LOG, say, progress: () => undefined, lines, dataDir };
}

/** An empty database and a data folder that is not there yet, to restore into. */
export async function emptyDesk(): Promise<{ readonly desk: TestDesk; readonly url: string; drop(): Promise<void> }> {
  const { url, drop } = await emptyDatabase();
  const folder = mkdtempSync(join(tmpdir(), "concord-restored-"));
  return {
    url,
    desk: deskOn(url, join(folder, "data")),
    async drop() {
      await drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function frozen({ db }: TestDatabase, { projectId, slideId, caseId, people }: SyncWorld): Promise<ReleaseId> {
  const id = newId(releaseId);
  const release = { number: 1, name: "first" };
  const content = '{"a":1}\n';
  const { text, files } = manifest(
    {
      project: { id: projectId, name: "project" },
      release,
      guidelineNumber: 1,
      classes: [],
      slides: [
        {
          id: slideId,
          name: "slide",
          caseId,
          caseName: "case",
          widthPx: 4_096,
          heightPx: 4_096,
          mpp: 0.5,
          sha256: hashOf(PIXELS),
          annotations: 0,
        },
      ],
      split: { seed: 1, fractions: { train: 0.7, validation: 0.15, test: 0.15 } },
      waivers: [],
      leftOut: [],
      files: [{ path: "guideline.json", content }],
      licence: null,
    },
    hashOf,
  );
  const personId = people[0]?.personId ?? null;
  if (personId === null) throw new Error("a release needs a person");
  await db.transaction(async (tx) => {
    const row = { id, projectId, ...release, guidelineNumber: 1, manifest: text, hash: hashOf(text) };
    const stored = files.map(({ path, sha256 }) => ({ path, sha256, content }));
    await addRelease(tx, { ...row, createdBy: personId }, stored);
    const detail = { hash: hashOf(text) };
    await appendAudit(tx, { personId, projectId, action: "release.frozen", subject: id, detail });
  });
  return id;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
