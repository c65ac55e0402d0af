import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import pg from "pg";
import { type Database, openDatabase } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { migrateDatabase } from "#db/migrate.ts";
import { type AskedPair, stampCounts, stampQuery, violatingQuery } from "#db/standing.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { saveGuidelineDraft } from "#server/commands/save-draft.ts";
import { boardFor } from "#server/queries/board.ts";
import { previewFor } from "#server/queries/preview.ts";
import { askedPair, openCounts } from "#server/queries/staleness.ts";
import type { Caller } from "#server/session.ts";
import { startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";
import { DRAFT, peopleIn, publishAll, VERSIONS, worldOn } from "./guideline/project.ts";
import { fillProject, type Scale } from "./guideline/seed.ts";
import type { Options, Size } from "./support/options.ts";
import { table } from "./support/table.ts";

type Server = { readonly name: string; readonly url: string; stop(): Promise<void> };

const EMBEDDED: Readonly<Record<Size, Scale>> = {
  tiny: { annotations: 2_000, slides: 4, readers: 2 },
  quick: { annotations: 100_000, slides: 40, readers: 5 },
  medium: { annotations: 100_000, slides: 40, readers: 5 },
  full: { annotations: 100_000, slides: 40, readers: 5 },
};
const SYSTEM: Readonly<Record<Size, Scale | null>> = {
  tiny: null,
  quick: { annotations: 200_000, slides: 80, readers: 5 },
  medium: { annotations: 1_000_000, slides: 200, readers: 5 },
  full: { annotations: 1_000_000, slides: 200, readers: 5 },
};
/** What issue 4 asks for, ms. */
const AIMS = { preview: 2_000, publish: 1_000, tasks: 10_000, board: 1_000 } as const;

type Figures = Readonly<Record<keyof typeof AIMS, number>> & {
  readonly stale: number;
  readonly tasksMade: number;
  readonly plans: readonly string[];
};

/** Preview, publish, tasks and board of one draft that touches most of a large project. @returns the tables */
export async function benchGuideline(options: Options, say: (line: string) => void): Promise<string> {
  const rows: { readonly server: string; readonly scale: Scale; readonly figures: Figures }[] = [];
  const folder = mkdtempSync(join(tmpdir(), "concord-guideline-"));
  try {
    const embedded = await startEmbedded({ dataDir: folder, log: () => undefined });
    const scale = EMBEDDED[options.size];
    const server = { name: "embedded", url: embedded.url, stop: () => embedded.stop() };
    rows.push({ server: server.name, scale, figures: await measured(server, scale, options, say) });
    const [bin, large] = [systemPostgres(), SYSTEM[options.size]];
    if (bin !== null && large !== null) {
      const system = { name: "system", ...(await startSystemPostgres(bin)) };
      rows.push({ server: system.name, scale: large, figures: await measured(system, large, options, say) });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const head = [
    "Postgres",
    "annotations",
    "stale after",
    "tasks",
    "preview ms",
    "publish ms",
    "tasks present ms",
    "board ms",
  ];
  const body = rows.map(({ server, scale, figures }) => [
    server,
    scale.annotations,
    figures.stale,
    figures.tasksMade,
    figures.preview,
    figures.publish,
    figures.tasks,
    figures.board,
  ]);
  const aims = `Asked for: preview ${AIMS.preview}, publish ${AIMS.publish}, tasks ${AIMS.tasks}, board ${AIMS.board} ms.`;
  const plans = rows.map(({ server, figures }) => [`### Plans, ${server}`, ...figures.plans.map(fenced)].join("\n\n"));
  return [table(head, body), aims, ...plans].join("\n\n");
}

async function measured(
  server: Server,
  scale: Scale,
  { seed }: Options,
  say: (line: string) => void,
): Promise<Figures> {
  const database = openDatabase(server.url);
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-world-"));
  const world = await worldOn(database, folder);
  try {
    await migrateDatabase(database.pool);
    const { projectId, caller, readers } = await peopleIn(database, scale);
    const member: Member = { projectId, personId: caller.personId, role: "lead" };
    await publishAll(world, caller, projectId, VERSIONS);
    say(`${server.name}: ${scale.annotations} annotations are copied in ...`);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await fillProject(world.db, client, scale, { projectId, lead: caller.personId, readers, seed });
    await client.end();
    await saveGuidelineDraft(world, caller, projectId, { revision: 0, ...DRAFT });
    const preview = await best(3, () => previewFor(world.db, member, world.now()));
    check(preview.value.totals, scale);
    const published = await publishing(world, caller, projectId);
    const board = await best(3, () => boardFor(world.db, member, "change", world.now()));
    const history = await guidelineHistory(world.db, projectId);
    const counted = await openCounts(world.db, { projectId }, history);
    const { staleAfter } = preview.value;
    if (counted.stale !== staleAfter || board.value.left !== staleAfter) {
      throw new Error(`preview ${staleAfter}, stale ${counted.stale}, board ${board.value.left} are not one number`);
    }
    say(`${server.name}: preview ${preview.ms.toFixed(0)} ms, publish ${published.publish.toFixed(0)} ms`);
    const times = { preview: preview.ms, board: board.ms, publish: published.publish, tasks: published.tasks };
    return { ...times, stale: counted.stale, tasksMade: published.made, plans: await plansOf(database, projectId) };
  } finally {
    await world.rooms.close();
    await world.computation.close();
    await world.tiles.close();
    await database.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Publishes the draft; the version is there when pages are told, the tasks when the answer comes. */
async function publishing(world: World, caller: Caller, projectId: ProjectId) {
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
  const { tasks: made } = await publishGuideline(world, caller, projectId, { parent: 2, note: "" });
  stop();
  return { publish: told - started, tasks: performance.now() - started, made };
}

async function best<Value>(times: number, run: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  let [value, ms] = [await run(), Number.POSITIVE_INFINITY];
  for (let again = 0; again < times; again++) {
    const started = performance.now();
    value = await run();
    ms = Math.min(ms, performance.now() - started);
  }
  return { value, ms };
}

function check(totals: Readonly<Record<string, number>>, { annotations }: Scale): void {
  const all = Object.values(totals).reduce((sum, count) => sum + count, 0);
  if (all !== annotations) throw new Error(`the preview counts ${all} of ${annotations} annotations`);
}

async function plansOf({ db }: Database, projectId: ProjectId): Promise<string[]> {
  const history = await guidelineHistory(db, projectId);
  const known = new Map<string, AskedPair>();
  for (const { classId: id, under, shape } of await stampCounts(db, { projectId })) {
    const pair = askedPair({ classId: id, under, shape }, [history]);
    if (pair !== null) known.set(`${id}/${under}/${shape}`, pair);
  }
  const plans: string[] = [];
  for (const query of [stampQuery({ projectId }), violatingQuery({ projectId }, [...known.values()])]) {
    const { rows } = await db.execute<{ "QUERY PLAN": string }>(sql`explain (analyze, costs off, timing off) ${query}`);
    plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
  }
  return plans;
}

function fenced(plan: string): string {
  return `\`\`\`\n${plan}\n\`\`\``;
}
