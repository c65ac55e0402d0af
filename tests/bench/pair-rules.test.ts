import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainPairs } from "#bench/guideline/crowd.ts";
import { nodesOf, type Plan, recorded, rowsRead } from "#bench/guideline/plans.ts";
import { crowdedProject, historyWithDraft, MOST_SHARED, worldOn } from "#bench/guideline/project.ts";
import { layerFacts } from "#db/access.ts";
import { annotationRows } from "#db/annotations.ts";
import { outlineKey } from "#db/outline-at.ts";
import type { AnnotationId, LayerId, ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { measureDrafts } from "#server/commands/measure-drafts.ts";
import { measureProgress } from "#server/queries/measure-progress.ts";
import { previewFor } from "#server/queries/preview.ts";
import { standingsOf } from "#server/queries/staleness.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";

const LONG = 240_000;
const CROWD = { layers: 2, outlines: 300 };

let database: TestDatabase;
let folder: string;
let world: World;
let recording: ReturnType<typeof recorded>;
let made: Awaited<ReturnType<typeof crowdedProject>>;
let layers: readonly LayerId[];
/** What a plain comparison of all with all says. */
const plain = { sharing: 0, asked: new Map<LayerId, ReadonlySet<string>>() };

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "concord-crowd-"));
  world = await worldOn(database, folder);
  made = await crowdedProject({ world, url: database.url, crowd: CROWD, seed: 2 });
  layers = (await layerFacts(world.db, { projectId: made.projectId })).map(({ layerId }) => layerId);
  for (const layerId of layers) {
    const found = await plainPairs(world.db, layerId, MOST_SHARED);
    plain.sharing += found.sharing;
    plain.asked.set(layerId, found.asked);
  }
  recording = recorded(database.url);
}, LONG);
afterAll(async () => {
  await recording.database.close();
  await world.rooms.close();
  await world.computation.close();
  await world.tiles.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const lead = (): Member => ({ projectId: made.projectId, personId: made.caller.personId, role: "lead" });
const asked = () => [...plain.asked.values()].reduce((sum, { size }) => sum + size, 0);
const forget = () => database.pool.query("truncate outline_pairs, pairs_measured");

/** The world with a worker that notes how many pairs it was given, and how far the measuring was then. */
function watchedWorld() {
  const seen = { pairs: 0, shares: [] as number[] };
  const computation: World["computation"] = {
    ...world.computation,
    shares(task) {
      seen.pairs += task.pairs.length / 2;
      seen.shares.push(measureProgress(computation, made.projectId)?.share ?? Number.NaN);
      return world.computation.shares(task);
    },
  };
  return { watched: { ...world, computation }, computation, seen };
}

function rowsOf(plans: readonly Plan[], table: string): number {
  const nodes = plans.flatMap(({ root }) => [...nodesOf(root)].map(({ node }) => node));
  const there = nodes.filter((node) => node["Relation Name"] === table);
  return there.reduce((sum, node) => sum + rowsRead(node), 0);
}

describe("a stricter rule about two outlines in crowded layers", () => {
  it(
    "[SCA12] asks what a plain comparison of all with all asks, and previews that begin together measure once",
    async () => {
      const { watched, seen } = watchedWorld();
      const previews = await Promise.all([1, 2].map(() => previewFor(watched, lead(), world.now())));
      expect(asked()).toBeGreaterThan(50);
      for (const { staleBefore, staleAfter, totals } of previews) {
        expect({ staleBefore, staleAfter, review: totals.review }).toEqual({
          staleBefore: 0,
          staleAfter: asked(),
          review: asked(),
        });
      }
      const { rows } = await database.pool.query(
        "select count(*)::int stored, count(*) filter (where a_share > 0 or b_share > 0)::int sharing from outline_pairs",
      );
      expect(rows).toEqual([{ stored: seen.pairs, sharing: plain.sharing }]);
    },
    LONG,
  );

  it(
    "[SCA13] is measured ahead as soon as the draft is saved, once for a revision; the preview finds it done",
    async () => {
      await forget();
      const seen = new Map<ProjectId, number>();
      expect(await measureDrafts(world, seen)).toBeGreaterThan(plain.sharing);
      await forget();
      expect(await measureDrafts(world, seen)).toBe(0);
      expect(await measureDrafts(world, new Map())).toBeGreaterThan(plain.sharing);
      const later = watchedWorld();
      expect((await previewFor(later.watched, lead(), world.now())).staleAfter).toBe(asked());
      expect(later.seen.pairs).toBe(0);
    },
    LONG,
  );

  it(
    "[SCA14] says how far it is while it measures, and nothing before and afterwards",
    async () => {
      await forget();
      const { watched, computation, seen } = watchedWorld();
      expect(measureProgress(computation, made.projectId)).toBeNull();
      await previewFor(watched, lead(), world.now());
      expect(seen.shares).toEqual([0, 0.5]);
      expect(measureProgress(computation, made.projectId)).toBeNull();
    },
    LONG,
  );

  it(
    "[SCA15] an answer reads the pairs of its outline and no others",
    async () => {
      const history = await historyWithDraft(world.db, made.projectId);
      const [layerId] = layers;
      if (layerId === undefined) throw new Error("there is no layer");
      const wanted = plain.asked.get(layerId) ?? new Set();
      const rows = await annotationRows(world.db, { layerIds: [layerId] });
      const whole = await standingsOf(recording.database.db, rows, history);
      recording.take();
      let read = 0;
      for (const row of rows.slice(0, 60)) {
        const one = await standingsOf(recording.database.db, [row], history);
        expect(one.get(outlineKey(row))).toEqual(whole.get(outlineKey(row)));
        expect(one.get(outlineKey(row))?.state === "stale").toBe(wanted.has(row.id satisfies AnnotationId));
        const pairs = rowsOf(recording.take(), "outline_pairs");
        expect(pairs).toBeLessThan(20);
        read += pairs;
      }
      expect(read).toBeGreaterThan(60);
    },
    LONG,
  );
});
