import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEnv } from "#server/env.ts";
import { SILENT_LOG } from "#server/log.ts";
import { verify } from "#server/maintenance/verify.ts";
import type { RunningWorld } from "#server/world.ts";
import { joined, listening } from "#tests/support/api-listening.ts";
import { emptyDatabase, type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { within } from "#tests/support/lived-time.ts";
import { ask, type NodeStudy, nodeStudy, originOf, type Person, startNode } from "#tests/support/node-world.ts";
import { type Redis, redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";

const program = redisProgram();
/** What changes somebody's rights is known on all nodes within this time. */
const KNOWN_MS = 2_000;

describe.runIf(program !== null)(`two nodes (${WITHOUT_REDIS})`, () => {
  let redis: Redis;
  let database: TestDatabase;
  let study: NodeStudy;
  let nodes: RunningWorld[];

  beforeAll(async () => {
    redis = await startRedis(program ?? "");
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    database = await testDatabase();
    study = await nodeStudy(database, redis.url);
    nodes = await Promise.all([startNode(study), startNode(study)]);
    await until(async () => (await healths()).every(({ bus }) => bus), "connected");
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
    study.remove();
    await database.close();
    await redis.restart();
  });

  const [first, second] = [() => nodes[0]!, () => nodes[1]!];
  const lead = (): Person => study.people[0]!;
  const ada = (): Person => study.people[1]!;
  const memberPath = () => `/projects/${study.world.projectId}/members/${ada().personId}`;
  const health = async (node: RunningWorld) => {
    const response = await fetch(`${originOf(node)}/api/health`);
    return { code: response.status, ...(await response.json()) };
  };
  const healths = () => Promise.all(nodes.map(health));

  /** Ada's socket and her page's stream on the second node. */
  async function adaThere() {
    const base = originOf(second());
    return {
      socket: await joined({ base }, study.layerId, ada().headers),
      page: await listening({ base }, study.world.projectId, ada().headers),
    };
  }

  for (const bus of ["there", "away"] as const) {
    describe(`with Redis ${bus}`, () => {
      beforeEach(async () => {
        if (bus === "there") return;
        await redis.kill();
        await until(async () => (await healths()).every((each) => !each.bus), "away");
      });

      test("[NOD13] a role that one changes holds on the sockets of the other within two seconds", async () => {
        const { socket } = await adaThere();
        await until(() => socket.standing?.write === true, "may write");
        expect((await ask(first(), lead(), "PATCH", memberPath(), { role: "viewer" })).status).toBe(200);
        await within(KNOWN_MS, () => socket.standing?.write === false, "may not write");
        expect(socket.closed).toBeNull();
      });

      test("[NOD13] who is removed on one is gone from sockets, streams and pages of the other", async () => {
        const { socket, page } = await adaThere();
        expect((await ask(first(), lead(), "DELETE", memberPath())).status).toBe(200);
        await within(KNOWN_MS, () => socket.closed !== null && page.ended, "closed");
        expect(socket.closed).toEqual({ code: 4404, reason: "not-found" });
        expect((await ask(second(), ada(), "GET", `/projects/${study.world.projectId}`)).status).toBe(404);
      });

      test("[NOD13] a token that is revoked on one ends the sockets that it opened on the other", async () => {
        const { socket, page } = await adaThere();
        const { body } = await ask(first(), ada(), "GET", "/me/tokens");
        const [token] = (body as { items: { id: string }[] }).items;
        expect((await ask(first(), ada(), "DELETE", `/me/tokens/${token?.id}`)).status).toBe(200);
        await within(KNOWN_MS, () => socket.closed !== null && page.ended, "closed");
        expect(socket.closed?.code).toBe(4401);
        expect((await ask(second(), ada(), "GET", "/me")).status).toBe(401);
      });

      test("[NOD14] pages of one hear what happened on the other", async () => {
        const { page } = await adaThere();
        await ask(first(), lead(), "PATCH", `/projects/${study.world.projectId}/members/${study.people[2]!.personId}`, {
          role: "viewer",
        });
        await within(KNOWN_MS, () => page.text().includes('"kind":"members"'), "told");
      });
    });
  }

  test("[NOD15] health tells a broken line to the others, and is no reason to stop sending people there", async () => {
    const names = (await healths()).map(({ node }) => node);
    expect(new Set(names).size).toBe(2);
    await redis.kill();
    await until(async () => (await healths()).every(({ degraded }) => degraded.length > 0), "degraded");
    expect(await healths()).toMatchObject([
      { code: 200, status: "degraded", degraded: ["bus"], bus: false, database: true },
      { code: 200, status: "degraded", degraded: ["bus"], bus: false, database: true },
    ]);
    await redis.restart();
    await until(async () => (await healths()).every(({ status }) => status === "ok"), "well again");
  });

  test("[NOD16] no Concord of its own and no command gets at the database of running nodes", async () => {
    const { REDIS_URL: _left, ...alone } = study.variables;
    await expect(startNode({ env: readEnv(alone) })).rejects.toThrow("Another Concord is running");
    const desk = { env: readEnv(alone), log: SILENT_LOG, say: () => undefined, progress: () => undefined };
    await expect(verify(desk)).rejects.toThrow("Another Concord is running");
    const foreign = readEnv({ ...study.variables, CONCORD_SECRET: "another secret than that of the others" });
    await expect(startNode({ env: foreign })).rejects.toThrow("another CONCORD_SECRET");
    expect((await healths()).map(({ status }) => status)).toEqual(["ok", "ok"]);
  });

  test("[NOD16] what is being uploaded to one is not swept away by the start of another", () => {
    const folders = readdirSync(join(study.env.dataDir, "incoming"));
    expect(folders).toHaveLength(2);
  });
});

describe.runIf(program !== null)(`two nodes on an empty database (${WITHOUT_REDIS})`, () => {
  test("[NOD10] that start at once make tables and the demo once", { timeout: 240_000 }, async () => {
    const redis = await startRedis(program ?? "");
    const { url, drop } = await emptyDatabase();
    const folder = mkdtempSync(join(tmpdir(), "concord-nodes-"));
    const env = readEnv({
      PORT: "0",
      CONCORD_SECRET: "the same secret on every node of it",
      CONCORD_DATA: folder,
      CONCORD_DEMO_WIDTH: "512",
      CONCORD_DEMO_HISTORY: "off",
      DATABASE_URL: url,
      REDIS_URL: redis.url,
    });
    const nodes = await Promise.all([startNode({ env }), startNode({ env })]);
    const { pool } = nodes[0].foundation.database;
    const { rows: slides } = await pool.query("select name from slides where name like 'Demo %' order by name");
    expect(slides).toEqual([{ name: "Demo 1" }, { name: "Demo 2" }]);
    // Its second project is made meanwhile, by one of them.
    const { rows: twice } = await pool.query("select name from projects group by name having count(*) > 1");
    expect(twice).toEqual([]);
    for (const node of nodes) await node.stop();
    await drop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
