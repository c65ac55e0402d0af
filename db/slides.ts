import { and, asc, eq, exists, gt, inArray } from "drizzle-orm";
import { type CaseId, caseId as caseIdSchema, type ProjectId, type SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { newId } from "./new-id.ts";
import { cases, layers, slides } from "./schema.ts";

export type SlideRow = typeof slides.$inferSelect & { readonly caseName: string };

const columns = { slide: slides, caseName: cases.name };
const flat = (row: { slide: typeof slides.$inferSelect; caseName: string }): SlideRow => ({
  ...row.slide,
  caseName: row.caseName,
});

export async function slideById(db: Db, id: SlideId): Promise<SlideRow | null> {
  const [row] = await db
    .select(columns)
    .from(slides)
    .innerJoin(cases, eq(cases.id, slides.caseId))
    .where(eq(slides.id, id));
  return row === undefined ? null : flat(row);
}

/**
 * Slides of a project by name, after a cursor.
 * @param after name of the last slide of the page before
 */
export async function slidesOf(db: Db, projectId: ProjectId, { after = "", limit = 10_000 } = {}): Promise<SlideRow[]> {
  const rows = await db
    .select(columns)
    .from(slides)
    .innerJoin(cases, eq(cases.id, slides.caseId))
    .where(and(eq(slides.projectId, projectId), gt(slides.name, after)))
    .orderBy(asc(slides.name))
    .limit(limit);
  return rows.map(flat);
}

export async function slidesByIds(db: Db, ids: readonly SlideId[]): Promise<SlideRow[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select(columns)
    .from(slides)
    .innerJoin(cases, eq(cases.id, slides.caseId))
    .where(inArray(slides.id, [...ids]))
    .orderBy(asc(slides.name));
  return rows.map(flat);
}

/** The case of that name, made if there is none. */
export async function caseNamed(db: Db, projectId: ProjectId, name: string): Promise<CaseId> {
  await db
    .insert(cases)
    .values({ id: newId(caseIdSchema), projectId, name })
    .onConflictDoNothing({ target: [cases.projectId, cases.name] });
  const [row] = await db
    .select({ id: cases.id })
    .from(cases)
    .where(and(eq(cases.projectId, projectId), eq(cases.name, name)));
  if (row === undefined) throw new Error(`case ${name} was neither found nor made`);
  return row.id;
}

export async function isSlideName(db: Db, projectId: ProjectId, name: string): Promise<boolean> {
  const rows = await db
    .select({ id: slides.id })
    .from(slides)
    .where(and(eq(slides.projectId, projectId), eq(slides.name, name)));
  return rows.length > 0;
}

/** @returns false where the project has a slide of that name already */
export async function addSlide(db: Db, slide: typeof slides.$inferInsert): Promise<boolean> {
  const added = await db
    .insert(slides)
    .values(slide)
    .onConflictDoNothing({ target: [slides.projectId, slides.name] })
    .returning({ id: slides.id });
  return added.length === 1;
}

/** Changes what people state about a slide; pixels never change. A name that is taken changes nothing and answers false. */
export async function updateSlide(
  db: Db,
  id: SlideId,
  change: Partial<Pick<typeof slides.$inferInsert, "name" | "caseId" | "mpp" | "stain" | "site">>,
): Promise<boolean> {
  if (change.name !== undefined) {
    const [taken] = await db
      .select({ id: slides.id })
      .from(slides)
      .where(and(eq(slides.name, change.name), inArray(slides.projectId, projectOf(db, id))));
    if (taken !== undefined && taken.id !== id) return false;
  }
  if (Object.keys(change).length > 0) await db.update(slides).set(change).where(eq(slides.id, id));
  return true;
}

function projectOf(db: Db, id: SlideId) {
  return db.select({ id: slides.projectId }).from(slides).where(eq(slides.id, id));
}

/** Removes a slide that nobody has a layer on. @returns false where there is one */
export async function removeSlide(db: Db, id: SlideId): Promise<boolean> {
  const used = await db
    .select({ id: slides.id })
    .from(slides)
    .where(
      and(eq(slides.id, id), exists(db.select({ id: layers.id }).from(layers).where(eq(layers.slideId, slides.id)))),
    );
  if (used.length > 0) return false;
  await db.delete(slides).where(eq(slides.id, id));
  return true;
}
