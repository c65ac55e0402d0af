import { and, asc, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { audit } from "#db/schema.ts";
import { layerId } from "#domain/ids.ts";
import { SILENT_LOG } from "#server/log.ts";
import { RefusalAudit } from "#server/sync/refusals.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { type SyncWorld, syncWorld } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms | null = null;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterEach(async () => {
  await rooms?.close();
  rooms = null;
});
afterAll(() => database.close());

const entries = (subject: string) =>
  database.db
    .select()
    .from(audit)
    .where(and(eq(audit.action, "update.refused"), eq(audit.subject, subject)))
    .orderBy(asc(audit.seq));

describe("what was refused", () => {
  it("[MET3] is in the audit: who, in which layer, why; and counted by code", async () => {
    const here = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
    rooms = here;
    const layer = await world.layer();
    const ada = new FakeReader(world.people[0]!);
    await ada.connect(here, layer);
    ada.sendRaw(Uint8Array.of(77));
    await until(async () => (await entries(layer)).length === 1, "an entry");
    const [entry] = await entries(layer);
    const { personId } = world.people[0]!;
    expect(entry).toMatchObject({
      personId,
      projectId: world.projectId,
      detail: { code: "frame-malformed", count: 1 },
    });
    expect(here.counters.refusals.entries()).toEqual([["frame-malformed", 1]]);
    expect((await verifyAudit(database.db)).brokenAt).toBeNull();
  });

  it("[MET3] does not fill the audit, whoever sends how much", async () => {
    let now = 0;
    const refusals = new RefusalAudit({ db: database.db, log: SILENT_LOG, now: () => now });
    const { projectId } = world;
    const { personId } = world.people[0]!;
    const flooded = newId(layerId);
    for (let sent = 0; sent < 1_000; sent++)
      refusals.note({ personId, projectId, layerId: flooded, code: "update-refused" });
    const before = (await entries("sync")).length;
    for (let sent = 0; sent < 500; sent++)
      refusals.note({ personId, projectId, layerId: newId(layerId), code: "update-refused" });
    // Who only has to send again did nothing wrong.
    refusals.note({ personId, projectId, layerId: flooded, code: "update-gap" });
    await refusals.close();
    expect((await entries(flooded)).map(({ detail }) => detail)).toEqual([
      { code: "update-refused", count: 1 },
      { code: "update-refused", count: 999 },
    ]);
    expect((await entries("sync")).slice(before).map(({ detail }) => detail)).toEqual([{ count: 441 }]);
    now += 60_000;
    refusals.note({ personId, projectId, layerId: flooded, code: "update-refused" });
    await refusals.close();
    expect(await entries(flooded)).toHaveLength(3);
    expect((await verifyAudit(database.db)).brokenAt).toBeNull();
  });
});
