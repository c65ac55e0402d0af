import { z } from "zod";
import type { Db } from "#db/client.ts";
import { allReleases, auditedReleaseHash } from "#db/recovery.ts";
import { filesOf } from "#db/releases.ts";
import { type Check, counted, counter, type Desk } from "./desk.ts";
import { textHash } from "./file-hash.ts";

const manifestSchema = z.object({ files: z.array(z.object({ path: z.string(), sha256: z.string() })) });
type Release = Awaited<ReturnType<typeof allReleases>>[number];

/** Every release's manifest and files against their hashes, and against what the audit chain says of the release. */
export async function checkReleases(desk: Desk, db: Db): Promise<Check> {
  const releases = await allReleases(db);
  const faults: string[] = [];
  let files = 0;
  const done = counter(desk, "releases", releases.length);
  for (const release of releases) {
    const stored = await filesOf(db, release.id);
    files += stored.length;
    const found = [...(await manifestFaults(db, release)), ...fileFaults(release, stored)];
    faults.push(...found.map((fault) => `release ${release.id} (number ${release.number}): ${fault}`));
    done();
  }
  return { name: "releases", seen: `${counted(releases.length, "release")}, ${counted(files, "file")}`, faults };
}

async function manifestFaults(db: Db, { id, manifest, hash }: Release): Promise<string[]> {
  const found = textHash(manifest);
  const audited = await auditedReleaseHash(db, id);
  return [
    ...(found === hash ? [] : [`the manifest has SHA-256 ${found}, stored ${hash}`]),
    ...(audited === null ? ["the audit does not know it"] : []),
    ...(audited === null || audited === hash ? [] : [`it has hash ${hash}, the audit says ${audited}`]),
  ];
}

type StoredFile = { readonly path: string; readonly content: string; readonly sha256: string };

function fileFaults({ manifest }: Release, stored: readonly StoredFile[]): string[] {
  const named = namedFiles(manifest);
  if (named === null) return ["the manifest does not list its files"];
  const faults: string[] = [];
  for (const { path, content, sha256 } of stored) {
    const found = textHash(content);
    const wanted = named.get(path);
    named.delete(path);
    if (wanted === undefined) faults.push(`${path} is not in the manifest`);
    else if (found !== wanted) faults.push(`${path} has SHA-256 ${found}, the manifest says ${wanted}`);
    else if (found !== sha256) faults.push(`${path} has SHA-256 ${found}, stored ${sha256}`);
  }
  return [...faults, ...[...named.keys()].map((path) => `${path} is missing`)];
}

function namedFiles(manifest: string): Map<string, string> | null {
  let json: unknown;
  try {
    json = JSON.parse(manifest);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
  const parsed = manifestSchema.safeParse(json);
  return parsed.success ? new Map(parsed.data.files.map(({ path, sha256 }) => [path, sha256])) : null;
}
