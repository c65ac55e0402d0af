import { ByteWriter } from "#domain/bytes.ts";
import { unpackUpdate } from "#domain/packed-update.ts";

const SYNC = 0;
const UPDATE = 2;
const PACKED = 105;

/** Whether this browser can inflate what the server deflates. */
export function canUnpack(): boolean {
  try {
    return new DecompressionStream("deflate-raw").readable !== null;
  } catch {
    return false;
  }
}

/**
 * A WebSocket that unpacks packed documents before anybody sees them: to whoever listens an ordinary update has come.
 * Messages that come meanwhile wait for it, so that all of them are heard in their order.
 */
export function unpackingSocket(Socket: typeof WebSocket): typeof WebSocket {
  return class UnpackingSocket extends Socket {
    #waiting: MessageEvent[] | null = null;
    #listener: ((this: WebSocket, event: MessageEvent) => unknown) | null = null;

    override set onmessage(listener: ((this: WebSocket, event: MessageEvent) => unknown) | null) {
      this.#listener = listener;
      super.onmessage = (event: MessageEvent) => this.#take(event);
    }

    override get onmessage(): ((this: WebSocket, event: MessageEvent) => unknown) | null {
      return this.#listener;
    }

    #take(event: MessageEvent): void {
      if (this.#waiting !== null) this.#waiting.push(event);
      else if (isPacked(event.data)) void this.#unpack(event.data);
      else this.#listener?.call(this, event);
    }

    async #unpack(message: ArrayBuffer): Promise<void> {
      this.#waiting = [];
      try {
        const frame = updateFrame(unpackUpdate(await inflate(message.slice(1))));
        this.#hear(new MessageEvent("message", { data: frame.buffer }));
      } catch {
        // A document that cannot be read is asked for anew, over a new line.
        this.#waiting = [];
        this.close();
      }
      const waiting = this.#waiting;
      this.#waiting = null;
      for (const event of waiting) this.#take(event);
    }

    /** What comes too late for its line is not heard: a new line brings all of it. */
    #hear(event: MessageEvent): void {
      if (this.readyState === this.OPEN) this.#listener?.call(this, event);
    }
  };
}

function isPacked(data: unknown): data is ArrayBuffer {
  return data instanceof ArrayBuffer && new Uint8Array(data, 0, Math.min(1, data.byteLength))[0] === PACKED;
}

async function inflate(deflated: ArrayBuffer): Promise<Uint8Array> {
  const plain = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

function updateFrame(update: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.byte(SYNC);
  writer.byte(UPDATE);
  writer.block(update);
  return new Uint8Array(writer.bytes());
}
