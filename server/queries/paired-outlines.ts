import { annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { type PairRow, pairsWith } from "#db/pairs.ts";
import { effectiveRules } from "#domain/guideline/effective.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { type AnnotationId, annotationId, type ClassId, type LayerId } from "#domain/ids.ts";
import { resolve } from "#domain/migration.ts";
import { can, type Member, type TaskSubject } from "#domain/permissions.ts";
import type { PairedOutline } from "#server/api/schemas/tasks.ts";
import type { WorkItem } from "./task-work.ts";

/**
 * Whether somebody may, with an answer, also change outlines beside the one that is asked about: what they could draw in
 * anyway, and as with any answer also where their read is locked.
 */
export function mayTrimOthers(member: Member, { layer }: TaskSubject): boolean {
  return layer !== null && can(member, "layer.write", { ...layer, state: "open" });
}

/** The others of the pairs that some items are asked about, by item, with what the two share. */
export async function pairedOutlines(
  db: Db,
  layerId: LayerId,
  items: readonly WorkItem[],
  { history, mayTrim }: { readonly history: readonly GuidelineVersion[]; readonly mayTrim: boolean },
): Promise<Map<AnnotationId, PairedOutline[]>> {
  const asked = items.flatMap(({ annotationId: id, standing }) =>
    standing === null ? [] : [{ id, classId: standing.classId, others: othersAsked(standing.questions) }],
  );
  const paired = asked.filter(({ others }) => others.length > 0);
  if (paired.length === 0) return new Map();
  const ids = [...new Set(paired.flatMap(({ others }) => others))];
  const rows = new Map((await annotationRows(db, { layerIds: [layerId], ids })).map((row) => [row.id, row]));
  const measures = new Map(
    (
      await pairsWith(
        db,
        layerId,
        paired.map(({ id }) => id),
      )
    ).map((row) => [pairKey(row.a, row.b), row]),
  );
  const most = mostShared(history);
  return new Map(
    paired.map(({ id, classId, others }) => [
      id,
      others.flatMap((other): PairedOutline[] => {
        const row = rows.get(other);
        if (row === undefined) return [];
        const { geometry, under } = annotationOf(row);
        const otherClass = resolve(row.classId, under, history).classId;
        const measure = measures.get(pairKey(id, other));
        const [ofItem, ofOther] = measure === undefined ? [null, null] : sharesOf(measure, id);
        const shared =
          ofItem === null
            ? null
            : { item: { share: ofItem, most: most(classId) }, other: { share: ofOther, most: most(otherClass) } };
        return [{ annotationId: other, classId: otherClass, contentHash: row.contentHash, geometry, shared, mayTrim }];
      }),
    ]),
  );
}

/** The other outlines that questions name, each once. */
export function othersAsked(
  questions: readonly { readonly limit: { readonly other: string | null } | null }[],
): AnnotationId[] {
  const named = questions.flatMap(({ limit }) => (limit?.other == null ? [] : [annotationId.parse(limit.other)]));
  return [...new Set(named)];
}

function pairKey(one: AnnotationId, two: AnnotationId): string {
  return one < two ? `${one} ${two}` : `${two} ${one}`;
}

function sharesOf({ a, aShare, bShare }: PairRow, id: AnnotationId): readonly [number, number] {
  return a === id ? [aShare, bShare] : [bShare, aShare];
}

/** The share that the newest version allows a class; null where any will do. */
function mostShared(history: readonly GuidelineVersion[]): (classId: ClassId) => number | null {
  const content = history.at(-1)?.content;
  return (classId) => (content === undefined ? null : (effectiveRules(content, classId)?.maxSharedShare ?? null));
}
