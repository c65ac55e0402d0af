import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "#db/embedded.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import type { Member } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import { boardFor } from "#server/queries/board.ts";
import { projectOverview } from "#server/queries/overview.ts";
import { previewFor } from "#server/queries/preview.ts";
import { tasksFor } from "#server/queries/tasks.ts";
import { trayFor } from "#server/queries/tray.ts";
import { startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";
import type { Crowd } from "./guideline/crowd.ts";
import { answerSome } from "./guideline/late.ts";
import { CROWDS, type PairFigures, pairRules } from "./guideline/pair-rules.ts";
import { nodesOf, recorded, sayPlan } from "./guideline/plans.ts";
import { historyWithDraft, largeProject } from "./guideline/project.ts";
import { recount } from "./guideline/recount.ts";
import type { Scale } from "./guideline/seed.ts";
import { best, onDatabase, published, same } from "./guideline/steps.ts";
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

type Row = {
  readonly server: string;
  readonly scale: Scale;
  readonly figures: Figures;
  readonly crowd: Crowd;
  readonly pairs: PairFigures;
};

/** Preview, publish, tasks and board of one draft that touches most of a large project. @returns the tables */
export async function benchGuideline(options: Options, say: (line: string) => void): Promise<string> {
  const rows: Row[] = [];
  const folder = mkdtempSync(join(tmpdir(), "concord-guideline-"));
  try {
    const embedded = await startEmbedded({ dataDir: folder, log: () => undefined });
    const scale = EMBEDDED[options.size];
    const server = { name: "embedded", url: embedded.url, stop: () => embedded.stop() };
    rows.push(await rowOf(server, scale, options, say));
    const [bin, large] = [systemPostgres(), SYSTEM[options.size]];
    if (bin !== null && large !== null) {
      const system = { name: "system", ...(await startSystemPostgres(bin)) };
      rows.push(await rowOf(system, large, options, say));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const aims = `Asked for: preview ${AIMS.preview}, publish ${AIMS.publish}, tasks ${AIMS.tasks}, board ${AIMS.board} ms.`;
  const plans = rows.map(({ server, figures }) => [`### Plans, ${server}`, ...figures.plans.map(fenced)].join("\n\n"));
  return [earlyTable(rows), aims, lateTable(rows), pairTable(rows), ...plans].join("\n\n");
}

function earlyTable(rows: readonly Row[]): string {
  const times = ["preview ms", "publish ms", "tasks present ms", "board ms"];
  const body = rows.map(({ server, scale, figures: { stale, tasksMade, preview, publish, tasks, board } }) => [
    ...[server, scale.annotations, stale, tasksMade],
    ...[preview, publish, tasks, board],
  ]);
  return table(["Postgres", "annotations", "stale after", "tasks", ...times], body);
}

function lateTable(rows: readonly Row[]): string {
  const head = ["Postgres, late", "annotations", "answered", "left", ...LATE.map((page) => `${page} ms`)];
  const body = rows.map(({ server, scale, figures: { late } }) => [
    ...[server, scale.annotations, late.answered, late.left],
    ...LATE.map((page) => late[page]),
  ]);
  return table(head, body);
}

function pairTable(rows: readonly Row[]): string {
  const times = ["first preview ms", "next preview ms", "publish ms", "tasks present ms"];
  const body = rows.map(({ server, crowd, pairs: { sharing, asked, first, again, publish, tasks } }) => [
    ...[server, crowd.layers * crowd.outlines, sharing, asked],
    ...[first, again, publish, tasks],
  ]);
  return table(["Postgres, a stricter pair rule", "outlines", "pairs", "asked", ...times], body);
}

async function rowOf(server: Server, scale: Scale, options: Options, say: (line: string) => void): Promise<Row> {
  try {
    const figures = await measured(server, scale, options, say);
    const crowd = CROWDS[options.size];
    say(
      `${server.name}: ${crowd.layers} layers of ${crowd.outlines} crowded outlines are compared one with another ...`,
    );
    const pairs = await pairRules(server.url, crowd, options.seed);
    return { server: server.name, scale, figures, crowd, pairs };
  } finally {
    await server.stop();
  }
}

async function measured(
  server: Server,
  scale: Scale,
  { seed }: Options,
  say: (line: string) => void,
): Promise<Figures> {
  return onDatabase(server.url, "large", async (world, url) => {
    say(`${server.name}: ${scale.annotations} annotations are copied in ...`);
    const { projectId, caller } = await largeProject({ world, url, scale, seed });
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
    const { publish, tasks, made } = await published(world, caller, projectId, 2);
    same("left on the board", (await boarded()).left, plain.stale);
    const board = await best(3, boarded);
    say(`${server.name}: preview ${preview.toFixed(0)} ms, publish ${publish.toFixed(0)} ms`);
    const late = await lateFigures(world, url, member);
    say(`${server.name}: ${late.answered} answered, board ${late.board.toFixed(0)} ms`);
    const plans = await plansOf(url, member);
    return { preview, board, publish, tasks, stale: plain.stale, tasksMade: made, late, plans };
  });
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
