import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

type Locked = {
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(join(ROOT, "package-lock.json"), "utf8"),
);
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** Versions below these have known holes. Sources: CVE-2026-44578, CVE-2026-64641, CVE-2026-48779, CVE-2026-33327, GHSA-5jpx-9hw9-2fx4. */
const FLOORS: Readonly<Record<string, readonly [number, number, number]>> = {
  next: [16, 2, 11],
  ws: [8, 21, 0],
  sharp: [0, 35, 0],
  "next-auth": [4, 24, 12],
};

/** Licences that would bind whoever ships or runs the product, or forbid some of them to. */
const REFUSED = /\b(A?GPL|LGPL|SSPL|BUSL|Hippocratic|Elastic|CC-BY-NC)/i;
/** libvips is used as an unchanged shared library, which its licence (LGPL-3.0-or-later) allows. */
const LIBVIPS = /^@img\/sharp-/;

function isBelow(version: string, floor: readonly [number, number, number]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of floor.entries()) {
    const found = parts[index] ?? 0;
    if (found !== wanted) return found < wanted;
  }
  return false;
}

describe("supply chain", () => {
  it("[SUP1] no package in the lock is below a version with a known hole", () => {
    const checked = packages.filter(([path]) => nameOf(path) in FLOORS);
    expect(new Set(checked.map(([path]) => nameOf(path)))).toEqual(new Set(Object.keys(FLOORS)));
    const low = checked.filter(([path, { version = "0" }]) => isBelow(version, FLOORS[nameOf(path)] ?? [0, 0, 0]));
    expect(low.map(([path, { version }]) => `${path}@${version}`)).toEqual([]);
  });

  it("[SUP2] what is shipped has a licence that binds nobody", () => {
    const shipped = packages.filter(
      ([path, { dev, link }]) => dev !== true && link !== true && !LIBVIPS.test(nameOf(path)),
    );
    expect(shipped.length).toBeGreaterThan(80);
    const refused = shipped.filter(([, { license = "" }]) => REFUSED.test(license) && !/\bOR\b/.test(license));
    expect(refused.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it("[SUP3] the lock is complete for every system, and names no download address", () => {
    const known = new Set(packages.map(([path]) => nameOf(path)));
    const missing = packages.flatMap(([path, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => !known.has(name))
        .map((name) => `${path} needs ${name}`),
    );
    expect(missing).toEqual([]);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
});
