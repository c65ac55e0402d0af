import type { Random } from "#domain/random.ts";
import { type Bus, type BusListener, type BusMessage, decodeBusMessage, encodeBusMessage } from "#server/bus/bus.ts";

/** What a line between nodes does to messages; shares of 1. */
export type Faults = { readonly lost: number; readonly doubled: number; readonly maxDelayMs: number };

/** Several nodes of one process on a line that loses, doubles, delays and so reorders messages, as a seed says. */
export class LossyLine {
  readonly counts = { sent: 0, lost: 0, doubled: 0, cut: 0 };
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #nodes = new Map<string, Set<BusListener>>();
  #up = true;
  #nextNode = 1;

  constructor(random: Random, faults: Faults = { lost: 0, doubled: 0, maxDelayMs: 0 }) {
    this.#random = random;
    this.#faults = faults;
  }

  /** Cuts the line: everything that is sent is lost until it is mended. */
  cut(): void {
    if (this.#up) this.counts.cut += 1;
    this.#up = false;
  }

  mend(): void {
    if (this.#up) return;
    this.#up = true;
    for (const listeners of this.#nodes.values()) for (const each of listeners) each.returned();
  }

  node(): Bus {
    const nodeId = `node-${this.#nextNode++}`;
    const listeners = new Set<BusListener>();
    this.#nodes.set(nodeId, listeners);
    const line = this;
    return {
      nodeId,
      get connected() {
        return line.#up;
      },
      send: (message) => this.#send(nodeId, message),
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close: async () => void this.#nodes.delete(nodeId),
    };
  }

  #send(from: string, message: BusMessage): void {
    this.counts.sent += 1;
    const text = encodeBusMessage(from, message);
    for (const nodeId of this.#nodes.keys()) {
      if (nodeId === from) continue;
      if (!this.#up || this.#random() < this.#faults.lost) this.counts.lost += 1;
      else {
        this.#deliver(nodeId, text);
        if (this.#random() >= this.#faults.doubled) continue;
        this.counts.doubled += 1;
        this.#deliver(nodeId, text);
      }
    }
  }

  #deliver(nodeId: string, text: string): void {
    const delay = this.#random() * this.#faults.maxDelayMs;
    const arrive = () => {
      const read = decodeBusMessage(text);
      if (read === null) throw new Error(`not a message: ${text}`);
      for (const each of this.#nodes.get(nodeId) ?? []) each.heard(read.from, read.message);
    };
    if (delay < 1) setImmediate(arrive);
    else setTimeout(arrive, delay);
  }
}
