import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { environment, readEnv } from "./env.ts";
import { projectRoot } from "./next-command.ts";

/** Folders and files that a build is made from; a change in any of them makes it stale. */
const SOURCES = ["app", "client", "domain", "server", "db", "public"];
const CONFIGS = ["package.json", "package-lock.json", "tsconfig.json", "next.config.js", "postcss.config.mjs"];
/** Programs of their own: the server, the operator's commands, and what the server starts beside itself. */
const ENTRIES = [
  "server/main.ts",
  "server/maintain.ts",
  "server/slides/inspect-child.ts",
  "server/slides/decode-child.ts",
  "server/slides/synthetic/generate-child.ts",
  "server/jobs/worker.ts",
  "server/sync/compaction-worker.ts",
];

const root = projectRoot();
const stamp = join(root, "dist", "build.json");
const lock = join(root, "node_modules", ".cache", "concord-build.lock");

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** SHA-256 over every source's name and bytes, in order. */
function sourceHash(): string {
  const hash = createHash("sha256");
  const files = SOURCES.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    filesIn(join(root, folder)),
  );
  for (const file of [...files, ...CONFIGS.map((name) => join(root, name))].filter((each) => existsSync(each)).sort()) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.update(process.version.split(".")[0] ?? "").digest("hex");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isCurrent(hash: string): boolean {
  if (!existsSync(stamp) || !existsSync(join(root, ".next", "standalone", "server.js"))) return false;
  const stored: { readonly hash?: string } = JSON.parse(readFileSync(stamp, "utf8"));
  return stored.hash === hash;
}

/** The server and its children as one file each; packages stay where npm put them. */
async function bundleServer(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((file) => ({ in: file, out: file.replace(/^.*\//, "").replace(/\.ts$/, "") })),
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
  });
  cpSync(join(root, "db", "migrations"), join(root, "dist", "migrations"), { recursive: true });
}

/** The pages, with the files that the standalone server expects beside itself. */
async function buildPages(): Promise<void> {
  const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
  const { inherited } = readEnv(environment());
  const env = { ...inherited, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [next, "build"], { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`next build ended with ${code}`);
  const standalone = join(root, ".next", "standalone");
  cpSync(join(root, ".next", "static"), join(standalone, ".next", "static"), { recursive: true });
  if (existsSync(join(root, "public"))) cpSync(join(root, "public"), join(standalone, "public"), { recursive: true });
}

/** Alone: two builds at once would write into each other's files. Waits for another one; a dead one's lock is broken. */
async function lockBuild(): Promise<() => void> {
  mkdirSync(join(lock, ".."), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (!isAlive(Number(readFileSync(lock, "utf8")))) rmSync(lock, { force: true });
      else await delay(200);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid === 0 || process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  const onlyIfStale = process.argv.includes("--if-stale");
  if (onlyIfStale && isCurrent(sourceHash())) return;
  const unlock = await lockBuild();
  try {
    const hash = sourceHash();
    if (onlyIfStale && isCurrent(hash)) return;
    await buildAll(hash);
  } finally {
    unlock();
  }
}

async function buildAll(hash: string): Promise<void> {
  say("Building Concord (about a minute) ...");
  const started = Date.now();
  rmSync(join(root, "dist"), { recursive: true, force: true });
  mkdirSync(join(root, "dist"), { recursive: true });
  await bundleServer();
  await buildPages();
  // Written last: a build that was interrupted is stale.
  writeFileSync(stamp, JSON.stringify({ hash }));
  say(`Built in ${Math.round((Date.now() - started) / 1_000)} s.`);
}

await main();
