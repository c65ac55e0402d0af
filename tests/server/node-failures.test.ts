import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { updatesAfter } from "#db/layers.ts";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { SILENT_LOG } from "#server/log.ts";
import { createRooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabaseOn } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { type NodeProcess, startNodeProcess, Writer } from "#tests/support/node-process.ts";
import { type NodeStudy, nodeStudy } from "#tests/support/node-world.ts";
import { type Redis, redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";
import { TUMOUR } from "#tests/support/sync-world.ts";
import { type SystemPostgres, startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";

/** NODE_KILLS=200 kills so many, for a long run. */
const KILLS = Number(process.env["NODE_KILLS"] ?? 3);
const LONG = 180_000 + KILLS * 20_000;
const bin = systemPostgres();
const program = redisProgram();

function outline(): Annotation {
  const at = () => 100 + Math.floor(Math.random() * 3_000);
  const [x, y] = [at(), at()];
  const ring = [[x, y] as const, [x + 100, y] as const, [x + 100, y + 100] as const];
  const geometry = { type: "polygon" as const, rings: [ring] };
  return { id: newId(annotationId), classId: TUMOUR, geometry, under: 1, attributes: {}, note: "" };
}

describe.runIf(bin !== null && program !== null)(`two processes (${WITHOUT_REDIS}, and Postgres)`, () => {
  let postgres: SystemPostgres;
  let redis: Redis;
  let database: TestDatabase;
  let study: NodeStudy;
  let nodes: NodeProcess[];
  let writers: Writer[];

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startSystemPostgres(bin ?? ""), startRedis(program ?? "")]);
  }, LONG);
  afterAll(async () => {
    await postgres.stop();
    await redis.stop();
  }, LONG);
  beforeEach(async () => {
    database = await testDatabaseOn(postgres.url);
    study = await nodeStudy(database, redis.url, ["lea", "ada", "bea", "cem"]);
    nodes = await Promise.all([startNodeProcess(study.variables), startNodeProcess(study.variables)]);
    writers = study.people.map((person, index) => {
      const prefers = () => [nodes[index % 2]!, nodes[(index + 1) % 2]!];
      return new Writer(study.world.people[index]!, person, { layerId: study.layerId, nodes: prefers, draw: outline });
    });
    await until(() => writers.every((each) => each.reader.acknowledged > 3), "everybody draws", 30_000);
  }, LONG);
  afterEach(async () => {
    for (const writer of writers) await writer.stop();
    for (const node of nodes) await node.kill("SIGTERM");
    study.remove();
    await database.close();
  }, LONG);

  const progress = () => writers.map((each) => each.reader.acknowledged);
  /** Everybody has had so many more changes acknowledged. */
  async function goOn(changes: number): Promise<void> {
    const before = progress();
    await until(
      () => progress().every((now, index) => now >= (before[index] ?? 0) + changes),
      `${changes} changes more of everybody`,
      30_000,
    );
  }

  /** All documents, the rows, and the log replayed by a stranger, say the same, and all that was acknowledged. */
  async function compare(): Promise<void> {
    for (const writer of writers) writer.pause();
    await until(() => writers.every((each) => each.synced), "everything saved", 30_000);
    const spelling = (layer: LayerDoc) => JSON.stringify([...layer.all()].sort((a, b) => (a.id < b.id ? -1 : 1)));
    await until(() => new Set(writers.map(({ reader }) => spelling(reader.layer))).size === 1, "all equal", 30_000);
    const replayed = new LayerDoc(new Y.Doc());
    const log = await updatesAfter(database.db, study.layerId, 0, { limit: 1_000_000 });
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    for (const { bytes } of log) Y.applyUpdate(replayed.doc, bytes);
    expect(spelling(replayed)).toBe(spelling(writers[0]!.reader.layer));
    const rows = (await annotationRows(database.db, { layerIds: [study.layerId] })).map(annotationOf);
    expect(rows).toEqual(writers[0]!.reader.annotations());
    let checked = 0;
    for (const writer of writers) {
      for (const [id, there] of writer.acknowledged()) {
        expect(replayed.get(id) !== null, id).toBe(there);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(40);
    const rooms = createRooms({ db: database.db, access: study.world.ask, log: SILENT_LOG });
    expect(await rooms.rebuild(study.layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    await rooms.close();
    const refused = writers.flatMap(({ reader }) => reader.closes.filter(({ code }) => code >= 4400 && code < 4500));
    expect(refused).toEqual([]);
  }

  test("[NOD17] a node that is killed under load loses nothing that was acknowledged, and disturbs nobody elsewhere", {
    timeout: LONG,
  }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const which = kill % 2;
      await goOn(5);
      const [victim, other] = [nodes[which]!, nodes[1 - which]!];
      const there = writers.filter((each) => each.at === victim);
      const lostBefore = writers.filter((each) => each.at === other).map((each) => [each, each.lost] as const);
      expect(there.length).toBeGreaterThan(0);
      await victim.kill("SIGKILL");
      await until(() => writers.every((each) => each.at === other), "all at the other", 30_000);
      await goOn(5);
      for (const [writer, lost] of lostBefore) {
        expect(writer.lost, `${JSON.stringify(writer.reader.closes.slice(-2))} ${other.output().slice(-2_000)}`).toBe(
          lost,
        );
      }
      nodes[which] = await startNodeProcess(study.variables);
      // Half of them come to the new one.
      for (const writer of there) writer.reader.drop();
      await until(() => there.every((each) => each.at === nodes[which]), "back", 30_000);
    }
    await goOn(5);
    await compare();
  });

  test("[NOD18] without Redis nodes go on, see each other's work within a second or two, and nobody is cut off", {
    timeout: LONG,
  }, async () => {
    await redis.kill();
    await until(async () => {
      const healths = await Promise.all(nodes.map((node) => node.health()));
      return healths.every(({ code, degraded }) => code === 200 && degraded?.includes("bus"));
    }, "degraded");
    await goOn(20);
    const [here, there] = [writers[0]!, writers[1]!];
    expect(here.at).not.toBe(there.at);
    const drawn = outline();
    here.reader.layer.put(drawn);
    await until(() => there.reader.layer.get(drawn.id) !== null, "seen over there", 3_000);
    await redis.restart();
    await until(async () => (await nodes[0]!.health()).degraded?.length === 0, "well again");
    await goOn(10);
    expect(writers.map((each) => each.lost)).toEqual([0, 0, 0, 0]);
    await compare();
  });

  test("[NOD19] a Postgres that crashes under load and recovers costs nothing that was acknowledged", {
    timeout: LONG,
  }, async () => {
    for (let round = 0; round < 2; round++) {
      await goOn(5);
      const crashed = postgres.crash(1_000);
      await until(async () => (await nodes[0]!.health()).code === 503, "not ready", 10_000);
      await crashed;
      await goOn(5);
    }
    expect(nodes.map((node) => node.running)).toEqual([true, true]);
    await compare();
    const healths = await Promise.all(nodes.map((node) => node.health()));
    expect(healths.map(({ code }) => code)).toEqual([200, 200]);
  });
});
