import { asc, desc, eq } from "drizzle-orm";
import type { ProjectId, ReleaseId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { people, projects, releaseFiles, releases } from "./schema.ts";

const columns = { release: releases, name: people.name, colour: people.colour };

export async function releasesOf(db: Db, projectId: ProjectId) {
  const rows = await db
    .select(columns)
    .from(releases)
    .innerJoin(people, eq(people.id, releases.createdBy))
    .where(eq(releases.projectId, projectId))
    .orderBy(desc(releases.number));
  return rows.map(withPerson);
}

export async function releaseById(db: Db, id: ReleaseId) {
  const [row] = await db
    .select(columns)
    .from(releases)
    .innerJoin(people, eq(people.id, releases.createdBy))
    .where(eq(releases.id, id));
  return row === undefined ? null : withPerson(row);
}

function withPerson(row: { release: typeof releases.$inferSelect; name: string; colour: string }) {
  return { ...row.release, person: { id: row.release.createdBy, name: row.name, colour: row.colour } };
}

export async function filesOf(db: Db, id: ReleaseId) {
  return db.select().from(releaseFiles).where(eq(releaseFiles.releaseId, id)).orderBy(asc(releaseFiles.path));
}

/** The number of the next release; the project's row stays locked, so two releases never take the same one. */
export async function nextReleaseNumber(tx: Db, projectId: ProjectId): Promise<number> {
  await tx.select({ id: projects.id }).from(projects).where(eq(projects.id, projectId)).for("no key update");
  const [last] = await tx
    .select({ number: releases.number })
    .from(releases)
    .where(eq(releases.projectId, projectId))
    .orderBy(desc(releases.number))
    .limit(1);
  return (last?.number ?? 0) + 1;
}

export async function addRelease(
  tx: Db,
  release: typeof releases.$inferInsert,
  files: readonly Omit<typeof releaseFiles.$inferInsert, "releaseId">[],
): Promise<void> {
  await tx.insert(releases).values(release);
  for (const file of files) await tx.insert(releaseFiles).values({ ...file, releaseId: release.id });
}
