import { type AnnotationId, annotationId, idFromBytes } from "#domain/ids.ts";

/** An id of that kind for something that did not exist before: `freshId(classId)`. */
export function freshId<Id>(kind: { parse(text: string): Id }): Id {
  return kind.parse(idFromBytes(crypto.getRandomValues(new Uint8Array(16))));
}

/**
 * Names requests, so that the server can tell one that is sent again because its answer was not heard from another one.
 * @returns gives the same name for as long as the content is the same
 */
export function requestNames(): (content: unknown) => AnnotationId {
  let last: { readonly text: string; readonly name: AnnotationId } | null = null;
  return (content) => {
    const text = JSON.stringify(content);
    if (last?.text !== text) last = { text, name: freshId(annotationId) };
    return last.name;
  };
}
