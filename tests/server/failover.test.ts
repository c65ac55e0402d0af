import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "#tests/support/fake-socket.ts";
import { NodeTrial } from "#tests/support/node-trial.ts";
import { type Redis, redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";
import { type Replicated, replicatingPostgres, startReplicated } from "#tests/support/standby-postgres.ts";

const LONG = 240_000;
const bin = replicatingPostgres();
const program = redisProgram();

describe.runIf(bin !== null && program !== null)(`Postgres with a standby (${WITHOUT_REDIS}, and Postgres)`, () => {
  let postgres: Replicated;
  let redis: Redis;
  let trial: NodeTrial;

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startReplicated(bin ?? ""), startRedis(program ?? "")]);
  }, LONG);
  afterAll(async () => {
    await postgres.stop();
    await redis.stop();
  }, LONG);
  beforeEach(async () => {
    trial = await NodeTrial.begin(postgres.url, redis.url);
  }, LONG);
  afterEach(() => trial.end(), LONG);

  const healths = async () => (await Promise.all(trial.nodes.map((node) => node.health()))).map(({ code }) => code);

  /** Nothing can be stored any more, and nobody stops drawing. */
  const nothingIsStored = async () => {
    await until(async () => (await healths()).every((code) => code === 503), "nothing can be stored");
    for (const writer of trial.writers) writer.change();
  };

  for (const addressFirst of [false, true]) {
    const meanwhile = addressFirst ? "a standby that only answers" : "nobody";
    test(`[NOD24] a standby that takes over has all that was acknowledged, where the address leads to ${meanwhile} meanwhile`, {
      timeout: LONG,
    }, async () => {
      await trial.goOn(5, "before the loss");
      await postgres.failOver({ addressFirst, meanwhile: nothingIsStored });
      await trial.goOn(5, "after the loss");
      expect(trial.nodes.map((node) => node.running)).toEqual([true, true]);
      await until(async () => (await healths()).every((code) => code === 200), "ready again");
      await trial.compare();
    });
  }
});
