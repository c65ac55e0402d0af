import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerSome } from "#bench/guideline/late.ts";
import { nodesOf, type Plan, recorded, rowsRead } from "#bench/guideline/plans.ts";
import { historyWithDraft, largeProject, worldOn } from "#bench/guideline/project.ts";
import { recount } from "#bench/guideline/recount.ts";
import { layerFacts } from "#db/access.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { retally, talliesOf } from "#db/tallies.ts";
import { openTasks, type TaskRow } from "#db/tasks.ts";
import type { Member } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { assignmentPlan } from "#server/queries/assignment.ts";
import { boardFor } from "#server/queries/board.ts";
import { projectOverview } from "#server/queries/overview.ts";
import { previewFor } from "#server/queries/preview.ts";
import { countsOf } from "#server/queries/task-counts.ts";
import { hoursOf, paceFor } from "#server/queries/task-hours.ts";
import { tasksFor } from "#server/queries/tasks.ts";
import { trayFor } from "#server/queries/tray.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";

/** Twenty thousand outlines are copied in, and looked at one by one: seconds on a free machine. */
const LONG = 240_000;
const SCALE = { annotations: 20_000, slides: 20, readers: 5 };
/** Every layer has all classes, each under two versions. */
const GROUPS = 20 * 5 * 8 * 2;
/** More tasks than a statement takes parameters. */
const MANY = 70_000;

let database: TestDatabase;
let folder: string;
let world: World;
let watched: World;
let recording: ReturnType<typeof recorded>;
let made: Awaited<ReturnType<typeof largeProject>>;
let plain: Awaited<ReturnType<typeof recount>>;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "concord-large-"));
  world = await worldOn(database, folder);
  made = await largeProject({ world, url: database.url, scale: SCALE, seed: 1 });
  plain = await recount(world.db, made.projectId, await historyWithDraft(world.db, made.projectId));
  recording = recorded(database.url);
  watched = { ...world, db: recording.database.db };
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

/** Rows that some plans looked at in a table. */
function rowsOf(plans: readonly Plan[], table: string): number {
  const nodes = plans.flatMap(({ root }) => [...nodesOf(root)].map(({ node }) => node));
  const there = nodes.filter((node) => node["Relation Name"] === table);
  return there.reduce((sum, node) => sum + rowsRead(node), 0);
}

/** How annotations were looked at. */
function scanned(plans: readonly Plan[]): string[] {
  const nodes = plans.flatMap(({ root }) => [...nodesOf(root)].map(({ node }) => node));
  return nodes.filter((node) => node["Relation Name"] === "annotations").map((node) => node["Node Type"]);
}

