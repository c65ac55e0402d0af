import { ANNOTATIONS_ROOT, EDITS_ROOT, MARKS_ROOT } from "#domain/layer-doc.ts";
import { editedAnnotation } from "#domain/outline-edit.ts";
import type { OutlineParts } from "#domain/outline-merge.ts";
import { saidIn, saidPlace } from "#domain/said-entries.ts";
import { SideKeys } from "#domain/side-keys.ts";
import { annotationAt, mapUpdate, type Root, readDeletes, type Section, StructReader } from "./update-reader.ts";
import { ValueStore } from "./value-store.ts";

/** Of an edit the key names the session too. */
export type Place = { readonly root: Root; readonly key: string; readonly annotation: string };

const NONE = -1;
/** Fields of an item, in 32-bit words. */
const ITEM = { client: 0, clock: 1, length: 2, origin: 3, left: 4, right: 5, chain: 6, words: 7 } as const;
/** Fields of a chain: `first` and `last` are items, `living` whether the last is not deleted, `value` its bytes. */
const CHAIN = { first: 0, last: 1, living: 2, value: 3, root: 4, words: 5 } as const;
const ROOTS = [ANNOTATIONS_ROOT, MARKS_ROOT, EDITS_ROOT] as const;

type Client = { readonly id: number; readonly slot: number; readonly items: number[]; end: number };
/** The living item of each chain that is about to change, with its bytes. */
type Touched = Map<number, { readonly item: number; readonly value: Uint8Array | undefined }>;
/** What chains held before they changed. */
type OldValues = ReadonlyMap<number, Uint8Array | undefined>;
const NOTHING_OLD: OldValues = new Map();
type Cursor = { readonly section: Section; readonly reader: StructReader; left: number; pending: boolean };

/**
 * What must be known of a layer to resolve its map entries exactly as Yjs does, without a Yjs document: for each key the
 * chain of all items ever set, in the order in which Yjs puts concurrent ones, and the bytes of the last one if it lives.
 * Items lie in one array of numbers: 28 bytes for each, however often an annotation is changed.
 * Source: yjs 13, Item.integrate; all items here are map entries, whose right origin is null, so that every item but the
 * last of its chain is deleted.
 */
