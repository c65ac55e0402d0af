import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openDatabase } from "#db/client.ts";
import { migrateDatabase } from "#db/migrate.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { World } from "#server/api/world.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import type { Caller } from "#server/session.ts";
import { worldOn } from "./project.ts";

/** Runs `work` on a new, migrated database of a server, whose name nobody has used there. */
export async function onDatabase<Value>(
  server: string,
  name: string,
  work: (world: World, url: string) => Promise<Value>,
): Promise<Value> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${pg.escapeIdentifier(name)}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = openDatabase(url.href);
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-world-"));
  const world = await worldOn(database, folder);
  try {
    await migrateDatabase(database.pool);
    return await work(world, url.href);
  } finally {
    await world.rooms.close();
    await world.computation.close();
    await world.tiles.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Publishes the draft; the version is there when pages are told, the tasks when the answer comes. Times in ms. */
export async function published(world: World, caller: Caller, projectId: ProjectId, parent: number) {
  let told = 0;
  const started = performance.now();
  const stop = world.events.subscribe(projectId, caller.personId, {
    tell: ({ kind }) => {
      if (kind === "guideline" && told === 0) told = performance.now();
    },
    gap: () => undefined,
    end: () => undefined,
    ageMs: null,
  });
  const { tasks: made } = await publishGuideline(world, caller, projectId, { parent, note: "" });
  stop();
  return { publish: told - started, tasks: performance.now() - started, made };
}

/** The shortest of some runs, ms. */
export async function best(times: number, run: () => Promise<unknown>): Promise<number> {
  let ms = Number.POSITIVE_INFINITY;
  for (let again = 0; again < times; again++) ms = Math.min(ms, (await timed(run)).ms);
  return ms;
}

export async function timed<Value>(run: () => Promise<Value>): Promise<{ readonly value: Value; readonly ms: number }> {
  const started = performance.now();
  const value = await run();
  return { value, ms: performance.now() - started };
}

/** @throws where an answer is not that of the plain way */
export function same(what: string, found: number, plain: number): void {
  if (found !== plain) throw new Error(`${what}: ${found}, and ${plain} when each annotation is looked at`);
}