describe("what a large project reads", () => {
  it(
    "[SCA1] a preview reads tallies, and of the annotations only those that break a size rule; it says what a plain recount says",
    async () => {
      const preview = await previewFor({ ...world, db: watched.db }, lead(), world.now());
      const plans = recording.take();
      expect(preview.staleAfter).toBe(plain.stale);
      expect(plain).toMatchObject({ all: SCALE.annotations });
      expect(plain.broken).toBeGreaterThan(1_000);
      expect(scanned(plans)).not.toContain("Seq Scan");
      expect(rowsOf(plans, "annotations")).toBe(plain.broken);
      expect(rowsOf(plans, "annotation_tallies")).toBeLessThanOrEqual(3 * GROUPS);
    },
    LONG,
  );

  it(
    "[SCA2] so do task making, board, inbox, tray and overview",
    async () => {
      const { tasks } = await publishGuideline(watched, made.caller, made.projectId, { parent: 2, note: "" });
      expect(tasks).toBe(20 * 5);
      const making = recording.take();
      expect(scanned(making)).not.toContain("Seq Scan");
      expect(rowsOf(making, "annotations")).toBeLessThanOrEqual(2 * plain.broken);
      const board = await boardFor(watched.db, lead(), "person", world.now());
      expect(board.left).toBe(plain.stale);
      const rest = {
        board: recording.take(),
        inbox: await plansOf(() => tasksFor(watched.db, lead(), {}, { limit: 20 })),
        tray: await plansOf(() => trayFor(watched.db, lead(), { limit: 100 })),
        overview: await plansOf(() => projectOverview(watched, lead())),
      };
      expect(rowsOf(rest.board, "annotation_tallies")).toBeGreaterThanOrEqual(GROUPS);
      for (const [page, plans] of Object.entries(rest)) {
        expect(scanned(plans), page).not.toContain("Seq Scan");
        expect(rowsOf(plans, "annotations"), page).toBeLessThanOrEqual(page === "tray" ? 0 : plain.broken);
      }
    },
    LONG,
  );

  it(
    "[SCA8] late in a campaign they read groups too, and say what going over every annotation and judgement says",
    async () => {
      const history = await guidelineHistory(world.db, made.projectId);
      const answered = await answerSome({ db: world.db, url: database.url }, made.projectId, history);
      expect(answered).toBeGreaterThan(1_000);
      const late = await recount(world.db, made.projectId, history);
      expect(late.undecided).toBeGreaterThan(10);
      const board = await boardFor(watched.db, lead(), "person", world.now());
      const read = recording.take();
      expect(board).toMatchObject({ left: late.stale, undecided: late.undecided });
      const totals = board.groups.reduce((sum, { total }) => sum + total, 0);
      expect(totals).toBe(plain.stale);
      const { progress } = await projectOverview(watched, lead());
      expect(progress).toMatchObject({ stale: late.stale, undecided: late.undecided });
      const pages = {
        board: read,
        overview: recording.take(),
        inbox: await plansOf(() => tasksFor(watched.db, lead(), {}, { limit: 20 })),
      };
      for (const [page, plans] of Object.entries(pages)) {
        expect(scanned(plans), page).not.toContain("Seq Scan");
        expect(rowsOf(plans, "annotations"), page).toBeLessThanOrEqual(late.broken);
        expect(rowsOf(plans, "judgements"), page).toBe(0);
      }
      const tray = await trayFor(watched.db, lead(), { limit: 10 });
      expect(tray.items).toHaveLength(10);
      const ofTray = recording.take();
      expect(scanned(ofTray)).not.toContain("Seq Scan");
      expect(rowsOf(ofTray, "annotations")).toBeLessThanOrEqual(4 * tray.items.length);
    },
    LONG,
  );

  it(
    "[SCA17] counting whole layers goes through each table a few times, also where the planner knows nothing of them",
    async () => {
      const facts = await layerFacts(world.db, { projectId: made.projectId });
      const layerIds = facts.map(({ layerId }) => layerId);
      const counted = async () => {
        const tallies = await Promise.all(layerIds.map((layerId) => talliesOf(world.db, layerId)));
        return tallies
          .flat()
          .map((tally) => JSON.stringify(tally))
          .sort();
      };
      const before = await counted();
      await database.pool.query(
        "delete from pg_statistic where starelid in (select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace)",
      );
      await database.pool.query("update annotations set said = '' where said <> '' and id < 'ann0000001'");
      recording.take();
      const wrong = await retally(watched.db, layerIds);
      const plans = recording.take();
      expect(wrong.length).toBeGreaterThan(100);
      expect(await counted()).toEqual(before);
      const { rows } = await database.pool.query("select count(*)::int tasks from tasks");
      expect(rowsOf(plans, "annotations")).toBeLessThanOrEqual(5 * SCALE.annotations);
      expect(rowsOf(plans, "tasks")).toBeLessThanOrEqual(3 * rows[0].tasks);
    },
    LONG,
  );

  it(
    "[SCA10] a page of the tray takes the same statements, whatever number of layers its items are in",
    async () => {
      const asked = async (limit: number) => {
        const { items } = await trayFor(watched.db, lead(), { limit });
        return { layers: new Set(items.map(({ layerId }) => layerId)).size, statements: recording.take().length };
      };
      const [one, many] = [await asked(1), await asked(60)];
      expect(one.layers).toBe(1);
      expect(many.layers).toBeGreaterThan(20);
      expect(many.statements).toBe(one.statements);
    },
    LONG,
  );

  it(
    "[SCA11] the plan of an assignment reads the tasks that are asked for, however many others are open",
    async () => {
      const rule = { kind: "balanced" as const, personIds: [] };
      const tasks = await openTasks(world.db, made.projectId);
      const taskIds = tasks.slice(0, 10).map(({ id }) => id);
      const planned = async () => {
        const plan = await assignmentPlan(watched.db, lead(), { taskIds, rule });
        const sent = recording.take().filter(({ statement }) => / tasks\b|"tasks"/.test(statement));
        return { plan, sent: Math.max(...sent.map(({ root }) => root["Actual Rows"])) };
      };
      const before = await planned();
      await database.pool.query(
        `insert into tasks (id, project_id, kind, slide_id, layer_id, assignee_id, scope)
         select 'many' || lpad(n::text, 8, '0'), project_id, kind, slide_id, layer_id, assignee_id, scope
         from tasks cross join generate_series(1, $1::int) n where id = $2`,
        [MANY, tasks[10]?.id],
      );
      const after = await planned();
      expect(after.plan.assignments).toHaveLength(10);
      expect([before.sent, after.sent]).toEqual([10, 10]);
      const [holder, once] = [tasks[10]?.assigneeId, await hoursOfOne(tasks[10])];
      const added = (of: typeof after) => of.plan.load.get(holder ?? tasks[0]?.assigneeId ?? made.caller.personId) ?? 0;
      expect(once).toBeGreaterThan(0);
      expect(added(after) - added(before)).toBeCloseTo(MANY * once, 3);
    },
    LONG,
  );
});

async function hoursOfOne(task: TaskRow | undefined): Promise<number> {
  if (task === undefined) return 0;
  const counts = await countsOf(world.db, [task], await guidelineHistory(world.db, made.projectId));
  return hoursOf(task.kind, counts.get(task.id)?.left ?? 0, await paceFor(world.db, lead()));
}

async function plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
  await work();
  return recording.take();
}
