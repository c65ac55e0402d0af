import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Embedded, startEmbedded } from "#db/embedded.ts";
import { freePort } from "#server/port.ts";
import { type OneAddress, oneAddress } from "#tests/support/one-address.ts";
import {
  demoProject,
  drawPolygon,
  type Listed,
  outlineCount,
  signIn,
  until,
  type Visitor,
  waitForSaved,
} from "#tests/support/people.ts";
import { type Redis, redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

const program = redisProgram();

describe.runIf(program !== null)(`two nodes behind one address (${WITHOUT_REDIS})`, () => {
  let postgres: Embedded;
  let redis: Redis;
  let address: OneAddress;
  let url: string;
  let folder: string;
  let ports: readonly [number, number];
  let nodes: App[] = [];
  const visitors: Visitor[] = [];

  const startOne = (port: number): Promise<App> =>
    startApp({
      dataDir: join(folder, "data"),
      port,
      env: {
        DATABASE_URL: postgres.url,
        REDIS_URL: redis.url,
        CONCORD_URL: url,
        CONCORD_SECRET: "the same secret on every node of it",
      },
    });

  beforeAll(async () => {
    await buildApp();
    folder = mkdtempSync(join(tmpdir(), "concord-nodes-"));
    postgres = await startEmbedded({ dataDir: join(folder, "database"), log: () => undefined });
    redis = await startRedis(program ?? "");
    ports = [await freePort(0, "127.0.0.1"), await freePort(0, "127.0.0.1")];
    address = await oneAddress(ports);
    url = `http://localhost:${address.port}`;
    // At once, on an empty database: one makes tables and the demo, the other waits for it.
    nodes = await Promise.all(ports.map(startOne));
  });
  afterAll(async () => {
    for (const visitor of visitors) await visitor.leave();
    for (const node of nodes) await node.stop();
    await address?.close();
    await redis?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Signs in and opens the layer over one of the nodes, whatever node answered before. */
  async function comeOver(port: number, email: string): Promise<Visitor> {
    address.prefer(port);
    const visitor = await signIn(url, email);
    visitors.push(visitor);
    return visitor;
  }

  async function open({ page }: Visitor, path: string): Promise<void> {
    await page.goto(`${url}${path}`);
    await page.getByTestId("slide").waitFor();
    await until(() => page.getByTestId("annotation-count").isVisible(), "the viewer is ready");
    await waitForSaved(page);
  }

  const draw = ({ page }: Visitor, x: number) =>
    drawPolygon(page, [
      [x, 0.3],
      [x + 0.1, 0.3],
      [x + 0.1, 0.45],
      [x, 0.45],
    ]);

  it("[NOD22] people at different nodes see each other, and one whose node is killed goes on at the other", async () => {
    const lead = await comeOver(ports[0], "lead@demo.concord");
    const project = await demoProject(lead);
    const { items } = await lead.call<Listed<{ id: string; name: string }>>("GET", `/projects/${project}/slides`);
    const slide = items.find(({ name }) => name === "Demo 2");
    const layer = await lead.call<{ id: string }>("POST", `/slides/${slide?.id}/layers`);
    const path = `/projects/${project}/slides/${slide?.id}?layer=${layer.id}`;
    await open(lead, path);
    const before = await outlineCount(lead.page);
    const amir = await comeOver(ports[1], "amir@demo.concord");
    await open(amir, path);
    await until(() => lead.page.getByTestId("presence-Amir Rahimi").isVisible(), "the lead sees Amir");
    await draw(lead, 0.3);
    await until(async () => (await outlineCount(amir.page)) === before + 1, "Amir sees the lead's outline");
    await waitForSaved(lead.page);

    address.prefer(ports[0]);
    expect(await nodes[1]?.kill("SIGKILL")).toBeNull();
    await draw(amir, 0.5);
    await until(async () => (await outlineCount(lead.page)) === before + 2, "the lead sees Amir's", 30_000);
    await waitForSaved(amir.page);
    await waitForSaved(lead.page);
    const rows = await amir.call<Listed<unknown>>("GET", `/layers/${layer.id}/annotations`);
    expect(rows.items).toHaveLength(before + 2);
    expect([...lead.faults, ...amir.faults]).toEqual([]);

    nodes[1] = await startOne(ports[1]);
    address.prefer(ports[1]);
    await open(lead, path);
    await draw(lead, 0.7);
    await until(async () => (await outlineCount(amir.page)) === before + 3, "and back over a fresh node", 30_000);
  });
});
