import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import { type Annotation, polygonsOf } from "#domain/annotation.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { geometryArea } from "#domain/geometry.ts";
import { annotationId, type ClassId, type LayerId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { editKey, encodeEdit, type OutlineEdit } from "#domain/outline-edit.ts";
import { difference, normaliseAll, strokeArea, union } from "#domain/overlay.ts";
import { SILENT_LOG } from "#server/log.ts";
import { updateFrame } from "#server/sync/protocol.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { square } from "#tests/support/builders.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let readers: FakeReader[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
});
afterEach(() => {
  for (const reader of readers) reader.drop();
  readers = [];
});
afterAll(async () => {
  await rooms.close();
  await database.close();
});

async function reader(person: number, layerId: LayerId): Promise<FakeReader> {
  const joined = new FakeReader(world.people[person]!);
  readers.push(joined);
  await joined.connect(rooms, layerId);
  await until(() => joined.synced, "synced");
  return joined;
}

function outline(): Annotation {
  const geometry = square(1_000, 1_000, 400);
  return { id: newId(annotationId), classId: TUMOUR, geometry, under: 1, attributes: {}, note: "" };
}

const disc = (x: number, y: number) => strokeArea([[x, y]], 60);

describe("edits of an outline at the server", () => {
  it("[EDT15] of two people at once are both in the row, which is what everybody sees, and stay after a rebuild", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => bea.layer.has(drawn.id), "drawn");
    const [more, less] = [disc(1_000, 1_200), disc(1_400, 1_200)];
    const from = drawn.geometry;
    ada.layer.reshape(drawn.id, { from, to: normaliseAll(union([from, more]))!, under: 1 });
    bea.layer.reshape(drawn.id, { from, to: normaliseAll(difference(from, less))!, under: 1 });
    await until(() => {
      const [a, b] = [ada, bea].map(({ layer }) => JSON.stringify(layer.get(drawn.id)));
      return ada.acknowledged === ada.made && bea.acknowledged === bea.made && a === b;
    }, "both have both");
    const [row] = await annotationRows(database.db, { layerIds: [layerId] });
    const seen = ada.layer.get(drawn.id)!;
    expect(row?.record).toEqual(encodeRecord(seen));
    expect(row?.createdBy).toBe(ada.caller.personId);
    expect(row?.areaPx).toBe(geometryArea(seen.geometry));
    const wanted = normaliseAll(difference(union([from, more]), less))!;
    expect(Math.abs(geometryArea(seen.geometry) - geometryArea(wanted))).toBeLessThan(30);
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    const stranger = await reader(2, layerId);
    expect(stranger.layer.get(drawn.id)).toEqual(seen);
    stranger.layer.reshape(drawn.id, { from: seen.geometry, to: square(1_000, 1_000, 300), under: 1 });
    ada.layer.remove(drawn.id);
    await until(() => stranger.acknowledged === stranger.made && ada.acknowledged === ada.made, "saved");
    await until(() => ada.layer.get(drawn.id) !== null, "the edit came back");
    expect((await annotationRows(database.db, { layerIds: [layerId] })).map((each) => each.areaPx)).toEqual([90_000]);
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
  });

  it("[EDT16] are taken in their own form only: key, area, slide, class, stages, and an outline they belong to", async () => {
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => ada.acknowledged === ada.made, "drawn");
    const { id, ...content } = drawn;
    const good: OutlineEdit = {
      ...content,
      root: 7,
      seen: new Map([[5, 9]]),
      stages: [{ seen: new Map(), polygons: polygonsOf(content.geometry) }],
    };
    const away = square(5_000, 0, 10);
    const bytes = encodeEdit(good);
    const longer = Uint8Array.from([...bytes.slice(0, -2), 0x80, ...bytes.slice(-2)]);
    const cases: [string, string, string, unknown][] = [
      ["update-refused", "edit", id, bytes],
      ["update-refused", "edit", `${id}/`, bytes],
      ["update-refused", "edit", `${id}/00`, bytes],
      ["update-refused", "edit", `${id}/zzzzzzzz`, bytes],
      ["update-refused", "edits", editKey(id, 5), bytes],
      ["update-refused", "edit", editKey(id, 5), encodeRecord(drawn)],
      ["update-refused", "edit", editKey(id, 5), "text"],
      ["update-refused", "edit", editKey(id, 5), Uint8Array.from([3, ...bytes.slice(1)])],
      ["update-refused", "attr", id, bytes],
      ["update-refused", "edit", editKey(id, 5), longer],
      ["outline-off-slide", "edit", editKey(id, 5), encodeEdit({ ...good, geometry: away })],
      [
        "outline-off-slide",
        "edit",
        editKey(id, 5),
        encodeEdit({ ...good, stages: [{ seen: new Map(), polygons: polygonsOf(away) }] }),
      ],
      ["unknown-class", "edit", editKey(id, 5), encodeEdit({ ...good, classId: "foreignclass" as ClassId })],
      ["update-refused", "edit", editKey(id, 5), encodeEdit({ ...good, under: 2 })],
      ["update-gap", "edit", editKey(newId(annotationId), 5), bytes],
      ["open", "edit", editKey(id, 5), bytes],
    ];
    for (const [code, root, key, value] of cases) {
      const doc = new Y.Doc();
      doc.getMap(root).set(key, value);
      const bea = await reader(1, layerId);
      bea.sendRaw(updateFrame(Y.encodeStateAsUpdate(doc)));
      if (code === "open") await until(() => ada.doc.getMap("edit").size === 1, "taken");
      else await until(() => bea.closes.length > 0, `${code} ${root} ${key}`);
      expect(bea.closes[0]?.reason ?? "open", `${root} ${key}`).toBe(code);
    }
    expect(ada.closes).toEqual([]);
  });

  it("[EDT16] of a read by somebody else are refused, and so is taking away the reader's own edits", async () => {
    const layerId = await world.layer("read", world.people[0]!.personId);
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => ada.acknowledged === ada.made, "drawn");
    // A second session of the reader, whose edit lies beside the record.
    const again = await reader(0, layerId);
    again.layer.reshape(drawn.id, { from: drawn.geometry, to: square(1_000, 1_000, 300), under: 1 });
    await until(() => again.acknowledged === again.made, "edited");
    const changes: ((layer: LayerDoc) => void)[] = [
      (layer) => layer.reshape(drawn.id, { from: drawn.geometry, to: square(1_000, 1_000, 200), under: 1 }),
      (layer) => layer.doc.getMap("edit").delete([...layer.doc.getMap("edit").keys()][0]!),
    ];
    for (const change of changes) {
      const bea = await reader(1, layerId);
      change(bea.layer);
      await until(() => bea.closes.length > 0, "refused");
      expect(bea.closes[0]?.reason).toBe("update-refused");
    }
    const [row] = await annotationRows(database.db, { layerIds: [layerId] });
    expect(row?.areaPx).toBe(90_000);
  });
});
