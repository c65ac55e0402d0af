import { expect } from "vitest";
import * as Y from "yjs";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { updatesAfter } from "#db/layers.ts";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { SILENT_LOG } from "#server/log.ts";
import { createRooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabaseOn } from "./database.ts";
import { until } from "./fake-socket.ts";
import { type NodeProcess, startNodeProcess, Writer } from "./node-process.ts";
import { type NodeStudy, nodeStudy } from "./node-world.ts";
import { TUMOUR } from "./sync-world.ts";

/** What is done again after an outage is done within. */
const PATIENCE_MS = 60_000;

export function drawnOutline(): Annotation {
  const at = () => 100 + Math.floor(Math.random() * 3_000);
  const [x, y] = [at(), at()];
  const ring = [[x, y] as const, [x + 100, y] as const, [x + 100, y + 100] as const];
  const geometry = { type: "polygon" as const, rings: [ring] };
  return { id: newId(annotationId), classId: TUMOUR, geometry, under: 1, attributes: {}, note: "" };
}

/** Two nodes in processes of their own on one layer, and four people at them who draw all the while. */
export class NodeTrial {
  readonly database: TestDatabase;
  readonly study: NodeStudy;
  readonly nodes: NodeProcess[];
  readonly writers: readonly Writer[];

  private constructor(database: TestDatabase, study: NodeStudy, nodes: NodeProcess[]) {
    this.database = database;
    this.study = study;
    this.nodes = nodes;
    this.writers = study.people.map((person, index) => {
      const prefers = () => [0, 1].flatMap((other) => this.nodes[(index + other) % 2] ?? []);
      const caller = study.world.people[index];
      if (caller === undefined) throw new Error("a writer is a person of the study");
      return new Writer(caller, person, { layerId: study.layerId, nodes: prefers, draw: drawnOutline });
    });
  }

  /** Everybody is drawing when it is there. */
  static async begin(postgresUrl: string, redisUrl: string): Promise<NodeTrial> {
    const database = await testDatabaseOn(postgresUrl);
    const study = await nodeStudy(database, redisUrl, ["lea", "ada", "bea", "cem"]);
    const nodes = await Promise.all([startNodeProcess(study.variables), startNodeProcess(study.variables)]);
    const trial = new NodeTrial(database, study, nodes);
    await until(() => trial.writers.every((each) => each.reader.acknowledged > 3), "everybody draws", PATIENCE_MS);
    return trial;
  }

  async end(): Promise<void> {
    for (const writer of this.writers) await writer.stop();
    for (const node of this.nodes) await node.kill("SIGTERM");
    this.study.remove();
    await this.database.close();
  }

  /** How many changes of each have been acknowledged. */
  progress(): number[] {
    return this.writers.map((each) => each.reader.acknowledged);
  }

  /**
   * Everybody has had so many more changes acknowledged.
   * @param when named by the error, with what everybody was at then
   */
  async goOn(changes: number, when: string): Promise<void> {
    const before = this.progress();
    try {
      await until(
        () => this.progress().every((now, index) => now >= (before[index] ?? 0) + changes),
        `${changes} changes more of everybody ${when}`,
        PATIENCE_MS,
      );
    } catch (cause) {
      const states = this.writers.map((each, index) => `${before[index]} then, now ${each.state()}`);
      throw new Error(`${states.join("\n")}\n${this.nodes.map((node) => node.output().slice(-2_000)).join("\n")}`, {
        cause,
      });
    }
  }

  /** All documents, the rows, and the log replayed by a stranger, say the same, and all that was acknowledged. */
  async compare(): Promise<void> {
    const { writers, database, study } = this;
    const [first] = writers;
    if (first === undefined) throw new Error("nobody draws");
    for (const writer of writers) writer.pause();
    await until(() => writers.every((each) => each.synced), "everything saved", PATIENCE_MS);
    const spelling = (layer: LayerDoc) => JSON.stringify([...layer.all()].sort((a, b) => (a.id < b.id ? -1 : 1)));
    await until(
      () => new Set(writers.map(({ reader }) => spelling(reader.layer))).size === 1,
      "all equal",
      PATIENCE_MS,
    );
    const replayed = new LayerDoc(new Y.Doc());
    const log = await updatesAfter(database.db, study.layerId, 0, { limit: 1_000_000 });
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    for (const { bytes } of log) Y.applyUpdate(replayed.doc, bytes);
    expect(spelling(replayed)).toBe(spelling(first.reader.layer));
    const rows = (await annotationRows(database.db, { layerIds: [study.layerId] })).map(annotationOf);
    expect(rows).toEqual(first.reader.annotations());
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
}