export class ItemIndex {
  readonly #clients = new Map<number, Client>();
  readonly #slots: number[] = [];
  readonly #chains = {
    [ANNOTATIONS_ROOT]: new Map<string, number>(),
    [MARKS_ROOT]: new Map<string, number>(),
    [EDITS_ROOT]: new Map<string, number>(),
  };
  readonly #editKeys = new SideKeys(editedAnnotation);
  readonly #saidKeys = new SideKeys((key) => saidPlace(key)?.id ?? null);
  readonly #keys: string[] = [];
  readonly #values = new ValueStore();
  #items = new Int32Array(64 * ITEM.words);
  #itemCount = 0;
  #chainWords = new Int32Array(64 * CHAIN.words);
  #touched: Touched | null = null;

  /** Next clock of a Yjs client id. */
  clockOf(client: number): number {
    return this.#clients.get(client)?.end ?? 0;
  }

  /** Whether there ever was an entry. */
  has(root: Root, key: string): boolean {
    return this.#chains[root].has(key);
  }

  /** The bytes of an entry; undefined where there is none now. */
  value(root: Root, key: string): Uint8Array | undefined {
    return this.#valueAt(root, key, NOTHING_OLD);
  }

  /** Where an item lies. @throws RangeError for a clock that is not known */
  placeOf(client: number, clock: number): Place {
    const chain = this.#item(this.#find(client, clock), ITEM.chain);
    return this.#place(chain);
  }

  /** The client id under which an annotation was drawn; it stays that of its creator whoever changes it afterwards. */
  creatorClient(key: string): number | undefined {
    const chain = this.#chains[ANNOTATIONS_ROOT].get(key);
    if (chain === undefined) return undefined;
    return this.#clientOf(this.#chain(chain, CHAIN.first));
  }

  /** Items of a client id in [from, end) that are not deleted. */
  *living(client: number, from: number, end: number): Generator<{ readonly clock: number; readonly place: Place }> {
    if (from >= end) return;
    const items = this.#clients.get(client)?.items ?? [];
    for (let index = this.#indexOf(client, from); index < items.length; index++) {
      const item = items[index] ?? NONE;
      const clock = this.#item(item, ITEM.clock);
      if (clock >= end) return;
      const chain = this.#item(item, ITEM.chain);
      if (this.#isLiving(item)) yield { clock, place: this.#place(chain) };
    }
  }

  /** Every annotation that there ever was. */
  annotations(): IterableIterator<string> {
    return this.#chains[ANNOTATIONS_ROOT].keys();
  }

  /** Keys under which there ever was an edit of an annotation, or something said of one attribute, in their order. */
  sideKeys(annotation: string): { readonly edits: readonly string[]; readonly said: readonly string[] } {
    return { edits: this.#editKeys.of(annotation), said: this.#saidKeys.of(annotation) };
  }

  /** Entries that there ever were. */
  get items(): number {
    return this.#itemCount;
  }

  /** Bytes held, keys left out. */
  get bytes(): number {
    return this.#items.byteLength + this.#chainWords.byteLength + this.#values.bytes;
  }

  /** Takes in an update of the log. @throws RangeError for what a log does not hold, or where something before it is missing */
  load(update: Uint8Array): void {
    const { sections, deletesAt } = mapUpdate(update);
    this.#values.expect(update.length);
    this.#integrate(update, sections);
    for (const { client, clock, length } of readDeletes(update, deletesAt)) this.#delete(client, clock, length);
  }

  /**
   * Takes in an update, as `load` does.
   * @returns for each annotation whose entries hold something else now, what they held before
   */
  apply(update: Uint8Array): ReadonlyMap<string, OutlineParts> {
    const touched: Touched = new Map();
    this.#touched = touched;
    try {
      this.load(update);
    } finally {
      this.#touched = null;
    }
    const changed = [...touched].filter(([chain, { item }]) => this.#livingOf(chain) !== item);
    const old: OldValues = new Map(changed.map(([chain, { value }]) => [chain, value]));
    const before = new Map<string, OutlineParts>();
    for (const chain of old.keys()) {
      const { annotation } = this.#place(chain);
      if (!before.has(annotation)) before.set(annotation, this.#raw(annotation, old));
    }
    return before;
  }

  /** What an annotation's entries hold now. */
  raw(key: string): OutlineParts {
    return this.#raw(key, NOTHING_OLD);
  }

  #raw(key: string, old: OldValues): OutlineParts {
    const edits = this.#editKeys.of(key).flatMap((each) => this.#valueAt(EDITS_ROOT, each, old) ?? []);
    const said = saidIn(this.#saidKeys.of(key), (each) => this.#valueAt(MARKS_ROOT, each, old));
    const [record, marks] = [this.#valueAt(ANNOTATIONS_ROOT, key, old), this.#valueAt(MARKS_ROOT, key, old)];
    return { record, marks, said, edits };
  }

  /** @param old what chains held that hold something else now */
  #valueAt(root: Root, key: string, old: OldValues): Uint8Array | undefined {
    const chain = this.#chains[root].get(key);
    if (chain === undefined) return undefined;
    return old.has(chain) ? old.get(chain) : this.#valueOf(chain);
  }

  /** Goes through the sections in turn, each until an item of it waits for one of another section. */
  #integrate(update: Uint8Array, sections: readonly Section[]): void {
    let open: Cursor[] = sections.map((section) => ({
      section,
      reader: new StructReader(update, { at: section.at, clock: section.clock }),
      left: section.count,
      pending: false,
    }));
    while (open.length > 0) {
      const moved = open.map((cursor) => this.#advance(cursor, update)).some(Boolean);
      open = open.filter((cursor) => cursor.pending || cursor.left > 0);
      if (!moved && open.length > 0) throw new RangeError("an update that misses what it builds on");
    }
  }

  #advance(cursor: Cursor, update: Uint8Array): boolean {
    let moved = false;
    const { reader, section } = cursor;
    while (cursor.pending || cursor.left > 0) {
      if (!cursor.pending) {
        reader.next();
        cursor.left -= 1;
        cursor.pending = true;
      }
      if (reader.hasOrigin && reader.originClock >= this.clockOf(reader.originClient)) return moved;
      this.#add(section.client, reader, update);
      cursor.pending = false;
      moved = true;
    }
    return true;
  }

  /** Adds the part of a struct that is not known. */
  #add(clientId: number, struct: StructReader, update: Uint8Array): void {
    const client = this.#client(clientId);
    const known = client.end - struct.clock;
    if (known >= struct.length) return;
    if (known < 0) throw new RangeError("an update that misses what it builds on");
    const origin = this.#originOf(client, known, struct);
    const chain = origin === NONE ? this.#chainFor(struct.root, struct.key) : this.#item(origin, ITEM.chain);
    this.#touch(chain);
    const item = this.#newItem(client.slot, struct.clock + known, struct.length - known, origin, chain);
    client.items.push(item);
    client.end = struct.clock + struct.length;
    this.#insert(item, this.#leftOf(origin, chain, client.id), chain);
    if (this.#chain(chain, CHAIN.last) !== item) return;
    const living = struct.valueAt >= 0;
    this.#setChain(chain, CHAIN.living, living ? 1 : 0);
    this.#dropValue(chain);
    if (!living) return;
    const value = update.subarray(struct.valueAt, struct.valueAt + struct.valueLength);
    this.#setChain(chain, CHAIN.value, this.#values.add(value));
  }

  #originOf(client: Client, known: number, struct: StructReader): number {
    if (known > 0) return this.#endingAt(client.id, client.end - 1);
    return struct.hasOrigin ? this.#endingAt(struct.originClient, struct.originClock) : NONE;
  }

  /** The item after which a new one lies: its origin, or one of those that were set at the same time. */
  #leftOf(origin: number, chain: number, client: number): number {
    let left = origin;
    let other = origin === NONE ? this.#chain(chain, CHAIN.first) : this.#item(origin, ITEM.right);
    if (other === NONE) return left;
    const conflicting = new Set<number>();
    const before = new Set<number>();
    for (; other !== NONE; other = this.#item(other, ITEM.right)) {
      before.add(other);
      conflicting.add(other);
      const theirs = this.#item(other, ITEM.origin);
      // Both right origins are null, so one of the same origin and no smaller client id ends the search.
      if (theirs === origin ? this.#clientOf(other) >= client : !before.has(theirs)) break;
      if (theirs !== origin && conflicting.has(theirs)) continue;
      left = other;
      conflicting.clear();
    }
    return left;
  }

  #insert(item: number, left: number, chain: number): void {
    const right = left === NONE ? this.#chain(chain, CHAIN.first) : this.#item(left, ITEM.right);
    this.#setItem(item, ITEM.left, left);
    this.#setItem(item, ITEM.right, right);
    if (left === NONE) this.#setChain(chain, CHAIN.first, item);
    else this.#setItem(left, ITEM.right, item);
    if (right === NONE) this.#setChain(chain, CHAIN.last, item);
    else this.#setItem(right, ITEM.left, item);
  }

  #delete(client: number, clock: number, length: number): void {
    if (length === 0) return;
    const end = clock + length;
    if (end > this.clockOf(client)) throw new RangeError("an update that deletes what is not there");
    const items = this.#clients.get(client)?.items ?? [];
    for (let index = this.#indexOf(client, clock); index < items.length; index++) {
      const item = items[index] ?? NONE;
      if (this.#item(item, ITEM.clock) >= end) return;
      if (!this.#isLiving(item)) continue;
      const chain = this.#item(item, ITEM.chain);
      this.#touch(chain);
      this.#setChain(chain, CHAIN.living, 0);
      this.#dropValue(chain);
    }
  }

  /** The item whose last clock this is; one that goes on after it is split. */
  #endingAt(client: number, clock: number): number {
    const item = this.#find(client, clock);
    const [start, length] = [this.#item(item, ITEM.clock), this.#item(item, ITEM.length)];
    const head = clock - start + 1;
    if (head === length) return item;
    const position = this.#indexOf(client, clock);
    // The old number stays that of the end, which is what later items name as their origin.
    const slot = this.#item(item, ITEM.client);
    const chain = this.#item(item, ITEM.chain);
    const first = this.#newItem(slot, start, head, this.#item(item, ITEM.origin), chain);
    const left = this.#item(item, ITEM.left);
    this.#setItem(first, ITEM.left, left);
    this.#setItem(first, ITEM.right, item);
    if (left === NONE) this.#setChain(chain, CHAIN.first, first);
    else this.#setItem(left, ITEM.right, first);
    this.#setItem(item, ITEM.left, first);
    this.#setItem(item, ITEM.clock, start + head);
    this.#setItem(item, ITEM.length, length - head);
    this.#setItem(item, ITEM.origin, first);
    this.#client(client).items.splice(position, 0, first);
    return first;
  }

  #find(client: number, clock: number): number {
    const item = this.#clients.get(client)?.items[this.#indexOf(client, clock)];
    if (item === undefined || clock >= this.clockOf(client)) throw new RangeError("a clock that is not known");
    return item;
  }

  /** Position of the item that holds a clock, in its client id's list. */
  #indexOf(client: number, clock: number): number {
    const items = this.#clients.get(client)?.items ?? [];
    let [low, high] = [0, items.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#item(items[middle] ?? NONE, ITEM.clock) <= clock) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #client(id: number): Client {
    const known = this.#clients.get(id);
    if (known) return known;
    const client = { id, slot: this.#slots.length, items: [], end: 0 };
    this.#slots.push(id);
    this.#clients.set(id, client);
    return client;
  }

  #chainFor(root: Root | null, key: string): number {
    if (root === null) throw new RangeError("a struct that lies nowhere");
    const known = this.#chains[root].get(key);
    if (known !== undefined) return known;
    const chain = this.#keys.length;
    if ((chain + 1) * CHAIN.words > this.#chainWords.length) this.#chainWords = grown(this.#chainWords);
    this.#keys.push(key);
    this.#chains[root].set(key, chain);
    this.#chainWords.fill(NONE, chain * CHAIN.words, (chain + 1) * CHAIN.words);
    this.#setChain(chain, CHAIN.living, 0);
    this.#setChain(chain, CHAIN.root, ROOTS.indexOf(root));
    if (root === EDITS_ROOT) this.#editKeys.note(key);
    if (root === MARKS_ROOT) this.#saidKeys.note(key);
    return chain;
  }

  #newItem(slot: number, clock: number, length: number, origin: number, chain: number): number {
    const item = this.#itemCount;
    if ((item + 1) * ITEM.words > this.#items.length) this.#items = grown(this.#items);
    this.#itemCount += 1;
    this.#setItem(item, ITEM.client, slot);
    this.#setItem(item, ITEM.clock, clock);
    this.#setItem(item, ITEM.length, length);
    this.#setItem(item, ITEM.origin, origin);
    this.#setItem(item, ITEM.chain, chain);
    return item;
  }

  #clientOf(item: number): number {
    return this.#slots[this.#item(item, ITEM.client)] ?? 0;
  }

  #touch(chain: number): void {
    if (this.#touched === null || this.#touched.has(chain)) return;
    this.#touched.set(chain, { item: this.#livingOf(chain), value: this.#valueOf(chain) });
  }

  #livingOf(chain: number): number {
    return this.#chain(chain, CHAIN.living) === 1 ? this.#chain(chain, CHAIN.last) : NONE;
  }

  #isLiving(item: number): boolean {
    return this.#livingOf(this.#item(item, ITEM.chain)) === item;
  }

  #valueOf(chain: number): Uint8Array | undefined {
    const value = this.#chain(chain, CHAIN.value);
    return value === NONE ? undefined : this.#values.get(value);
  }

  #dropValue(chain: number): void {
    const value = this.#chain(chain, CHAIN.value);
    if (value !== NONE) this.#values.drop(value);
    this.#setChain(chain, CHAIN.value, NONE);
  }

  #place(chain: number): Place {
    const root = ROOTS[this.#chain(chain, CHAIN.root)] ?? ANNOTATIONS_ROOT;
    const key = this.#keys[chain] ?? "";
    return { root, key, annotation: annotationAt(root, key) ?? "" };
  }

  #item(item: number, field: number): number {
    return this.#items[item * ITEM.words + field] ?? NONE;
  }

  #setItem(item: number, field: number, value: number): void {
    this.#items[item * ITEM.words + field] = value;
  }

  #chain(chain: number, field: number): number {
    return this.#chainWords[chain * CHAIN.words + field] ?? NONE;
  }

  #setChain(chain: number, field: number, value: number): void {
    this.#chainWords[chain * CHAIN.words + field] = value;
  }
}

function grown(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}
