import { and, asc, count, eq, inArray, isNull, max, or, type SQL, sql } from "drizzle-orm";
import type { AnnotationId, ClassId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { AnnotationGroup, Judgement } from "#domain/migration.ts";
import { isWork } from "./annotations.ts";
import type { Db } from "./client.ts";
import { annotations, judgements, layers, screenings, taskAnswers, tasks } from "./schema.ts";

/** Everything in a project, or in some layers. */
export type Within = { readonly projectId: ProjectId } | { readonly layerIds: readonly LayerId[] };
/** What a resolution depends on, and all it depends on while nobody has judged. */
export type Pair = { readonly classId: ClassId; readonly under: number };
export type StampCount = Pair & { readonly layerId: LayerId; readonly count: number };
/** An annotation without its outline. `authorId` is the reader of a read, else who drew it. */
export type AnnotationStamp = Pair & {
  readonly id: AnnotationId;
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly authorId: PersonId;
  readonly contentHash: string;
};

const authorId = sql<PersonId>`case when ${layers.kind} = 'read' then ${layers.readerId} else ${annotations.createdBy} end`;

/** How many annotations of each class and guideline version a layer holds. One pass over an index, also at a million. */
export async function stampCounts(db: Db, within: Within): Promise<StampCount[]> {
  return db
    .select({
      layerId: annotations.layerId,
      classId: annotations.classId,
      under: annotations.under,
      count: count(),
    })
    .from(annotations)
    .where(isWithin(within))
    .groupBy(annotations.layerId, annotations.classId, annotations.under);
}

/** The annotations of these classes and versions, in the order in which a person walks them. */
export async function annotationsOfPairs(db: Db, within: Within, pairs: readonly Pair[]): Promise<AnnotationStamp[]> {
  if (pairs.length === 0) return [];
  return db
    .select({
      id: annotations.id,
      layerId: annotations.layerId,
      slideId: annotations.slideId,
      classId: annotations.classId,
      under: annotations.under,
      contentHash: annotations.contentHash,
      authorId,
    })
    .from(annotations)
    .innerJoin(layers, eq(layers.id, annotations.layerId))
    .where(and(isWithin(within), isOneOf(pairs)))
    .orderBy(asc(annotations.layerId), asc(annotations.minY), asc(annotations.minX), asc(annotations.id));
}

/** Judgements that still apply, since the content is the one that was judged, about annotations of these pairs; by layer and annotation. */
export async function judgementsOfPairs(
  db: Db,
  within: Within,
  pairs: readonly Pair[],
): Promise<Map<string, Judgement[]>> {
  if (pairs.length === 0) return new Map();
  const rows = await db
    .select({
      layerId: judgements.layerId,
      annotationId: judgements.annotationId,
      verdict: judgements.verdict,
      contentHash: judgements.contentHash,
      version: judgements.version,
    })
    .from(judgements)
    .innerJoin(annotations, isAboutPresentContent())
    .where(and(isWithin(within), isOneOf(pairs), isNull(judgements.withdrawnAt)));
  const byAnnotation = new Map<string, Judgement[]>();
  for (const { layerId, ...judgement } of rows) {
    const key = judgementKey(layerId, judgement.annotationId);
    byAnnotation.set(key, [...(byAnnotation.get(key) ?? []), judgement]);
  }
  return byAnnotation;
}

export function judgementKey(layerId: LayerId, annotationId: AnnotationId): string {
  return `${layerId}/${annotationId}`;
}

/** All judgements of some annotations that were not withdrawn, about whatever content. */
export async function judgementsOn(
  db: Db,
  layerId: LayerId,
  ids: readonly AnnotationId[],
): Promise<Map<AnnotationId, Judgement[]>> {
  const rows = await db
    .select({
      annotationId: judgements.annotationId,
      verdict: judgements.verdict,
      contentHash: judgements.contentHash,
      version: judgements.version,
    })
    .from(judgements)
    .where(
      and(eq(judgements.layerId, layerId), inArray(judgements.annotationId, [...ids]), isNull(judgements.withdrawnAt)),
    );
  const byAnnotation = new Map<AnnotationId, Judgement[]>();
  for (const row of rows) byAnnotation.set(row.annotationId, [...(byAnnotation.get(row.annotationId) ?? []), row]);
  return byAnnotation;
}

export async function addJudgements(tx: Db, given: readonly (typeof judgements.$inferInsert)[]): Promise<void> {
  for (let from = 0; from < given.length; from += 1_000) {
    await tx.insert(judgements).values(given.slice(from, from + 1_000));
  }
}

/** Takes judgements back; they stay as history. */
export async function withdrawJudgements(tx: Db, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(judgements)
    .set({ withdrawnAt: at })
    .where(and(inArray(judgements.id, [...ids]), isNull(judgements.withdrawnAt)));
}

/** Annotations of a project by everything a resolution depends on, and by whose, where, and how far they were confirmed. */
export async function annotationGroups(db: Db, projectId: ProjectId): Promise<AnnotationGroup[]> {
  const kept = db
    .select({
      layerId: judgements.layerId,
      annotationId: judgements.annotationId,
      contentHash: judgements.contentHash,
      version: max(judgements.version).as("kept_version"),
    })
    .from(judgements)
    .where(and(eq(judgements.verdict, "keep"), isNull(judgements.withdrawnAt)))
    .groupBy(judgements.layerId, judgements.annotationId, judgements.contentHash)
    .as("kept");
  const settled = sql<number>`coalesce(${kept.version}, 0)`.mapWith(Number);
  return db
    .select({
      classId: annotations.classId,
      stamp: annotations.under,
      settled,
      personId: authorId,
      slideId: annotations.slideId,
      layerId: annotations.layerId,
      count: count(),
    })
    .from(annotations)
    .innerJoin(layers, eq(layers.id, annotations.layerId))
    .leftJoin(
      kept,
      and(
        eq(kept.layerId, annotations.layerId),
        eq(kept.annotationId, annotations.id),
        eq(kept.contentHash, annotations.contentHash),
      ),
    )
    .where(and(eq(annotations.projectId, projectId), isWork()))
    .groupBy(annotations.classId, annotations.under, settled, authorId, annotations.slideId, annotations.layerId);
}

export async function addScreening(tx: Db, screening: typeof screenings.$inferInsert): Promise<void> {
  await tx.insert(screenings).values(screening);
}

/** Sign-offs of a project or of some layers, oldest first. */
export async function screeningsIn(db: Db, within: Within): Promise<(typeof screenings.$inferSelect)[]> {
  const rows = await db
    .select({ screening: screenings })
    .from(screenings)
    .innerJoin(layers, eq(layers.id, screenings.layerId))
    .where("projectId" in within ? eq(layers.projectId, within.projectId) : inArray(layers.id, [...within.layerIds]))
    .orderBy(asc(screenings.at), asc(screenings.id));
  return rows.map(({ screening }) => screening);
}

/**
 * Median time between two answers that one person gave in one task, seconds; pauses of more than ten minutes do not count.
 * Null before there are any.
 */
export async function medianAnswerSeconds(db: Db, projectId: ProjectId): Promise<number | null> {
  const gaps = db
    .select({
      seconds: sql<number>`extract(epoch from ${taskAnswers.at} - lag(${taskAnswers.at}) over (
        partition by ${taskAnswers.taskId}, ${taskAnswers.personId} order by ${taskAnswers.at}))`.as("seconds"),
    })
    .from(taskAnswers)
    .innerJoin(tasks, eq(tasks.id, taskAnswers.taskId))
    .where(eq(tasks.projectId, projectId))
    .as("gaps");
  const [row] = await db
    .select({ median: sql<number | null>`percentile_cont(0.5) within group (order by ${gaps.seconds})` })
    .from(gaps)
    .where(sql`${gaps.seconds} between 0 and 600`);
  return row?.median ?? null;
}

function isWithin(within: Within): SQL | undefined {
  if ("projectId" in within) return and(eq(annotations.projectId, within.projectId), isWork());
  return and(inArray(annotations.layerId, [...within.layerIds]), isWork());
}

function isOneOf(pairs: readonly Pair[]): SQL | undefined {
  return or(...pairs.map(({ classId, under }) => and(eq(annotations.classId, classId), eq(annotations.under, under))));
}

function isAboutPresentContent(): SQL | undefined {
  return and(
    eq(judgements.layerId, annotations.layerId),
    eq(judgements.annotationId, annotations.id),
    eq(judgements.contentHash, annotations.contentHash),
  );
}
