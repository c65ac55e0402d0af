const LEAST_GARBAGE = 64 * 1024;

/** Many short byte strings in one buffer, each known by a number. What is dropped is squeezed out now and then. */
export class ValueStore {
  #bytes = new Uint8Array(1_024);
  #used = 0;
  #garbage = 0;
  /** Two words for each number: where its bytes begin, and how many they are; -1 for a number that is free. */
  #places = new Int32Array(128);
  #count = 0;
  readonly #free: number[] = [];

  /** So many bytes are about to be added at most: makes room for them at once. */
  expect(length: number): void {
    if (length > LEAST_GARBAGE) this.#reserve(length, length);
  }

  /** Keeps a copy. */
  add(value: Uint8Array): number {
    const number = this.#free.pop() ?? this.#next();
    this.#reserve(value.length);
    this.#bytes.set(value, this.#used);
    this.#places[number * 2] = this.#used;
    this.#places[number * 2 + 1] = value.length;
    this.#used += value.length;
    return number;
  }

  /** A copy of a value; it stays as it is whatever is added or dropped. */
  get(number: number): Uint8Array {
    const from = this.#places[number * 2] ?? 0;
    return this.#bytes.slice(from, from + (this.#places[number * 2 + 1] ?? 0));
  }

  drop(number: number): void {
    this.#garbage += this.#places[number * 2 + 1] ?? 0;
    this.#places[number * 2] = -1;
    this.#free.push(number);
    if (this.#garbage > LEAST_GARBAGE && this.#garbage * 2 > this.#used) this.#squeeze(this.#used - this.#garbage);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes.byteLength + this.#places.byteLength;
  }

  #next(): number {
    const number = this.#count;
    this.#count += 1;
    if (this.#count * 2 > this.#places.length) {
      const larger = new Int32Array(this.#places.length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    return number;
  }

  /** @param more by how much to grow at least where there is no room */
  #reserve(length: number, more = this.#bytes.length >> 1): void {
    if (this.#used + length <= this.#bytes.length) return;
    this.#squeeze(this.#used - this.#garbage + Math.max(length, more));
  }

  #squeeze(capacity: number): void {
    const bytes = new Uint8Array(capacity);
    let used = 0;
    for (let number = 0; number < this.#count; number++) {
      const from = this.#places[number * 2] ?? -1;
      if (from === -1) continue;
      const length = this.#places[number * 2 + 1] ?? 0;
      bytes.set(this.#bytes.subarray(from, from + length), used);
      this.#places[number * 2] = used;
      used += length;
    }
    [this.#bytes, this.#used, this.#garbage] = [bytes, used, 0];
  }
}
