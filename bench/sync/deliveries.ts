import { keysIn, type Stroke } from "./workload.ts";

/** A stroke on its way to everybody else in its room. */
export type Sent = {
  readonly key: string;
  readonly room: number;
  readonly author: number;
  readonly sentAt: number;
  readonly timed: boolean;
  received: number;
  toldAt: number | null;
};

const MAX_REMEMBERED = 4_000;
/** Larger ones are documents, not strokes. */
const MAX_STROKE_BYTES = 64 * 1024;

/** Knows every stroke that was sent, recognises them in what arrives, and takes the time. */
export class Deliveries {
  /** Time from a stroke to each other screen, ms, of timed strokes. */
  readonly delays: number[] = [];
  /** Time from a stroke until its author is told that it is in, ms, of timed strokes. */
  readonly told: number[] = [];
  /** Of the delays those between people at two nodes. */
  readonly across: number[] = [];
  readonly sent: Sent[] = [];
  /** Pairs of stroke and receiver so far. */
  delivered = 0;
  readonly #byKey = new Map<string, Sent>();
  readonly #read = new Map<string, readonly Sent[]>();

  readonly #isAcross: (author: number, reader: number) => boolean;

  /** @param isAcross whether two people are at different nodes */
  constructor(isAcross: (author: number, reader: number) => boolean = () => false) {
    this.#isAcross = isAcross;
  }

  send(stroke: Stroke, by: { readonly room: number; readonly author: number; readonly timed: boolean }): Sent {
    const sent: Sent = { key: stroke.key, ...by, sentAt: performance.now(), received: 0, toldAt: null };
    this.sent.push(sent);
    this.#byKey.set(sent.key, sent);
    return sent;
  }

  /** Somebody got an update. A server may send back what one has sent oneself: that is no delivery. */
  receive(update: Uint8Array, reader: number): void {
    const now = performance.now();
    for (const sent of this.#strokesIn(update)) {
      if (sent.author === reader) continue;
      sent.received += 1;
      this.delivered += 1;
      if (!sent.timed) continue;
      this.delays.push(now - sent.sentAt);
      if (this.#isAcross(sent.author, reader)) this.across.push(now - sent.sentAt);
    }
  }

  tell(sent: Sent): void {
    if (sent.toldAt !== null) return;
    sent.toldAt = performance.now();
    if (sent.timed) this.told.push(sent.toldAt - sent.sentAt);
  }

  /** Strokes that are not on all screens of their room yet. */
  missing(others: number): number {
    return this.sent.filter((sent) => sent.received < others).length;
  }

  /** The same bytes come to everybody in a room: they are decoded once. */
  #strokesIn(update: Uint8Array): readonly Sent[] {
    if (update.length > MAX_STROKE_BYTES) return [];
    const text = Buffer.from(update.buffer, update.byteOffset, update.byteLength).toString("latin1");
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const strokes = keysIn(update).flatMap((key) => this.#byKey.get(key) ?? []);
    if (this.#read.size >= MAX_REMEMBERED) this.#read.clear();
    this.#read.set(text, strokes);
    return strokes;
  }
}
