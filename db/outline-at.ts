import { type SQL, sql } from "drizzle-orm";
import type { AnnotationId, LayerId } from "#domain/ids.ts";

/** An annotation by its whole key: layers may hold the same id. */
export type OutlineAt = { readonly layerId: LayerId; readonly id: AnnotationId };

export function outlineKey({ layerId, id }: OutlineAt): string {
  return `${layerId}/${id}`;
}

/** Them as rows of `layer_id` and `id`: two values, however many there are. */
export function outlinesAt(outlines: readonly OutlineAt[]): SQL {
  const layerIds = sql.param(outlines.map(({ layerId }) => layerId));
  const ids = sql.param(outlines.map(({ id }) => id));
  return sql`unnest(${layerIds}::text[], ${ids}::text[]) as named (layer_id, id)`;
}

/** The same, each with its `place` in the list, from 1. */
export function inOrder(outlines: readonly OutlineAt[]): SQL {
  const layerIds = sql.param(outlines.map(({ layerId }) => layerId));
  const ids = sql.param(outlines.map(({ id }) => id));
  return sql`unnest(${layerIds}::text[], ${ids}::text[]) with ordinality as named (layer_id, id, place)`;
}
