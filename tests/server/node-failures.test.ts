import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "#tests/support/fake-socket.ts";
import { within } from "#tests/support/lived-time.ts";
import { startNodeProcess } from "#tests/support/node-process.ts";
import { drawnOutline, NodeTrial } from "#tests/support/node-trial.ts";
import { type Redis, redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";
import { type SystemPostgres, startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";

/** NODE_KILLS=200 kills so many, for a long run. */
const KILLS = Number(process.env["NODE_KILLS"] ?? 3);
const LONG = 180_000 + KILLS * 20_000;
const bin = systemPostgres();
const program = redisProgram();

describe.runIf(bin !== null && program !== null)(`two processes (${WITHOUT_REDIS}, and Postgres)`, () => {
  let postgres: SystemPostgres;
  let redis: Redis;
  let trial: NodeTrial;

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startSystemPostgres(bin ?? ""), startRedis(program ?? "")]);
  }, LONG);
  afterAll(async () => {
    await postgres.stop();
    await redis.stop();
  }, LONG);
  beforeEach(async () => {
    trial = await NodeTrial.begin(postgres.url, redis.url);
  }, LONG);
  afterEach(() => trial.end(), LONG);

  test("[NOD17] a node that is killed under load loses nothing that was acknowledged, and disturbs nobody elsewhere", {
    timeout: LONG,
  }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const which = kill % 2;
      await trial.goOn(5, `before kill ${kill}`);
      const [victim, other] = [trial.nodes[which]!, trial.nodes[1 - which]!];
      const there = trial.writers.filter((each) => each.at === victim);
      const lostBefore = trial.writers.filter((each) => each.at === other).map((each) => [each, each.lost] as const);
      expect(there.length).toBeGreaterThan(0);
      await victim.kill("SIGKILL");
      await until(() => trial.writers.every((each) => each.at === other), "all at the other");
      await trial.goOn(5, `after kill ${kill}`);
      for (const [writer, lost] of lostBefore) {
        expect(writer.lost, `${JSON.stringify(writer.reader.closes.slice(-2))} ${other.output().slice(-2_000)}`).toBe(
          lost,
        );
      }
      trial.nodes[which] = await startNodeProcess(trial.study.variables);
      // Half of them come to the new one.
      for (const writer of there) writer.reader.drop();
      await until(() => there.every((each) => each.at === trial.nodes[which]), "back");
    }
    await trial.goOn(5, "after all kills");
    await trial.compare();
  });

  test("[NOD18] without Redis nodes go on, see each other's work within a second or two, and nobody is cut off", {
    timeout: LONG,
  }, async () => {
    await redis.kill();
    await until(async () => {
      const healths = await Promise.all(trial.nodes.map((node) => node.health()));
      return healths.every(({ code, degraded }) => code === 200 && degraded?.includes("bus"));
    }, "degraded");
    await trial.goOn(20, "without Redis");
    const [here, there] = [trial.writers[0]!, trial.writers[1]!];
    expect(here.at).not.toBe(there.at);
    const drawn = drawnOutline();
    here.reader.layer.put(drawn);
    await within(3_000, () => there.reader.layer.get(drawn.id) !== null, "seen over there");
    await redis.restart();
    await until(async () => (await trial.nodes[0]!.health()).degraded?.length === 0, "well again");
    await trial.goOn(10, "with Redis again");
    expect(trial.writers.map((each) => each.lost)).toEqual([0, 0, 0, 0]);
    await trial.compare();
  });

  test("[NOD19] a Postgres that crashes under load and recovers costs nothing that was acknowledged", {
    timeout: LONG,
  }, async () => {
    for (let round = 0; round < 2; round++) {
      await trial.goOn(5, `before crash ${round}`);
      await postgres.crash(() => until(async () => (await trial.nodes[0]!.health()).code === 503, "not ready"));
      await trial.goOn(5, `after crash ${round}`);
    }
    expect(trial.nodes.map((node) => node.running)).toEqual([true, true]);
    await trial.compare();
    const healths = await Promise.all(trial.nodes.map((node) => node.health()));
    expect(healths.map(({ code }) => code)).toEqual([200, 200]);
  });
});
