import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Writes updates one after the other, each with its length before it. */
export class UpdatesFile {
  readonly #file: number;
  #parts: Uint8Array[] = [];
  #waiting = 0;
  /** Bytes of the updates themselves. */
  bytes = 0;
  count = 0;

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  add(update: Uint8Array): void {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(update.length);
    this.#parts.push(head, update);
    this.#waiting += update.length;
    this.bytes += update.length;
    this.count += 1;
    if (this.#waiting >= CHUNK_BYTES) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#parts.length > 0) writeSync(this.#file, Buffer.concat(this.#parts));
    [this.#parts, this.#waiting] = [[], 0];
  }
}

/** Each a copy of its own, as a socket hands it over. */
export function* readUpdates(path: string): Generator<Uint8Array> {
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; ) {
    const length = whole.readUInt32LE(at);
    yield new Uint8Array(whole.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
}
