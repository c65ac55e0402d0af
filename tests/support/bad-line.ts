import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Random } from "#domain/random.ts";

/** What will happen to a line, ms after it began. */
type Fate = {
  /** Every piece is passed on so much later. */
  readonly delayMs: number;
  /** Pieces pass no faster. */
  readonly bytesPerSecond: number;
  readonly ends: { readonly how: "cut" | "deaf"; readonly afterMs: number } | null;
};

const CLEAN: Fate = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, ends: null };

/**
 * A TCP proxy that treats its lines as a hospital's network does: it delays, throttles, cuts, and lets some go deaf, so that
 * neither side hears of the other again and neither is told. From `heal` on new lines are good; a deaf one stays deaf.
 */
export class BadLine {
  readonly counts = { lines: 0, cut: 0, deaf: 0 };
  /** When the latest line that went deaf did so, on the clock that is given. */
  deafSince: number | null = null;
  readonly #now: () => number;
  readonly #random: Random;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mood: "bad" | "away" | "good" = "bad";

  private constructor(target: number, random: Random, now: () => number) {
    this.#now = now;
    this.#target = target;
    this.#random = random;
    this.#server = createServer((socket) => this.#carry(socket));
  }

  static async to(target: number, random: Random, now: () => number): Promise<BadLine> {
    const line = new BadLine(target, random, now);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", () => resolve()));
    return line;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/sync`;
  }

  /** Nobody gets through; lines that are there are cut. */
  leave(): void {
    this.#mood = "away";
    for (const socket of this.#sockets) socket.destroy();
  }

  heal(): void {
    this.#mood = "good";
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #carry(client: Socket): void {
    if (this.#mood === "away") {
      client.resetAndDestroy();
      return;
    }
    this.counts.lines += 1;
    const server = connect(this.#target, "127.0.0.1");
    const line = { deaf: false };
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => from.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        if (!line.deaf) to.destroy();
      });
    }
    const fate = this.#mood === "good" ? CLEAN : this.#fate();
    pass(client, server, fate, line);
    pass(server, client, fate, line);
    if (fate.ends !== null)
      setTimeout(() => this.#end(client, server, line, fate.ends?.how), fate.ends.afterMs).unref();
  }

  #end(client: Socket, server: Socket, line: { deaf: boolean }, how: "cut" | "deaf" | undefined): void {
    if (this.#mood === "good" || client.destroyed || how === undefined) return;
    this.counts[how] += 1;
    if (how === "deaf") {
      line.deaf = true;
      this.deafSince = this.#now();
    } else for (const socket of [client, server]) socket.resetAndDestroy();
  }

  #fate(): Fate {
    const random = this.#random;
    const kind = random();
    const afterMs = 500 + random() * 2_500;
    if (kind < 0.4) return { ...CLEAN, delayMs: random() * 60, ends: { how: "cut", afterMs } };
    if (kind < 0.65) return { ...CLEAN, ends: { how: "deaf", afterMs } };
    const cutLater = { how: "cut", afterMs: afterMs + 1_500 } as const;
    if (kind < 0.85) return { ...CLEAN, bytesPerSecond: 8_000 + random() * 30_000, ends: cutLater };
    return { ...CLEAN, delayMs: 50 + random() * 350, ends: cutLater };
  }
}

/** Passes pieces on in their order, late and slowly; swallows them once the line is deaf. */
function pass(from: Socket, to: Socket, { delayMs, bytesPerSecond }: Fate, line: { readonly deaf: boolean }) {
  let freeAt = 0;
  from.on("data", (piece) => {
    if (line.deaf) return;
    const now = performance.now();
    freeAt = Math.max(freeAt, now + delayMs) + (piece.length / bytesPerSecond) * 1_000;
    const deliver = () => {
      if (!line.deaf && !to.destroyed) to.write(piece);
    };
    if (freeAt <= now) deliver();
    else setTimeout(deliver, freeAt - now);
  });
}
