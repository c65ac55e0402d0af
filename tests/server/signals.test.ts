import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "#db/client.ts";
import { newId } from "#db/new-id.ts";
import { addSignals, alone, aloneIfFree, newestSignal, signalsAfter, sweepSignals } from "#db/nodes.ts";
import { personId, projectId } from "#domain/ids.ts";
import { seededRandom } from "#domain/random.ts";
import { createAttempts } from "#server/attempts.ts";
import { attemptsOfAll } from "#server/bus/nodes.ts";
import { type Signal, Signals } from "#server/bus/signals.ts";
import { SILENT_LOG } from "#server/log.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { LossyLine } from "#tests/support/lossy-bus.ts";

let database: TestDatabase;
const opened: Signals[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const signals of opened.splice(0)) await signals.close();
});
afterAll(() => database.close());

type Node = { readonly signals: Signals; readonly heard: Signal[]; readonly missed: () => number };

async function node(line: LossyLine, { pollMs = 1_000_000, db = database.db } = {}): Promise<Node> {
  const signals = await Signals.open({ db, bus: line.node(), log: SILENT_LOG, pollMs });
  opened.push(signals);
  const heard: Signal[] = [];
  let missed = 0;
  signals.listen({
    heard: (signal) => heard.push(signal),
    missed: () => {
      missed += 1;
    },
  });
  return { signals, heard, missed: () => missed };
}

const changed = (): Signal => ({ kind: "person-changed", personId: newId(personId) });

describe("signals", () => {
  test("[BUS5] reach every other node once and in order, whatever happens on the line", async () => {
    const line = new LossyLine(seededRandom(5), { lost: 0.5, doubled: 0.5, maxDelayMs: 20 });
    const [a, b, c] = [
      await node(line, { pollMs: 50 }),
      await node(line, { pollMs: 50 }),
      await node(line, { pollMs: 50 }),
    ];
    const sent: Signal[] = [];
    for (let round = 0; round < 20; round++) {
      for (const each of [a, b]) {
        const signal = changed();
        each.signals.send(signal);
        sent.push(signal);
      }
      if (round % 7 === 3) line.cut();
      if (round % 7 === 5) line.mend();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => c.heard.length === 40 && a.heard.length === 20 && b.heard.length === 20, "all heard");
    expect(new Set(c.heard.map((each) => JSON.stringify(each)))).toEqual(
      new Set(sent.map((each) => JSON.stringify(each))),
    );
    expect(a.heard).toEqual(sent.filter((_, index) => index % 2 === 1));
    expect(b.heard).toEqual(sent.filter((_, index) => index % 2 === 0));
    expect([a.missed(), b.missed(), c.missed()]).toEqual([0, 0, 0]);
  });

  test("[BUS5] are heard at once where the line holds, and not by a node that came later", async () => {
    const line = new LossyLine(seededRandom(1));
    const [a, b] = [await node(line), await node(line)];
    const told: Signal = {
      kind: "told",
      projectId: newId(projectId),
      audience: [newId(personId)],
      message: { kind: "rounds", toast: "You have work." },
    };
    a.signals.send(told);
    await until(() => b.heard.length === 1, "heard");
    expect(b.heard).toEqual([told]);
    const late = await node(line, { pollMs: 10 });
    a.signals.send({ kind: "rights-changed" });
    await until(() => late.heard.length === 1, "heard");
    expect(late.heard).toEqual([{ kind: "rights-changed" }]);
  });

  test("[BUS6] wait while the database is away, and are stored when it is back", async () => {
    const line = new LossyLine(seededRandom(1));
    const away = { now: false };
    const shaky = new Proxy(database.db, {
      get: (target, key, receiver) => {
        if (away.now && (key === "transaction" || key === "select"))
          return () => {
            throw new Error("connection lost");
          };
        return Reflect.get(target, key, receiver);
      },
    });
    const [a, b] = [await node(line, { db: shaky, pollMs: 20 }), await node(line)];
    away.now = true;
    const sent = [changed(), changed()];
    for (const each of sent) a.signals.send(each);
    await new Promise((resolve) => setImmediate(resolve));
    expect(b.heard).toEqual([]);
    away.now = false;
    await until(() => b.heard.length === 2, "heard");
    expect(b.heard).toEqual(sent);
  });

  test("[BUS7] that were swept before a node could read them are told as missed", async () => {
    const line = new LossyLine(seededRandom(1));
    const late = await node(line);
    line.cut();
    for (let count = 0; count < 3; count++) await addSignals(database.db, "another", [changed()]);
    await sweepSignals(database.db, new Date(Date.now() + 60_000));
    expect(await signalsAfter(database.db, 0)).toHaveLength(1);
    line.mend();
    await until(() => late.missed() === 1, "missed");
    expect(late.heard).toHaveLength(1);
    const last = await newestSignal(database.db);
    await Promise.all([1, 2, 3, 4].map((each) => addSignals(database.db, `node ${each}`, [changed(), changed()])));
    expect((await signalsAfter(database.db, last)).map(({ id }) => id - last)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe("what only one node may do", () => {
  test("[NOD10] is done by one after the other, or left to the one that does it", async () => {
    const { pool } = database;
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const first = alone(pool, "start", async () => {
      order.push("first begins");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      order.push("first ends");
    });
    await until(() => order.length === 1, "begun");
    const second = alone(pool, "start", async () => order.push("second"));
    expect(await aloneIfFree(pool, "start", async () => order.push("never"))).toBe(false);
    expect(await aloneIfFree(pool, "tasks", async () => order.push("tasks"))).toBe(true);
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(["first begins", "tasks", "first ends", "second"]);
    await expect(alone(pool, "start", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await aloneIfFree(pool, "start", async () => undefined)).toBe(true);
  });
});

describe("guessing at several nodes", () => {
  test("[NOD20] is counted together, and a success is known at all", async () => {
    const line = new LossyLine(seededRandom(1));
    const [a, b] = [line.node(), line.node()].map((bus) => attemptsOfAll(createAttempts(), bus));
    const [email, address] = ["ada@example.org", "10.0.0.1"];
    const refused = () => [a, b].map((each) => each?.mayTry(email, address) === false);
    for (let tries = 0; tries < 4; tries++) for (const each of [a, b]) each?.failed(email, address);
    await until(() => refused().every(Boolean), "slowed down at both");
    a?.succeeded(email, address);
    await until(() => !refused().some(Boolean), "known at both");
  });
});

describe("a node that hangs", () => {
  test("[NOD21] in the middle of a commit lets go of the layer after a while, and its commit fails", async () => {
    const hung = openDatabase(database.url, { idleInTransactionMs: 300 });
    let held: () => void = () => undefined;
    let wake: () => void = () => undefined;
    const holds = new Promise<void>((resolve) => {
      held = resolve;
    });
    const hangs = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const commit = hung.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(4711)`);
      held();
      await hangs;
      await tx.execute(sql`select 1`);
    });
    const failed = expect(commit).rejects.toThrow();
    await holds;
    await database.db.transaction((tx) => tx.execute(sql`select pg_advisory_xact_lock(4711)`));
    wake();
    await failed;
    await hung.close();
  });
});
