import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { type Database, openDatabase } from "#db/client.ts";
import type { Annotation } from "#domain/annotation.ts";
import { LAYOUT_VERSION } from "#domain/annotation-record.ts";
import type { LayerId } from "#domain/ids.ts";
import { SILENT_LOG } from "#server/log.ts";
import { backup } from "#server/maintenance/backup.ts";
import { rebuild } from "#server/maintenance/rebuild.ts";
import { restore } from "#server/maintenance/restore.ts";
import { verify } from "#server/maintenance/verify.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { emptyDesk, outline, type RecoveryWorld, recoveryWorld } from "#tests/support/recovery-world.ts";
import { STROMA } from "#tests/support/sync-world.ts";

/** Databases are made: seconds on a free machine. */
const LONG = 240_000;

let w: RecoveryWorld;
let layer: LayerId;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  w = await recoveryWorld();
  layer = await w.world.layer();
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  await w.close();
});

async function page(who: number, rooms: Rooms = w.rooms, from?: FakeReader): Promise<FakeReader> {
  const reader = from?.rolledOver() ?? new FakeReader(w.world.people[who]!);
  await reader.connect(rooms, layer, undefined, { layout: LAYOUT_VERSION, epoch: null });
  await until(() => reader.synced && reader.acknowledged === reader.made, "saved");
  return reader;
}

const saved = (reader: FakeReader) => until(() => reader.acknowledged === reader.made, "saved");
const shown = async ({ db }: Pick<Database, "db">): Promise<Annotation[]> =>
  (await annotationRows(db, { layerIds: [layer] })).map(annotationOf);

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

/** Three epochs with work in each, and work that came late for the first one. */
async function history(): Promise<{ readonly at: string; readonly drawn: Annotation[] }[]> {
  const moments: { at: string; drawn: Annotation[] }[] = [];
  const note = async () => {
    await delay(5);
    moments.push({ at: new Date().toISOString(), drawn: await shown(w.database) });
    await delay(5);
  };
  const roll = async () => expect(await w.rooms.rollOver(layer, { leastDead: 0 })).toBe(true);
  let ada = await page(0);
  const made = await w.draw(ada, 3);
  const away = await page(1);
  away.drop();
  away.layer.put(outline());
  away.layer.reclass(made[0]!.id, STROMA, 1);
  ada.layer.remove(made[1]!.id);
  await saved(ada);
  await note();
  await roll();
  await note();
  ada = await page(0, w.rooms, ada);
  await w.draw(ada, 2);
  await note();
  await page(1, w.rooms, away);
  await note();
  await roll();
  ada = await page(0, w.rooms, ada);
  ada.layer.setNote(made[0]!.id, "in the third epoch");
  await saved(ada);
  await note();
  return moments;
}

describe("recovery over epochs", () => {
  it(
    "[RCV17] verify reads every epoch, finds a damaged beginning and a damaged end, and a rebuild mends what is derived",
    async () => {
      await history();
      const before = await shown(w.database);
      await w.rooms.close();
      const { pool } = w.database;
      expect(await faultsOf()).toBe("");
      expect(w.desk.lines.find((line) => line.includes("epochs:"))).toContain("2 begun in 1 layer");
      await pool.query("update layer_snapshots set bytes = '\\x0000' where epoch = 1");
      expect(await faultsOf()).toContain(`layer ${layer}: epoch 1: its bytes do not have its checksum`);
      expect(await rebuilt()).toContain(`mended layer ${layer}: snapshot: epoch 1: its bytes do not have its checksum`);
      expect(await faultsOf()).toBe("");
      await pool.query("delete from annotations");
      expect(await rebuilt()).toContain("3 missing".replace("3", String(before.length)));
      expect(await shown(w.database)).toEqual(before);
      const [{ bytes }] = (await pool.query("select bytes from layer_epochs where epoch = 2")).rows;
      await w.tamper("layer_epochs", "update layer_epochs set bytes = '\\x0000' where epoch = 2");
      expect(await faultsOf()).toContain(`layer ${layer}: epoch 2: its bytes do not have its checksum`);
      await w.tamper(
        "layer_epochs",
        "update layer_epochs set checksum = encode(sha256('\\x0000'), 'hex') where epoch = 2",
      );
      expect(await faultsOf()).toContain("epoch 2: it does not begin with what the one before it ended with");
      await w.tamper(
        "layer_epochs",
        `update layer_epochs set bytes = '\\x${bytes.toString("hex")}', checksum = encode(sha256('\\x${bytes.toString("hex")}'), 'hex') where epoch = 2`,
      );
      expect(await faultsOf()).toBe("");
      await w.tamper("layer_epochs", "delete from layer_epochs where epoch = 2");
      expect(await faultsOf()).toContain("it is at epoch 3, and has begun 3");
      await expect(pool.query("delete from layer_epochs")).rejects.toThrow("never changed or removed");
    },
    LONG,
  );

  it(
    "[RCV18] a backup over epochs is restored whole and to any moment, and work goes on in the epoch of that moment",
    async () => {
      const moments = await history();
      const folder = join(w.folder, "b");
      await backup(w.desk, folder);
      const epochs: number[] = [];
      for (const moment of [...moments, { at: undefined, drawn: moments.at(-1)!.drawn }]) {
        const to = await emptyDesk();
        opened.push({ close: () => to.drop() });
        expect(await restore(to.desk, folder, moment.at), moment.at ?? "whole").toBe(true);
        const restored = openDatabase(to.url);
        opened.push(restored);
        expect(await shown(restored)).toEqual(moment.drawn);
        const rooms = createRooms({ db: restored.db, access: w.world.ask, log: SILENT_LOG });
        opened.push({ close: () => rooms.close() });
        const ada = await page(0, rooms);
        epochs.push(ada.epoch);
        expect(ada.annotations()).toEqual(moment.drawn);
        const drawn = outline();
        ada.layer.put(drawn);
        await saved(ada);
        expect(await rooms.rollOver(layer, { leastDead: 0 })).toBe(true);
        const again = await page(0, rooms, ada);
        expect(again.annotations()).toHaveLength(moment.drawn.length + 1);
        expect(await rooms.rebuild(layer)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
      }
      expect(epochs).toEqual([1, 2, 2, 2, 3, 3]);
    },
    LONG,
  );
});
