import { and, asc, eq, gt, inArray, isNotNull, sql } from "drizzle-orm";
import type { CaseId, ClassId, LayerId, PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import type { PastRead } from "#domain/repeat.ts";
import type { Db } from "./client.ts";
import { annotationTallies, layers, rounds, slides } from "./schema.ts";
import { SUM_AREA_PX } from "./tallies.ts";

/** Every read of a project, of whatever purpose. */
export async function pastReads(db: Db, projectId: ProjectId): Promise<PastRead[]> {
  const rows = await db
    .select({
      layerId: layers.id,
      slideId: layers.slideId,
      readerId: layers.readerId,
      purpose: layers.purpose,
      state: layers.state,
      submittedAt: layers.submittedAt,
    })
    .from(layers)
    .where(and(eq(layers.projectId, projectId), eq(layers.kind, "read"), isNotNull(layers.readerId)))
    .orderBy(asc(layers.id));
  return rows.flatMap(({ readerId, state, submittedAt, ...read }) =>
    readerId === null ? [] : [{ ...read, readerId, submittedAt: state === "open" ? null : submittedAt }],
  );
}

/** A submitted read with what drift is computed from. */
export type SubmittedRead = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly slideName: string;
  readonly caseId: CaseId;
  readonly mpp: number | null;
  readonly width: number;
  readonly height: number;
  readonly roundId: RoundId;
  /** The version of its round. */
  readonly guidelineNumber: number;
  readonly readerId: PersonId;
  readonly purpose: "work" | "repeat" | "bridge";
  readonly repeatOf: LayerId | null;
  /** Newest log position. */
  readonly seq: number;
  readonly submittedAt: Date;
};

/** Submitted reads of a project in the order in which they were handed in. */
export async function submittedReads(db: Db, projectId: ProjectId): Promise<SubmittedRead[]> {
  const rows = await db
    .select({ layer: layers, slide: slides, guidelineNumber: rounds.guidelineNumber })
    .from(layers)
    .innerJoin(slides, eq(slides.id, layers.slideId))
    .innerJoin(rounds, eq(rounds.id, layers.roundId))
    .where(and(eq(layers.projectId, projectId), eq(layers.kind, "read"), eq(layers.state, "submitted")))
    .orderBy(asc(layers.submittedAt), asc(layers.id));
  return rows.flatMap(({ layer, slide, guidelineNumber }): SubmittedRead[] => {
    const { roundId, readerId, submittedAt } = layer;
    if (roundId === null || readerId === null || submittedAt === null) return [];
    const { purpose, repeatOf, lastSeq: seq } = layer;
    return [
      {
        layerId: layer.id,
        slideId: slide.id,
        slideName: slide.name,
        caseId: slide.caseId,
        mpp: slide.mpp,
        width: slide.meta.width,
        height: slide.meta.height,
        ...{ roundId, guidelineNumber, readerId, purpose, repeatOf, seq, submittedAt },
      },
    ];
  });
}

export type ReadTally = {
  readonly layerId: LayerId;
  readonly classId: ClassId;
  readonly under: number;
  readonly count: number;
  /** Level-0 px squared. */
  readonly areaPx: number;
};

/** How much of each class some layers hold, observations too. Reads the tallies. */
export async function readTallies(db: Db, layerIds: readonly LayerId[]): Promise<ReadTally[]> {
  if (layerIds.length === 0) return [];
  const { layerId, classId, under, count } = annotationTallies;
  return db
    .select({
      layerId,
      classId,
      under,
      count: sql<number>`sum(${count})::int`,
      areaPx: SUM_AREA_PX,
    })
    .from(annotationTallies)
    .where(and(inArray(layerId, [...layerIds]), gt(count, 0)))
    .groupBy(layerId, classId, under)
    .orderBy(asc(layerId), asc(classId), asc(under));
}
