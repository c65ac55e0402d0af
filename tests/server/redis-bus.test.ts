import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#db/new-id.ts";
import { layerId } from "#domain/ids.ts";
import { type Bus, type BusMessage, decodeBusMessage, encodeBusMessage } from "#server/bus/bus.ts";
import { openRedisBus } from "#server/bus/redis-bus.ts";
import { SILENT_LOG } from "#server/log.ts";
import { until } from "#tests/support/fake-socket.ts";
import { type Redis, redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";

const SECRET = "s".repeat(40);
const program = redisProgram();
const opened: Bus[] = [];

type Heard = { readonly from: string; readonly message: BusMessage };

function open(url: string, nodeId: string, secret = SECRET): { bus: Bus; heard: Heard[]; returns: () => number } {
  const bus = openRedisBus({ url, nodeId, secret, log: SILENT_LOG });
  opened.push(bus);
  const heard: Heard[] = [];
  let returns = 0;
  bus.listen({
    heard: (from, message) => heard.push({ from, message }),
    returned: () => {
      returns += 1;
    },
  });
  return { bus, heard, returns: () => returns };
}

afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
});

describe("messages between nodes", () => {
  test("[BUS1] are read as they were sent, and anything else is left alone", () => {
    const id = newId(layerId);
    const messages: BusMessage[] = [
      { kind: "appended", layerId: id, lastSeq: 7, epoch: 2 },
      { kind: "presence", layerId: id, states: "AAEC" },
      { kind: "who", layerId: null },
      { kind: "sign-in", email: "ada@example.org", address: "::1", succeeded: false },
      { kind: "signals" },
      { kind: "alive" },
      { kind: "gone" },
    ];
    for (const message of messages)
      expect(decodeBusMessage(encodeBusMessage("a", message))).toEqual({ from: "a", message });
    const others = ["", "{", "null", "[]", '{"from":"a"}', '{"from":"a","message":{"kind":"shut down"}}'];
    const forged = ['{"from":"","message":{"kind":"alive"}}', '{"from":"a","message":{"kind":"who","layerId":"../x"}}'];
    for (const text of [...others, ...forged]) expect(decodeBusMessage(text), text).toBeNull();
  });
});

describe.runIf(program !== null)(`the bus on Redis (${WITHOUT_REDIS})`, () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis(program ?? "");
  });
  afterAll(() => redis.stop());

  test("[BUS2] carries messages to the others of the same installation, never back, never to another one", async () => {
    const [a, b] = [open(redis.url, "a"), open(redis.url, "b")];
    const stranger = open(redis.url, "c", "t".repeat(40));
    await until(() => [a, b, stranger].every(({ bus }) => bus.connected), "connected");
    a.bus.send({ kind: "alive" });
    b.bus.send({ kind: "gone" });
    await until(() => a.heard.length === 1 && b.heard.length === 1, "heard");
    expect(a.heard).toEqual([{ from: "b", message: { kind: "gone" } }]);
    expect(b.heard).toEqual([{ from: "a", message: { kind: "alive" } }]);
    expect(stranger.heard).toEqual([]);
  });

  test("[BUS3] says so while Redis is away, loses what is sent meanwhile, and comes back by itself", async () => {
    const [a, b] = [open(redis.url, "a"), open(redis.url, "b")];
    await until(() => a.bus.connected && b.bus.connected, "connected");
    expect(a.returns()).toBe(1);
    await redis.kill();
    await until(() => !a.bus.connected && !b.bus.connected, "away");
    for (let sent = 0; sent < 1_000; sent++) a.bus.send({ kind: "alive" });
    await redis.restart();
    await until(() => a.bus.connected && b.bus.connected, "back");
    expect([a.returns(), b.returns()]).toEqual([2, 2]);
    a.bus.send({ kind: "signals" });
    await until(() => b.heard.length > 0, "heard");
    expect(b.heard).toEqual([{ from: "a", message: { kind: "signals" } }]);
  });

  test("[BUS4] opens while there is no Redis, and is there when that comes", async () => {
    await redis.kill();
    const a = open(redis.url, "a");
    a.bus.send({ kind: "alive" });
    expect(a.bus.connected).toBe(false);
    await redis.restart();
    await until(() => a.bus.connected, "connected");
    const never = open("redis://127.0.0.1:1", "b");
    await never.bus.close();
    expect(never.bus.connected).toBe(false);
  });
});
