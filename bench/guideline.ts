import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { migrateDatabase } from "#db/migrate.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { boardFor } from "#server/queries/board.ts";
import { projectOverview } from "#server/queries/overview.ts";
import { previewFor } from "#server/queries/preview.ts";
import { tasksFor } from "#server/queries/tasks.ts";
import { trayFor } from "#server/queries/tray.ts";
import type { Caller } from "#server/session.ts";
import { startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";
import { answerSome } from "./guideline/late.ts";
import { nodesOf, recorded, sayPlan } from "./guideline/plans.ts";
import { historyWithDraft, largeProject, worldOn } from "./guideline/project.ts";
import { recount } from "./guideline/recount.ts";
import type { Scale } from "./guideline/seed.ts";
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
/** Pages that are looked at when a campaign is far on. */
const LATE = ["board", "overview", "inbox", "tray"] as const;

type Figures = Readonly<Record<keyof typeof AIMS, number>> & {
  readonly stale: number;
  readonly tasksMade: number;
  readonly late: { readonly answered: number; readonly left: number } & Readonly<Record<(typeof LATE)[number], number>>;
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
  const later = rows.map(({ server, scale, figures: { late } }) => [
    server,
    scale.annotations,
    late.answered,
    late.left,
    ...LATE.map((page) => late[page]),
  ]);
  const lateHead = ["Postgres, late", "annotations", "answered", "left", ...LATE.map((page) => `${page} ms`)];
  const aims = `Asked for: preview ${AIMS.preview}, publish ${AIMS.publish}, tasks ${AIMS.tasks}, board ${AIMS.board} ms.`;
  const plans = rows.map(({ server, figures }) => [`### Plans, ${server}`, ...figures.plans.map(fenced)].join("\n\n"));
  return [table(head, body), aims, table(lateHead, later), ...plans].join("\n\n");
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
    say(`${server.name}: ${scale.annotations} annotations are copied in ...`);
    const { projectId, caller } = await largeProject({ world, url: server.url, scale, seed });
    const member: Member = { projectId, personId: caller.personId, role: "lead" };
    const plain = await recount(world.db, projectId, await historyWithDraft(world.db, projectId));
    const previewed = () => previewFor(world, member, world.now());
    const boarded = () => boardFor(world.db, member, "change", world.now());
    const { totals, staleAfter } = await previewed();
    same(
      "annotations previewed",
      Object.values(totals).reduce((sum, count) => sum + count, 0),
      plain.all,
    );
    same("stale after publishing", staleAfter, plain.stale);
    const preview = await best(3, previewed);
    const published = await publishing(world, caller, projectId);
    same("left on the board", (await boarded()).left, plain.stale);
    const board = await best(3, boarded);
    say(`${server.name}: preview ${preview.toFixed(0)} ms, publish ${published.publish.toFixed(0)} ms`);
    const late = await lateFigures(world, server.url, member);
    say(`${server.name}: ${late.answered} answered, board ${late.board.toFixed(0)} ms`);
    const plans = await plansOf(server.url, member);
    const { publish, tasks, made } = published;
    return { preview, board, publish, tasks, stale: plain.stale, tasksMade: made, late, plans };
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

/** The same project when a good part of the work is done. */
async function lateFigures(world: World, url: string, member: Member): Promise<Figures["late"]> {
  const { db } = world;
  const { projectId } = member;
  const history = await guidelineHistory(db, projectId);
  const answered = await answerSome({ db, url }, projectId, history);
  const plain = await recount(db, projectId, history);
  const pages = {
    board: () => boardFor(db, member, "change", world.now()),
    overview: () => projectOverview(world, member),
    inbox: () => tasksFor(db, member, {}, { limit: 100 }),
    tray: () => trayFor(db, member, { limit: 100 }),
  };
  const { left, undecided } = await pages.board();
  same("left on the board, late", left, plain.stale);
  same("undecided on the board, late", undecided, plain.undecided);
  same("stale in the overview, late", (await pages.overview()).progress?.stale ?? 0, plain.stale);
  same("in the tray, late", (await pages.tray()).items.length, Math.min(100, plain.undecided));
  const figures = { answered, left, board: 0, overview: 0, inbox: 0, tray: 0 };
  for (const page of LATE) figures[page] = await best(3, pages[page]);
  return figures;
}

async function best(times: number, run: () => Promise<unknown>): Promise<number> {
  let ms = Number.POSITIVE_INFINITY;
  for (let again = 0; again < times; again++) {
    const started = performance.now();
    await run();
    ms = Math.min(ms, performance.now() - started);
  }
  return ms;
}

function same(what: string, found: number, plain: number): void {
  if (found !== plain) throw new Error(`${what}: ${found}, and ${plain} when each annotation is looked at`);
}

/** The plans of what a board asks about annotations and their tallies, as they were run. */
async function plansOf(url: string, member: Member): Promise<string[]> {
  const { database, take } = recorded(url);
  try {
    await boardFor(database.db, member, "change", new Date());
  } finally {
    await database.close();
  }
  const about = take().filter(({ root }) => [...nodesOf(root)].some(({ node }) => isCounted(node["Relation Name"])));
  return about.map(sayPlan);
}

function isCounted(relation: string | undefined): boolean {
  return relation === "annotations" || relation === "annotation_tallies";
}

function fenced(plan: string): string {
  return `\`\`\`\n${plan}\n\`\`\``;
}
