import type { Annotation } from "#domain/annotation.ts";
import { LayerDocError } from "#domain/bytes.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { type OutlineParts, readParts } from "#domain/outline-merge.ts";
import type { SaidEntry } from "#domain/said-entries.ts";

/** So many outlines are kept: those that people edit together at the moment. */
const MOST = 64;

/** Reads annotations from their entries, and remembers those whose edits took an overlay to read. */
export class MergedOutlines {
  readonly #known = new Map<AnnotationId, { readonly parts: OutlineParts; readonly annotation: Annotation | null }>();

  /** Null where there is none, or where it cannot be read. */
  read(id: AnnotationId, parts: OutlineParts): Annotation | null {
    if (parts.edits.length === 0) {
      this.#known.delete(id);
      return readable(id, parts);
    }
    const known = this.#known.get(id);
    if (known && sameEntries(known.parts, parts)) return known.annotation;
    const annotation = readable(id, parts);
    this.#known.delete(id);
    this.#known.set(id, { parts, annotation });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    return annotation;
  }
}

function readable(id: AnnotationId, parts: OutlineParts): Annotation | null {
  try {
    const content = readParts(parts);
    return content && { id, ...content };
  } catch (error) {
    if (error instanceof LayerDocError) return null;
    throw error;
  }
}

function sameEntries(a: OutlineParts, b: OutlineParts): boolean {
  const [one, two] = [a, b].map(({ record, marks, edits }) => [record, marks, ...edits]);
  const alike = one?.length === two?.length && one?.every((bytes, index) => same(bytes, two?.[index])) === true;
  return alike && a.said.length === b.said.length && a.said.every((each, index) => sameSaid(each, b.said[index]));
}

function sameSaid(a: SaidEntry, b: SaidEntry | undefined): boolean {
  return a.name === b?.name && same(a.bytes, b.bytes);
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}
