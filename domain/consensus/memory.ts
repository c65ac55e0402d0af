/**
 * What earlier computations of the same reads made, for the next one: after one outline has changed only what depends on
 * it is made again. Whatever two computations in a row did not need is forgotten. A result never depends on a memory: it
 * is the same with an empty one, which is what whoever has none passes.
 */
export class Memory {
  readonly #names = new WeakMap<object, number>();
  #named = 0;
  #turn = 0;
  #about = "";

  /** How many computations have begun. */
  get turn(): number {
    return this.#turn;
  }

  /**
   * Begins a computation.
   * @param about names all that its results depend on beside the things that are named; another one, and all is forgotten
   */
  begin(about: string): void {
    this.#turn += about === this.#about ? 1 : 2;
    this.#about = about;
  }

  /** A number that stands for a thing as long as the memory lasts: what is made of the same things has the same key. */
  name(thing: object): number {
    const known = this.#names.get(thing);
    if (known !== undefined) return known;
    this.#named++;
    this.#names.set(thing, this.#named);
    return this.#named;
  }

  names(things: readonly object[]): string {
    let key = "";
    for (const thing of things) key += `${this.name(thing)},`;
    return key;
  }
}

type Room<Value> = { turn: number; before: Map<string, Value>; now: Map<string, Value> };

/** The part of every memory that holds one kind of result. */
export class Kept<Value> {
  readonly #rooms = new WeakMap<Memory, Room<Value>>();

  /** @param key names everything that `make` depends on */
  of(memory: Memory, key: string, make: () => Value): Value {
    const { before, now } = this.#room(memory);
    const known = now.get(key) ?? before.get(key);
    if (known !== undefined) {
      now.set(key, known);
      return known;
    }
    const made = make();
    now.set(key, made);
    return made;
  }

  /** What is known under a key, or null. */
  find(memory: Memory, key: string): Value | null {
    const { before, now } = this.#room(memory);
    return now.get(key) ?? before.get(key) ?? null;
  }

  set(memory: Memory, key: string, value: Value): void {
    this.#room(memory).now.set(key, value);
  }

  /** The value that an earlier computation had under this key where it says the same, else this one. */
  same(memory: Memory, key: string, value: Value, isSame: (a: Value, b: Value) => boolean): Value {
    const { before, now } = this.#room(memory);
    const known = now.get(key) ?? before.get(key);
    const kept = known !== undefined && isSame(known, value) ? known : value;
    now.set(key, kept);
    return kept;
  }

  #room(memory: Memory): Room<Value> {
    const room = this.#rooms.get(memory);
    if (room === undefined) {
      const made = { turn: memory.turn, before: new Map<string, Value>(), now: new Map<string, Value>() };
      this.#rooms.set(memory, made);
      return made;
    }
    if (room.turn !== memory.turn) {
      room.before = room.turn + 1 === memory.turn ? room.now : new Map();
      room.now = new Map();
      room.turn = memory.turn;
    }
    return room;
  }
}

/** The part of every memory that holds what is made of one thing alone, as long as that thing lasts. */
export class Bound<Thing extends object, Value> {
  readonly #rooms = new WeakMap<Memory, Map<string, WeakMap<Thing, Value>>>();

  /** @param key names all that `make` depends on beside the thing; there are few */
  of(memory: Memory, thing: Thing, key: string, make: () => Value): Value {
    const room = this.room(memory, key);
    const known = room.get(thing);
    if (known !== undefined) return known;
    const made = make();
    room.set(thing, made);
    return made;
  }

  /** All of one key, for whoever goes through many things. */
  room(memory: Memory, key: string): WeakMap<Thing, Value> {
    const rooms = this.#rooms.get(memory) ?? new Map<string, WeakMap<Thing, Value>>();
    this.#rooms.set(memory, rooms);
    const room = rooms.get(key) ?? new WeakMap<Thing, Value>();
    rooms.set(key, room);
    return room;
  }
}

/** The same for what is made of several things in their order; it is remembered with the first of them, the last of its kind. */
export class BoundAll<Thing extends object, Value> {
  readonly #rooms = new Bound<Thing, { things: readonly Thing[]; value: Value } | { things: null }>();

  of(memory: Memory, things: readonly [Thing, ...Thing[]], key: string, make: () => Value): Value {
    const known = this.#rooms.of(memory, things[0], key, () => ({ things: null }));
    if (known.things !== null && sameThings(known.things, things)) return known.value;
    const value = make();
    Object.assign(known, { things, value });
    return value;
  }
}

/** Whether two lists hold the same things, in the same order. */
export function sameThings(a: readonly object[], b: readonly object[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** What is in only one of two lists. */
export function differing<Thing extends object>(a: readonly Thing[], b: readonly Thing[]): Thing[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((thing) => !inB.has(thing)), ...b.filter((thing) => !inA.has(thing))];
}
