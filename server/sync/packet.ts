/** Frames of this size and more go to the wire as they are; smaller ones are copied into one buffer. */
const LARGE_FRAME_BYTES = 64 * 1024;
const BINARY_FINAL = 0x82;

/** Frames that are sent together: framed once, however many sockets they go to, and written to each at once. */
export class Packet {
  readonly frames: readonly Uint8Array[];
  readonly bytes: number;
  #wire: readonly Uint8Array[] | null = null;

  constructor(frames: readonly Uint8Array[]) {
    this.frames = frames;
    this.bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  }

  /** The frames as WebSocket messages of a server: unmasked, whole, binary. Source: RFC 6455, section 5.2. */
  get wire(): readonly Uint8Array[] {
    this.#wire ??= messagesOf(this.frames);
    return this.#wire;
  }
}

function messagesOf(frames: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = () => {
    if (small.length > 0) parts.push(Buffer.concat(small));
    small = [];
  };
  for (const frame of frames) {
    small.push(headerOf(frame.length));
    if (frame.length < LARGE_FRAME_BYTES) small.push(frame);
    else {
      flush();
      parts.push(frame);
    }
  }
  flush();
  return parts;
}

function headerOf(length: number): Uint8Array {
  if (length < 126) return Uint8Array.of(BINARY_FINAL, length);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = BINARY_FINAL;
  if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return header;
}
