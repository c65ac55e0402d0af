import { annotationOf, annotationRows, type AnnotationRow as Row } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { peopleById } from "#db/people.ts";
import type { Annotation } from "#domain/annotation.ts";
import { geoJsonText, toGeoJson } from "#domain/geojson.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { annotationId, type LayerId, type ProjectId } from "#domain/ids.ts";
import { type History, resolve } from "#domain/migration.ts";
import type { AnnotationRow } from "#server/api/schemas/slides.ts";
import { AppError } from "#server/errors.ts";
import { NOBODY } from "./slides.ts";

/**
 * Annotations of a layer by id, with who and when from the log.
 * @param page.named whether the asking person may know who drew them
 */
export async function layerAnnotations(
  db: Db,
  layerId: LayerId,
  { cursor, limit, named }: { readonly cursor?: string | undefined; readonly limit: number; readonly named: boolean },
): Promise<{ readonly items: AnnotationRow[]; readonly nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : annotationId.safeParse(cursor);
  if (after?.success === false) throw new AppError("bad-request", { in: "query", path: "cursor" });
  const rows = await annotationRows(db, {
    layerIds: [layerId],
    limit,
    ...(after === undefined ? {} : { after: { layerId, id: after.data } }),
  });
  const people = await peopleById(
    db,
    rows.flatMap((row) => [row.createdBy, row.updatedBy]),
  );
  const refOf = (id: Row["createdBy"]) => {
    if (!named) return NOBODY;
    const person = people.get(id);
    return { id, name: person?.name ?? "", colour: person?.colour ?? "#888888" };
  };
  const items = rows.map((row) => toRow(row, refOf));
  return { items, nextCursor: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}

function toRow(row: Row, refOf: (id: Row["createdBy"]) => AnnotationRow["createdBy"]): AnnotationRow {
  const { id, layerId, classId, under, areaPx, contentHash, attributes, note, createdAt, updatedAt } = row;
  return {
    id,
    layerId,
    classId,
    under,
    geometry: annotationOf(row).geometry,
    areaPx,
    contentHash,
    attributes,
    note,
    createdBy: refOf(row.createdBy),
    createdAt: createdAt.toISOString(),
    updatedBy: refOf(row.updatedBy),
    updatedAt: updatedAt.toISOString(),
  };
}

/** The annotation with the class that counts now; null for one whose class was retired without successor. */
export function withEffectiveClass(annotation: Annotation, history: History): Annotation | null {
  const standing = resolve(annotation.classId, annotation.under, history);
  return standing.state === "archived" ? null : { ...annotation, classId: standing.classId };
}

/** A layer as QuPath reads it: effective classes with the names and colours of the newest guideline version. */
export async function layerGeoJson(db: Db, projectId: ProjectId, layerId: LayerId): Promise<string> {
  const history = await guidelineHistory(db, projectId);
  const content: GuidelineContent | undefined = history.at(-1)?.content;
  if (content === undefined) return geoJsonText({ type: "FeatureCollection", features: [] });
  const rows = await annotationRows(db, { layerIds: [layerId] });
  return geoJsonText(
    toGeoJson(
      rows.flatMap((row) => withEffectiveClass(annotationOf(row), history) ?? []),
      content,
      history,
    ),
  );
}
