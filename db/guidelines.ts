import { and, asc, desc, eq, max } from "drizzle-orm";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { acknowledgements, guidelineDrafts, guidelineVersions, people, projects } from "./schema.ts";

export type PersonName = { readonly id: PersonId; readonly name: string; readonly colour: string };
export type StoredVersion = Omit<typeof guidelineVersions.$inferSelect, "publishedBy"> & {
  readonly publishedBy: PersonName;
};
export type StoredDraft = Omit<typeof guidelineDrafts.$inferSelect, "updatedBy"> & { readonly updatedBy: PersonName };
type DraftContent = Pick<typeof guidelineDrafts.$inferSelect, "content" | "declarations">;

const person = { id: people.id, name: people.name, colour: people.colour };

/**
 * Holds the project until the transaction ends, so that decisions about its guideline, tasks and rounds come one after
 * another. Drawing and every insert that only refers to the project go on meanwhile.
 * @returns false where there is no such project
 */
export async function lockProject(tx: Db, projectId: ProjectId): Promise<boolean> {
  const rows = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(eq(projects.id, projectId))
    .for("no key update");
  return rows.length === 1;
}

/** Published versions, oldest first. */
export async function versionsOf(db: Db, projectId: ProjectId): Promise<StoredVersion[]> {
  const rows = await db
    .select({ version: guidelineVersions, publishedBy: person })
    .from(guidelineVersions)
    .innerJoin(people, eq(people.id, guidelineVersions.publishedBy))
    .where(eq(guidelineVersions.projectId, projectId))
    .orderBy(asc(guidelineVersions.number));
  return rows.map(({ version, publishedBy }) => ({ ...version, publishedBy }));
}

/** Published versions without who and when, oldest first: what pages show and staleness is computed from. */
export async function guidelineHistory(db: Db, projectId: ProjectId): Promise<GuidelineVersion[]> {
  return db
    .select({
      number: guidelineVersions.number,
      content: guidelineVersions.content,
      changes: guidelineVersions.changes,
      note: guidelineVersions.note,
    })
    .from(guidelineVersions)
    .where(eq(guidelineVersions.projectId, projectId))
    .orderBy(asc(guidelineVersions.number));
}

/** The version in force, or null before the first is published. */
export async function newestVersion(
  db: Db,
  projectId: ProjectId,
): Promise<typeof guidelineVersions.$inferSelect | null> {
  const [row] = await db
    .select()
    .from(guidelineVersions)
    .where(eq(guidelineVersions.projectId, projectId))
    .orderBy(desc(guidelineVersions.number))
    .limit(1);
  return row ?? null;
}

/** Newest version that was forced on open blind rounds; 0 for none. */
export async function lastForced(db: Db, projectId: ProjectId): Promise<number> {
  const [row] = await db
    .select({ number: max(guidelineVersions.number) })
    .from(guidelineVersions)
    .where(and(eq(guidelineVersions.projectId, projectId), eq(guidelineVersions.forced, true)));
  return row?.number ?? 0;
}

/** Freezes a version. The caller holds the project and has checked that its parent is the newest. */
export async function addVersion(tx: Db, version: typeof guidelineVersions.$inferInsert): Promise<void> {
  await tx.insert(guidelineVersions).values(version);
}

export async function draftOf(db: Db, projectId: ProjectId): Promise<StoredDraft | null> {
  const [row] = await db
    .select({ draft: guidelineDrafts, updatedBy: person })
    .from(guidelineDrafts)
    .innerJoin(people, eq(people.id, guidelineDrafts.updatedBy))
    .where(eq(guidelineDrafts.projectId, projectId));
  return row === undefined ? null : { ...row.draft, updatedBy: row.updatedBy };
}

/** Every draft, with its revision. */
export async function draftRevisions(db: Db): Promise<{ readonly projectId: ProjectId; readonly revision: number }[]> {
  const { projectId, revision } = guidelineDrafts;
  return db.select({ projectId, revision }).from(guidelineDrafts);
}

/**
 * Starts a draft, or saves over the revision that was seen.
 * @returns the new revision, or null where somebody else saved, started or removed the draft meanwhile
 */
export async function saveDraft(
  tx: Db,
  draft: DraftContent & {
    readonly projectId: ProjectId;
    readonly parent: number;
    readonly revision: number;
    readonly personId: PersonId;
    readonly at: Date;
  },
): Promise<number | null> {
  const { projectId, parent, content, declarations, personId, at } = draft;
  const seen = draft.revision === 0 ? await lastDraftRevision(tx, projectId) : draft.revision;
  const saved = { content, declarations, revision: seen + 1, updatedBy: personId, updatedAt: at };
  const rows =
    draft.revision === 0
      ? await tx
          .insert(guidelineDrafts)
          .values({ projectId, parent, ...saved })
          .onConflictDoNothing()
          .returning({ revision: guidelineDrafts.revision })
      : await tx
          .update(guidelineDrafts)
          .set(saved)
          .where(and(eq(guidelineDrafts.projectId, projectId), eq(guidelineDrafts.revision, seen)))
          .returning({ revision: guidelineDrafts.revision });
  return rows[0]?.revision ?? null;
}

async function lastDraftRevision(tx: Db, projectId: ProjectId): Promise<number> {
  const rows = await tx.select({ last: projects.draftRevision }).from(projects).where(eq(projects.id, projectId));
  return rows[0]?.last ?? 0;
}

/** A later draft counts on from this one's revision. @returns false where there was none */
export async function removeDraft(tx: Db, projectId: ProjectId): Promise<boolean> {
  const [removed] = await tx
    .delete(guidelineDrafts)
    .where(eq(guidelineDrafts.projectId, projectId))
    .returning({ draftRevision: guidelineDrafts.revision });
  if (removed === undefined) return false;
  await tx.update(projects).set(removed).where(eq(projects.id, projectId));
  return true;
}

/** A person has read up to a version. Saying it again changes nothing. */
export async function addAcknowledgement(tx: Db, said: typeof acknowledgements.$inferInsert): Promise<void> {
  await tx.insert(acknowledgements).values(said).onConflictDoNothing();
}

/** Newest version that a person said to have read; 0 for none. */
export async function acknowledgedVersion(
  db: Db,
  { projectId, personId }: { readonly projectId: ProjectId; readonly personId: PersonId },
): Promise<number> {
  const [row] = await db
    .select({ version: max(acknowledgements.version) })
    .from(acknowledgements)
    .where(and(eq(acknowledgements.projectId, projectId), eq(acknowledgements.personId, personId)));
  return row?.version ?? 0;
}
