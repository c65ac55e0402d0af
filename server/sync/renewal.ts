import { randomInt } from "node:crypto";
import { encodeRecord } from "#domain/annotation-record.ts";
import { LayerDocError } from "#domain/bytes.ts";
import type { PersonId } from "#domain/ids.ts";
import { ANNOTATIONS_ROOT, EDITS_ROOT, MARKS_ROOT } from "#domain/layer-doc.ts";
import { readParts } from "#domain/outline-merge.ts";
import { type Compacted, checksumOf, compactPieces, type Pieces } from "./compaction.ts";
import { ItemIndex } from "./item-index.ts";
import { type Struct, writeUpdate } from "./update-writer.ts";

/** A layer's document with what must be known to begin a fresh one. */
export type Renewable = {
  readonly pieces: Pieces;
  /** The person each client id of the document belongs to. */
  readonly owners: readonly (readonly [client: number, personId: PersonId])[];
  /** Client ids that may not be used again. */
  readonly retired: readonly number[];
};

/** A fresh document of what a layer holds, and the old one as it ended. */
export type Renewed = {
  readonly bytes: Uint8Array;
  readonly checksum: string;
  /** The client ids of the fresh document: one for each person who drew something that is there. */
  readonly clients: readonly { readonly clientId: number; readonly personId: PersonId }[];
  readonly ended: Compacted;
};

/** Rebuilds a document. In the server it runs in a worker: a large layer takes seconds. */
export type Renew = (renewable: Renewable) => Promise<Renewed>;

export async function renewHere(renewable: Renewable): Promise<Renewed> {
  return renewDocument(renewable);
}

/**
 * Writes what a layer holds as one plain record for each annotation, under a client id of the person who drew it, so that
 * whose it is stays known. Edits and marks become part of the record; what this code cannot read is kept as it is.
 * Linear in the layer. @throws where something is missing, or nobody is known to have drawn it
 */
export function renewDocument({ pieces, owners, retired }: Renewable): Renewed {
  const index = new ItemIndex();
  if (pieces.snapshot !== null) index.load(pieces.snapshot);
  for (const update of pieces.updates) index.load(update);
  const authors = new Authors(new Map(owners), new Set(retired));
  const structs: Struct[] = [];
  for (const id of index.annotations()) {
    const entries = freshEntries(index, id);
    if (entries.length === 0) continue;
    const author = authors.of(index.creatorClient(id));
    for (const entry of entries) structs.push({ ...entry, ...author.next(), length: 1, origin: null });
  }
  const bytes = writeUpdate(structs, []);
  return { bytes, checksum: checksumOf(bytes), clients: authors.clients, ended: compactPieces(pieces) };
}

type Entry = Pick<Struct, "root" | "key" | "value">;

function freshEntries(index: ItemIndex, id: string): readonly Entry[] {
  const parts = index.raw(id);
  try {
    const content = readParts(parts);
    return content === null ? [] : [{ root: ANNOTATIONS_ROOT, key: id, value: encodeRecord(content) }];
  } catch (error) {
    if (error instanceof LayerDocError) return entriesAsTheyAre(index, id);
    throw error;
  }
}

function entriesAsTheyAre(index: ItemIndex, id: string): readonly Entry[] {
  const side = index.sideKeys(id);
  const edits = side.edits.map((key) => ({ root: EDITS_ROOT, key }) as const);
  const marks = [id, ...side.said].map((key) => ({ root: MARKS_ROOT, key }) as const);
  const places = [{ root: ANNOTATIONS_ROOT, key: id }, ...marks, ...edits] as const;
  return places.flatMap(({ root, key }) => {
    const value = index.value(root, key);
    return value === undefined ? [] : [{ root, key, value }];
  });
}

type Author = {
  /** The next place under the person's client id. */
  readonly next: () => Pick<Struct, "client" | "clock">;
};

/** Fresh client ids, one for each person. */
class Authors {
  readonly clients: { clientId: number; personId: PersonId }[] = [];
  readonly #owners: ReadonlyMap<number, PersonId>;
  readonly #retired: ReadonlySet<number>;
  readonly #authors = new Map<PersonId, Author>();

  constructor(owners: ReadonlyMap<number, PersonId>, retired: ReadonlySet<number>) {
    this.#owners = owners;
    this.#retired = retired;
  }

  of(client: number | undefined): Author {
    const personId = client === undefined ? undefined : this.#owners.get(client);
    if (personId === undefined) throw new Error(`nobody is known to have drawn under client id ${client}`);
    const known = this.#authors.get(personId);
    if (known) return known;
    const fresh = this.#freshClient();
    this.clients.push({ clientId: fresh, personId });
    let clock = 0;
    const author = { next: () => ({ client: fresh, clock: clock++ }) };
    this.#authors.set(personId, author);
    return author;
  }

  #freshClient(): number {
    for (;;) {
      const client = randomInt(2 ** 32);
      const used = this.#owners.has(client) || this.#retired.has(client);
      if (!used && this.clients.every(({ clientId }) => clientId !== client)) return client;
    }
  }
}
