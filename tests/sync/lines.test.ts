import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import { annotationId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { type ErrorCode, faultOf, isErrorCode } from "#server/errors.ts";
import { SILENT_LOG } from "#server/log.ts";
import { markFrame, step1Frame, step2Frame, updateFrame } from "#server/sync/protocol.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { rawLine } from "#tests/support/raw-line.ts";
import { type SyncServer, startSync } from "#tests/support/sync-server.ts";
import { type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let server: SyncServer;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
  server = await startSync(rooms, world, { heartbeatMs: 20 });
});
afterEach(() => world.access.clear());
afterAll(async () => {
  await server.close();
  await rooms.close();
  await database.close();
});

const bearer = (who: number) => ({ authorization: `Bearer ${world.people[who]!.personId}` });
const closedCode = (path: string, headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    const ws = new WebSocket(`${server.url}/${path}`, { headers });
    ws.on("close", resolve);
    ws.on("error", reject);
  });

describe("lines", () => {
  it("[MET4] count upgrades that are refused, by code, and lines on which nothing comes any more", async () => {
    const layerId = await world.layer();
    const refused = (code: ErrorCode) => new Map(rooms.counters.refusals.entries()).get(code) ?? 0;
    expect(await closedCode(layerId, {})).toBe(4401);
    expect(await closedCode("nosuchlayer1", bearer(0))).toBe(4404);
    expect(await closedCode("%00", bearer(0))).toBe(4404);
    world.access.set(world.people[1]!.personId, null);
    expect(await closedCode(layerId, bearer(1))).toBe(4404);
    expect([refused("not-signed-in"), refused("not-found")]).toEqual([1, 3]);
    // Answers no ping, as a laptop that was shut.
    const { closed } = await rawLine(`${server.url}/${layerId}`, bearer(0));
    expect(await closed).toBe("cut");
    expect(rooms.counters.get("lines_dead")).toBe(1);
  });

  it("[PRO24] take a message that comes in several frames of the wire as one", async () => {
    const layerId = await world.layer();
    const ws = new WebSocket(`${server.url}/${layerId}`, { headers: bearer(0) });
    const heard: Uint8Array[] = [];
    ws.on("message", (data: Buffer) => heard.push(new Uint8Array(data)));
    await new Promise((resolve, reject) => ws.once("open", resolve).once("error", reject));
    const inPieces = (frame: Uint8Array, bytes: number) => {
      for (let at = 0; at < frame.length; at += bytes)
        ws.send(frame.subarray(at, at + bytes), { binary: true, fin: at + bytes >= frame.length });
    };
    inPieces(step1Frame(Uint8Array.of(0)), 1);
    inPieces(step2Frame(Uint8Array.of(0, 0)), 2);
    inPieces(updateFrame(aStroke()), 7);
    inPieces(markFrame(1), 1);
    await until(() => heard.some((frame) => frame[0] === 101 && frame[1] === 1), "acknowledged");
    expect(await annotationRows(database.db, { layerIds: [layerId] })).toHaveLength(1);
    ws.terminate();
  });

  it("[PRO23] end with a code below 4500 where nothing changes by trying again, and from there on where it may", () => {
    const table = readFileSync(new URL("../../server/errors.ts", import.meta.url), "utf8");
    const codes = [...table.matchAll(/^ {2}"?([a-z-]+)"?: \{/gm)].map(([, code = ""]) => code).filter(isErrorCode);
    expect(codes.length).toBeGreaterThan(60);
    for (const code of codes) {
      expect(faultOf(code).close, code).toBeGreaterThanOrEqual(4400);
      expect(faultOf(code).close, code).toBeLessThan(4600);
    }
    const again = codes.filter((code) => faultOf(code).close >= 4500);
    expect(again.toSorted()).toEqual(
      ["session-ended", "update-gap", "rate-limited", "too-slow", "not-saved", "starting", "internal"].toSorted(),
    );
    for (const code of again.filter((each) => each !== "session-ended" && each !== "update-gap")) {
      expect([429, 500, 503], code).toContain(faultOf(code).status);
    }
  });
});

function aStroke(): Uint8Array {
  const doc = new Y.Doc();
  const geometry = { type: "point", at: [5, 5] } as const;
  const id = newId(annotationId);
  new LayerDoc(doc).put({ id, classId: TUMOUR, geometry, under: 1, attributes: {}, note: "" });
  return Y.encodeStateAsUpdate(doc);
}
