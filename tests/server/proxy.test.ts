import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { portOf } from "#server/port.ts";
import type { RunningWorld } from "#server/world.ts";
import { joined, listening } from "#tests/support/api-listening.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { within } from "#tests/support/lived-time.ts";
import { type FrontProxy, nginxProgram, startNginx } from "#tests/support/nginx.ts";
import { ask, type NodeStudy, nodeStudy, startNode } from "#tests/support/node-world.ts";
import { type Redis, redisProgram, startRedis } from "#tests/support/redis.ts";

const program = nginxProgram();
const redisAt = redisProgram();

describe.runIf(program !== null && redisAt !== null)("nginx as it is given, in front of two nodes", () => {
  let redis: Redis;
  let database: TestDatabase;
  let study: NodeStudy;
  let nodes: RunningWorld[];
  let proxy: FrontProxy;

  beforeAll(async () => {
    redis = await startRedis(redisAt ?? "");
    database = await testDatabase();
    study = await nodeStudy(database, redis.url);
    nodes = await Promise.all([startNode(study), startNode(study)]);
    proxy = await startNginx(
      program ?? "",
      nodes.map(({ port }) => port),
    );
  });
  afterAll(async () => {
    await proxy.stop();
    for (const node of nodes) await node.stop();
    study.remove();
    await database.close();
    await redis.stop();
  });

  test("[DEP5] passes sockets and event streams through, to all nodes, at once", async () => {
    const [lead, ada] = study.people;
    if (lead === undefined || ada === undefined) throw new Error("two people");
    const sockets = await Promise.all([1, 2, 3, 4].map(() => joined(proxy, study.layerId, ada.headers)));
    expect(sockets.map(({ closed }) => closed)).toEqual([null, null, null, null]);
    const at = nodes.map(({ product }) => product.world.rooms.stats().sockets);
    expect(at.reduce((sum, each) => sum + each, 0)).toBe(4);
    expect(Math.min(...at)).toBeGreaterThan(0);
    const page = await listening(proxy, study.world.projectId, lead.headers);
    const changed = await ask(
      { port: Number(new URL(proxy.base).port) },
      lead,
      "PATCH",
      `/projects/${study.world.projectId}/members/${ada.personId}`,
      { role: "viewer" },
    );
    expect(changed.status).toBe(200);
    await within(2_000, () => page.text().includes('"kind":"members"'), "told through the proxy");
    page.leave();
    for (const socket of sockets) socket.leave();
  });
});

describe.runIf(program !== null)("nginx as it is given, in front of nodes that fail", () => {
  type Node = { readonly server: Server; readonly got: string[]; status: number };
  let nodes: Node[];
  let proxy: FrontProxy;

  /**
   * Something that answers as a node does that stores (200), that does not (503), or that ends in the middle of a request (0).
   * Until nginx is there all of them do well.
   */
  async function startAll(...statuses: number[]): Promise<void> {
    nodes = await Promise.all(
      statuses.map(async (): Promise<Node> => {
        const server = createServer((request, response) => {
          request.resume().on("end", () => {
            node.got.push(`${request.method} ${request.url}`);
            if (node.status === 0) request.socket.destroy();
            else response.writeHead(node.status).end(String(node.status));
          });
        });
        const node: Node = { server, got: [], status: 200 };
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return node;
      }),
    );
    proxy = await startNginx(
      program ?? "",
      nodes.map(({ server }) => portOf(server)),
    );
    for (const [index, node] of nodes.entries()) {
      node.got.length = 0;
      node.status = statuses[index] ?? 200;
    }
  }
  afterEach(async () => {
    await proxy.stop();
    for (const { server } of nodes) server.close();
  });
  const send = async (method: string): Promise<number> =>
    (await fetch(`${proxy.base}/api/v1/x`, { method, ...(method === "POST" ? { body: "{}" } : {}) })).status;
  const allGot = () => nodes.flatMap(({ got }) => got).length;

  for (const [what, status] of [
    ["cannot store", 503],
    ["is cut off in the middle", 0],
  ] as const) {
    test(`[DEP5] a question goes past a node that ${what}, what may have been done is not sent twice`, async () => {
      await startAll(status, 200);
      const answers = [await send("GET"), await send("GET"), await send("GET")];
      expect(answers).toEqual([200, 200, 200]);
      await proxy.stop();
      for (const { server } of nodes) server.close();
      await startAll(status, status);
      const answer = await send("POST");
      expect(answer).toBe(status === 0 ? 502 : 503);
      expect(allGot()).toBe(1);
    });
  }

  test("[DEP5] one that is gone is passed over, also by what may not be done twice", async () => {
    await startAll(200, 200);
    const gone = nodes[0]?.server;
    gone?.closeAllConnections();
    await new Promise((resolve) => gone?.close(resolve));
    for (let each = 0; each < 6; each++) expect(await send("POST")).toBe(200);
  });
});
