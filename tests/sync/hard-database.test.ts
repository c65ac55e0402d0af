import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { SILENT_LOG } from "#server/log.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

/** What one socket may have waiting. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;

beforeEach(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
});
afterEach(async () => {
  await rooms.close();
  await database.close();
});

/** From now on the database does this whenever a layer is written. */
async function atEveryWrite(statement: string): Promise<void> {
  await database.db.execute(
    sql.raw(`create or replace function hardship() returns trigger language plpgsql as $$ begin ${statement} return new; end $$;
      create or replace trigger hardship before insert on layer_updates for each row execute function hardship()`),
  );
}

function outline(points = 3): Annotation {
  const ring = Array.from({ length: points }, (_, at) => {
    const angle = (2 * Math.PI * at) / points;
    return [1_000 + 900 * Math.cos(angle), 1_000 + 900 * Math.sin(angle)] as const;
  });
  return {
    id: newId(annotationId),
    classId: TUMOUR,
    geometry: { type: "polygon", rings: [ring] },
    under: 1,
    attributes: {},
    note: "",
  };
}

async function reader(who: number, layerId: LayerId): Promise<FakeReader> {
  const caller = world.people[who];
  if (caller === undefined) throw new Error("nobody");
  const one = new FakeReader(caller);
  await one.connect(rooms, layerId);
  await until(() => one.synced, "synced");
  return one;
}

describe("a database that is there and in trouble", () => {
  it("[FLT3] a full disk: nothing is acknowledged or told, all are asked to try again, and all is saved when there is room", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    ada.layer.put(outline());
    await until(() => bea.layer.size === 1, "told");
    await atEveryWrite("raise exception 'could not extend file: No space left on device' using errcode = '53100';");
    for (let round = 1; round <= 3; round++) {
      ada.layer.put(outline());
      await until(() => ada.closes.length === round, "asked to try again");
      expect(ada.closes.at(-1)).toMatchObject({ code: 4503, reason: "not-saved" });
      expect([ada.acknowledged, bea.layer.size]).toEqual([1, 1]);
      await ada.connect(rooms, layerId);
    }
    await until(() => ada.closes.length === 4, "what it brought along is not taken either");
    // Looking is possible all the while.
    expect((await reader(2, layerId)).layer.size).toBe(1);
    await atEveryWrite("");
    await ada.connect(rooms, layerId);
    await until(() => ada.acknowledged === ada.made && ada.made === 4, "saved");
    const cem = await reader(2, layerId);
    expect(cem.layer.size).toBe(4);
    expect(await rooms.rebuild(layerId)).toMatchObject({ missing: [], extra: [], different: [] });
  });

  it("[FLT4] a slow disk: what waits is bounded, who sends more is asked to come later, and others lose nothing", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    await atEveryWrite("perform pg_sleep(0.3);");
    const large = Array.from({ length: 12 }, () => outline(20_000));
    let most = 0;
    for (let stroke = 0; bea.closes.length === 0 && stroke < 100; stroke++) {
      if (stroke % 10 === 0) ada.layer.put(outline());
      bea.doc.transact(() => {
        for (const each of large) bea.layer.put({ ...each, id: newId(annotationId) });
      });
      most = Math.max(most, rooms.stats().waitingBytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bea.closes[0]).toMatchObject({ code: 4529 });
    expect(ada.closes).toEqual([]);
    expect(most).toBeGreaterThan(1_000_000);
    expect(most).toBeLessThan(1.1 * MOST_WAITING_BYTES);
    await until(() => ada.acknowledged === ada.made, "saved");
  }, 240_000);
});
