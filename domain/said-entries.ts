import {
  type AnnotationContent,
  checkAttribute,
  isAttributeName,
  MAX_ATTRIBUTES,
  RECORD_FORMAT,
  readerOf,
} from "./annotation-record.ts";
import { ByteWriter, LayerDocError } from "./bytes.ts";
import { type AnnotationId, ID_PATTERN } from "./ids.ts";

/** What was said of one attribute after drawing. */
export type SaidEntry = { readonly name: string; readonly bytes: Uint8Array };

/** Where it lies: each attribute has a key of its own, so that two people's words about two attributes both stay. */
export function saidKey(id: AnnotationId, name: string): string {
  return `${id}/${name}`;
}

/** The annotation and the attribute that a key names, or null where it is no such key. */
export function saidPlace(key: string): { readonly id: AnnotationId; readonly name: string } | null {
  const at = key.indexOf("/");
  const [id, name] = [key.slice(0, Math.max(0, at)), key.slice(at + 1)];
  return ID_PATTERN.test(id) && isAttributeName(name) ? { id: id as AnnotationId, name } : null;
}

/** The record of what is said of one attribute; null takes it back. @throws LayerDocError where it is too long */
export function encodeSaid(value: string | null): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(RECORD_FORMAT);
  writer.byte(value === null ? 0 : 1);
  if (value !== null) {
    checkAttribute("-", value);
    writer.text(value);
  }
  return writer.bytes();
}

/** @throws LayerDocError `record-newer` or what is wrong */
export function decodeSaid(bytes: Uint8Array): string | null {
  const reader = readerOf(bytes);
  const isSaid = reader.byte();
  if (isSaid > 1) throw new LayerDocError("record-malformed", { said: isSaid });
  const value = isSaid === 0 ? null : reader.text(4 * 256);
  reader.end();
  if (value !== null) checkAttribute("-", value);
  return value;
}

/** An annotation with what was said of single attributes, which counts over record and marks. @throws LayerDocError */
export function withSaid<Content extends Pick<AnnotationContent, "attributes">>(
  content: Content,
  said: readonly SaidEntry[],
): Content {
  if (said.length === 0) return content;
  const attributes = new Map(Object.entries(content.attributes));
  for (const { name, bytes } of said) {
    const value = decodeSaid(bytes);
    if (value === null) attributes.delete(name);
    // Two people together may say more than a record holds: of that the first names count.
    else if (attributes.has(name) || attributes.size < MAX_ATTRIBUTES) attributes.set(name, value);
  }
  return { ...content, attributes: Object.fromEntries(attributes) };
}

/** What the entries of these keys say. @param valueAt the bytes of an entry of the marks */
export function saidIn(
  keys: readonly string[],
  valueAt: (key: string) => Uint8Array | undefined,
): readonly SaidEntry[] {
  return keys.flatMap((key) => {
    const bytes = valueAt(key);
    return bytes === undefined ? [] : [{ name: saidPlace(key)?.name ?? "", bytes }];
  });
}
