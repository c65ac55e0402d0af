export type LayerDocErrorCode =
  | "record-malformed"
  | "record-newer"
  | "outline-malformed"
  | "coordinates-not-finite"
  | "no-such-annotation";

/** What is wrong with a record, or with a change of a layer document. */
export class LayerDocError extends Error {
  readonly code: LayerDocErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: LayerDocErrorCode, detail: Readonly<Record<string, unknown>> = {}) {
    super(`${code}: ${JSON.stringify(detail)}`);
    this.name = "LayerDocError";
    this.code = code;
    this.detail = detail;
  }
}

/** Grows a byte string. Numbers are unsigned 32-bit varints, seven bits a byte, lowest first. */
export class ByteWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  uint(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Zig-zag: small steps in either direction take one byte. Range -2^31 to 2^31 - 1. */
  int(value: number): void {
    this.uint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** UTF-8 with its length in front. @throws LayerDocError for half a surrogate pair, which UTF-8 cannot hold */
  text(value: string): void {
    if (!value.isWellFormed()) throw new LayerDocError("record-malformed", { text: "lone surrogate" });
    this.block(new TextEncoder().encode(value));
  }

  /** Bytes with their length in front. */
  block(bytes: Uint8Array): void {
    this.uint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + count));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}

/** Reads what `ByteWriter` wrote and throws `LayerDocError` at the first byte that it would not have written. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new LayerDocError("record-malformed", { endsAt: this.#at });
    this.#at += 1;
    return value;
  }

  uint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 1; count <= 5; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if ((byte === 0 && count > 1) || value > 0xffffffff) break;
        return value;
      }
      scale *= 128;
    }
    throw new LayerDocError("record-malformed", { numberAt: this.#at });
  }

  int(): number {
    const value = this.uint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** @param most bytes that the text may take at most */
  text(most: number): string {
    const bytes = this.block(most);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new LayerDocError("record-malformed", { textAt: this.#at - bytes.length });
    }
  }

  /** Bytes with their length in front; a view, not a copy. @param most how many there may be */
  block(most: number): Uint8Array {
    const length = this.uint();
    if (length > most || length > this.left) throw new LayerDocError("record-malformed", { blockLength: length });
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** @throws LayerDocError where bytes are left over */
  end(): void {
    if (this.left > 0) throw new LayerDocError("record-malformed", { bytesLeft: this.left });
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
