import { createHash } from "node:crypto";
import type { AnnotationRow } from "#db/annotations.ts";
import type { LayerPlace } from "#db/layers.ts";
import { type Annotation, canonicalContent } from "#domain/annotation.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { geometryArea, geometryBbox } from "#domain/geometry.ts";
import { shapeOf } from "#domain/guideline/shapes.ts";
import type { AnnotationId, PersonId } from "#domain/ids.ts";
import type { AnnotationChange } from "#domain/layer-doc.ts";

/** One update's part in the projection: what it changed, by whom and when. */
export type ProjectedUpdate = {
  readonly changes: readonly AnnotationChange[];
  readonly authorId: PersonId;
  readonly at: Date;
};

/** What a row will be; null for a row that goes. `creation` is null where who and when stay as stored. */
type Pending = {
  readonly annotation: Annotation;
  readonly creation: Date | null;
  readonly updatedBy: PersonId;
  readonly updatedAt: Date;
};

/**
 * Folds updates, in the order of the log, into what has to be written. The result is the same whether the log is folded
 * in one piece or in turns, which is why rows can be rebuilt and compared.
 */
export class Projection {
  readonly #layer: LayerPlace;
  readonly #creatorOf: (id: AnnotationId) => PersonId | undefined;
  readonly #pending = new Map<AnnotationId, Pending | null>();
  /** Those that were there before the first update. */
  readonly #before = new Set<AnnotationId>();

  /** @param creatorOf the person an annotation belongs to, however often it was changed, deleted and restored */
  constructor(layer: LayerPlace, creatorOf: (id: AnnotationId) => PersonId | undefined) {
    this.#layer = layer;
    this.#creatorOf = creatorOf;
  }

  add({ changes, authorId, at }: ProjectedUpdate): void {
    for (const { id, before, after } of changes) {
      if (before !== null && !this.#pending.has(id)) this.#before.add(id);
      if (after === null) {
        this.#pending.set(id, null);
        continue;
      }
      const earlier = this.#pending.get(id);
      const made = earlier === undefined ? before === null : earlier === null;
      const creation = made ? at : (earlier?.creation ?? null);
      this.#pending.set(id, { annotation: after, creation, updatedBy: authorId, updatedAt: at });
    }
  }

  /** Rows of what was changed and lives; for a rebuild, where every row was made inside this fold, of everything. */
  rows(): AnnotationRow[] {
    return [...this.#pending.values()].filter((pending) => pending !== null).map((pending) => this.#row(pending));
  }

  /** Annotations that are there no more. */
  gone(): AnnotationId[] {
    return [...this.#pending].filter(([, pending]) => pending === null).map(([id]) => id);
  }

  /** Annotations that were stored, deleted, and made again: their rows are not those that are stored. */
  remade(): AnnotationId[] {
    return [...this.#before].filter((id) => (this.#pending.get(id)?.creation ?? null) !== null);
  }

  #row({ annotation, creation, updatedBy, updatedAt }: Pending): AnnotationRow {
    const { minX, minY, maxX, maxY } = geometryBbox(annotation.geometry);
    return {
      layerId: this.#layer.id,
      id: annotation.id,
      projectId: this.#layer.projectId,
      slideId: this.#layer.slideId,
      classId: annotation.classId,
      under: annotation.under,
      geometryType: annotation.geometry.type,
      shape: shapeOf(annotation.geometry),
      record: encodeRecord(annotation),
      minX,
      minY,
      maxX,
      maxY,
      areaPx: geometryArea(annotation.geometry),
      contentHash: contentHash(annotation),
      attributes: annotation.attributes,
      note: annotation.note,
      createdBy: this.#creatorOf(annotation.id) ?? updatedBy,
      createdAt: creation ?? updatedAt,
      updatedBy,
      updatedAt,
    };
  }
}

/** The content that a judgement is bound to: class, geometry and attributes; not the note, not the guideline stamp. */
export function contentHash(annotation: Pick<Annotation, "classId" | "geometry" | "attributes">): string {
  return createHash("sha256").update(canonicalContent(annotation)).digest("hex");
}
