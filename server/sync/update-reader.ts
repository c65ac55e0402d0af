import { ANNOTATIONS_ROOT, EDITS_ROOT, MARKS_ROOT } from "#domain/layer-doc.ts";
import { editedAnnotation } from "#domain/outline-edit.ts";
import { saidPlace } from "#domain/said-entries.ts";

/** The three maps of a layer's document. */
export type Root = typeof ANNOTATIONS_ROOT | typeof MARKS_ROOT | typeof EDITS_ROOT;

/** The structs of one Yjs client id in an update: `count` of them from byte `at`, the first at `clock`. */
export type Section = {
  readonly client: number;
  readonly clock: number;
  /** Clock after the last struct. */
  readonly end: number;
  readonly count: number;
  readonly at: number;
};

export type DeleteRange = { readonly client: number; readonly clock: number; readonly length: number };

/** Where things lie in an update; nothing of it is copied. */
export type UpdateMap = {
  readonly sections: readonly Section[];
  /** Byte at which the delete set begins; it reaches to the end. */
  readonly deletesAt: number;
};

const CONTENT_DELETED = 1;
const CONTENT_BINARY = 3;
const CONTENT_BITS = 31;
const HAS_ORIGIN = 128;
const HAS_RIGHT_ORIGIN = 64;
const HAS_KEY = 32;

/**
 * Reads the structs of an update, format 1, one after the other; the fields hold the latest. Understands what a layer's
 * log may hold: map entries of binary content, living or deleted. Source: yjs 13, UpdateDecoderV1 and readItem.
 */
export class StructReader {
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #places: boolean;
  #at: number;
  clock = 0;
  length = 0;
  hasOrigin = false;
  originClient = 0;
  originClock = 0;
  /** Known where there is no origin; otherwise that of the origin. */
  root: Root | null = null;
  key = "";
  /** Where the content begins; -1 for a deleted struct. */
  valueAt = -1;
  valueLength = 0;

  /** @param places whether root and key are read; otherwise they are passed over */
  constructor(bytes: Uint8Array, { at = 0, clock = 0, places = true } = {}) {
    this.#bytes = bytes;
    this.#places = places;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
    this.clock = clock;
  }

  get at(): number {
    return this.#at;
  }

  /** Reads the next struct of a section. @throws RangeError for what a log does not hold */
  next(): void {
    this.clock += this.length;
    const info = this.#byte();
    if ((info & HAS_RIGHT_ORIGIN) !== 0) throw new RangeError("a struct that is no map entry");
    this.hasOrigin = (info & HAS_ORIGIN) !== 0;
    if (this.hasOrigin) {
      this.originClient = this.uint();
      this.originClock = this.uint();
    } else this.#readPlace(info);
    this.#readContent(info & CONTENT_BITS);
  }

  uint(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
      if (scale > 2 ** 49) throw new RangeError("a number beyond 2^53");
    }
  }

  #readPlace(info: number): void {
    if (this.uint() !== 1 || (info & HAS_KEY) === 0) throw new RangeError("a struct that lies in no root");
    if (!this.#places) {
      this.#skip(this.uint());
      this.#skip(this.uint());
      return;
    }
    const root = this.#string();
    if (!isRoot(root)) throw new RangeError(`root ${root}`);
    this.root = root;
    this.key = this.#string();
  }

  #readContent(kind: number): void {
    if (kind === CONTENT_DELETED) {
      this.length = this.uint();
      [this.valueAt, this.valueLength] = [-1, 0];
    } else if (kind === CONTENT_BINARY) {
      this.length = 1;
      this.valueLength = this.uint();
      this.valueAt = this.#at;
      this.#skip(this.valueLength);
    } else throw new RangeError(`content ${kind}`);
  }

  #string(): string {
    const length = this.uint();
    const from = this.#at;
    this.#skip(length);
    return this.#text.toString("utf8", from, this.#at);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError("an update that ends early");
    this.#at += 1;
    return byte;
  }

  #skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError("an update that ends early");
  }
}

export function isRoot(root: unknown): root is Root {
  return root === ANNOTATIONS_ROOT || root === MARKS_ROOT || root === EDITS_ROOT;
}

/**
 * The annotation that a key belongs to; that of an edit names the session too, that of marks may name an attribute. Null for
 * what is no key of an edit.
 */
export function annotationAt(root: Root, key: string): string | null {
  if (root === EDITS_ROOT) return editedAnnotation(key);
  return root === MARKS_ROOT ? (saidPlace(key)?.id ?? key) : key;
}

/** Goes once over an update of a layer's log. Linear in its structs. @throws RangeError for what a log does not hold */
export function mapUpdate(bytes: Uint8Array): UpdateMap {
  const sections: Section[] = [];
  const reader = new StructReader(bytes);
  const clients = reader.uint();
  let { at } = reader;
  for (let index = 0; index < clients; index++) {
    const head = new StructReader(bytes, { at });
    const [count, client, clock] = [head.uint(), head.uint(), head.uint()];
    const structs = new StructReader(bytes, { at: head.at, clock, places: false });
    for (let struct = 0; struct < count; struct++) structs.next();
    sections.push({ client, clock, end: structs.clock + structs.length, count, at: head.at });
    at = structs.at;
  }
  return { sections, deletesAt: at };
}

/** The delete set of an update. @throws RangeError where it ends early */
export function* readDeletes(bytes: Uint8Array, deletesAt: number): Generator<DeleteRange> {
  const reader = new StructReader(bytes, { at: deletesAt });
  const clients = reader.uint();
  for (let index = 0; index < clients; index++) {
    const [client, ranges] = [reader.uint(), reader.uint()];
    for (let range = 0; range < ranges; range++) yield { client, clock: reader.uint(), length: reader.uint() };
  }
}
