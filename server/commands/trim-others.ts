import { annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { outlineKey } from "#db/outline-at.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { restamped } from "#domain/migration/said.ts";
import type { Staleness } from "#domain/migration.ts";
import { trimmed } from "#domain/pair-shares.ts";
import type { Answer } from "#domain/task.ts";
import { AppError } from "#server/errors.ts";
import { historyInForce } from "#server/queries/in-force.ts";
import { mayTrimOthers, othersAsked } from "#server/queries/paired-outlines.ts";
import { standingsOf } from "#server/queries/staleness.ts";
import type { SeenTask } from "#server/queries/tasks.ts";
import type { AnswerPlan } from "./answer-plan.ts";

/** An outline that shares tissue with the one that is asked about, as the person saw it. */
export type TrimmedOther = { readonly annotationId: AnnotationId; readonly contentHash: string };

type Request = {
  readonly answer: Answer;
  readonly geometry?: unknown;
  readonly trims?: readonly TrimmedOther[] | undefined;
};

/**
 * The others that an answer trims, each once.
 * @throws AppError not-allowed where the caller may not draw in the layer, bad-request with another answer than a keep
 */
export function checkTrims({ member, subject }: SeenTask, { answer, geometry, trims = [] }: Request): TrimmedOther[] {
  if (trims.length === 0) return [];
  if (answer.verdict !== "keep" || geometry !== undefined)
    throw new AppError("bad-request", { in: "json", path: "trims" });
  if (!mayTrimOthers(member, subject)) throw new AppError("not-allowed", { action: "layer.write" });
  return [...new Map(trims.map((each) => [each.annotationId, each])).values()];
}

/**
 * Plans to cut the outline that is asked about out of others. One that waits for nothing itself is stamped with the newest
 * version, as if it were drawn; another keeps its class and stamp, since nobody has answered what is asked about it.
 * @throws AppError bad-request for what is in no pair with it, content-changed, nothing-left
 */
export async function planTrims(
  tx: Db,
  { task, row: kept, version, open }: AnswerPlan,
  trims: readonly TrimmedOther[],
): Promise<AnswerPlan[]> {
  if (trims.length === 0) return [];
  const paired = new Set<string>(othersAsked(open?.questions ?? []));
  const ids = trims.map(({ annotationId }) => annotationId);
  const rows = new Map((await annotationRows(tx, { layerIds: [kept.layerId], ids })).map((row) => [row.id, row]));
  const history = await historyInForce(tx, task.projectId, kept.layerId);
  const standings = await standingsOf(tx, [...rows.values()], history);
  return trims.map(({ annotationId, contentHash }): AnswerPlan => {
    if (!paired.has(annotationId)) throw new AppError("bad-request", { in: "json", path: "trims", annotationId });
    const row = rows.get(annotationId);
    const standing = standings.get(outlineKey({ layerId: kept.layerId, id: annotationId }));
    if (row === undefined || standing === undefined || row.contentHash !== contentHash) {
      throw new AppError("content-changed", { annotationId, contentHash: row?.contentHash ?? null });
    }
    const before = annotationOf(row);
    const geometry = trimmed(before.geometry, [annotationOf(kept).geometry]);
    if (geometry === null) throw new AppError("nothing-left", { annotationId });
    const attributes = restamped(before, version, history);
    const stamp = waits(standing) ? {} : { classId: standing.classId, under: version, attributes };
    return { task, row, version, open: null, effect: { kind: "put", annotation: { ...before, ...stamp, geometry } } };
  });
}

function waits({ state }: Staleness): boolean {
  return state === "stale" || state === "undecided";
}
