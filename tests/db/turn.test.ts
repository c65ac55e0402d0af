import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { annotationRows } from "#db/annotations.ts";
import { transact } from "#db/client.ts";
import { writeTurn } from "#db/turn.ts";
import { annotationId } from "#domain/ids.ts";
import { aClassId } from "#tests/support/builders.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { type SyncWorld, syncWorld } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterAll(() => database.close());

describe("a turn", () => {
  it("[SCA16] locks no row that turns of other layers write or read too: not its project, and not its slide", async () => {
    const { projectId, slideId } = world;
    const layerId = await world.layer();
    const personId = world.people[0]?.personId;
    if (personId === undefined) throw new Error("there is nobody");
    const at = new Date("2026-01-01T00:00:00Z");
    const id = annotationId.parse("annotation000001");
    const row = {
      ...{ layerId, projectId, slideId, id, classId: aClassId("a"), under: 1, geometryType: "polygon" as const },
      ...{ shape: "polygon" as const, record: new Uint8Array([1]), minX: 0, minY: 0, maxX: 1, maxY: 1, areaPx: 1 },
      ...{ contentHash: "hash", attributes: {}, note: "", createdBy: personId, createdAt: at },
      ...{ updatedBy: personId, updatedAt: at },
    };
    const updates = [{ authorId: personId, bytes: new Uint8Array([1]) }];
    await transact(database.db, async (tx) => {
      await writeTurn(tx, {
        layerId,
        projectId,
        slideId,
        epoch: 1,
        at,
        seq: 0,
        claims: [],
        updates,
        gone: [],
        rows: [row],
      });
      for (const [table, key] of [["projects", projectId] as const, ["slides", slideId] as const]) {
        const held = await database.pool.query(`select id from ${table} where id = $1 for update nowait`, [key]);
        expect(held.rows, table).toEqual([{ id: key }]);
      }
      return { value: null, written: Promise.resolve() };
    });
    expect(await annotationRows(database.db, { layerIds: [layerId] })).toMatchObject([{ id, slideId }]);
  });
});
