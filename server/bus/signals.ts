import { z } from "zod";
import type { Db } from "#db/client.ts";
import { addSignals, newestSignal, type StoredSignal, signalsAfter, sweepSignals } from "#db/nodes.ts";
import { layerId, personId, projectId } from "#domain/ids.ts";
import { LIVE_KINDS } from "#server/live-events.ts";
import type { Logger } from "#server/log.ts";
import type { Bus } from "./bus.ts";

const liveMessage = z.object({ kind: z.enum(LIVE_KINDS), toast: z.string().nullable() });
const signal = z.discriminatedUnion("kind", [
  /** Pages are told that something changed. */
  z.object({
    kind: z.literal("told"),
    projectId,
    audience: z.union([z.literal("project"), z.array(personId)]),
    message: liveMessage,
  }),
  z.object({ kind: z.literal("told-person"), personId, message: liveMessage }),
  /** What is remembered of a person is not good any more. */
  z.object({ kind: z.literal("person-changed"), personId }),
  z.object({ kind: z.literal("session-ended"), sessionId: z.string().max(64) }),
  /** What people may do with layers changed: of one person, one layer or one project where these are named. */
  z.object({
    kind: z.literal("rights-changed"),
    layerId: layerId.optional(),
    personId: personId.optional(),
    projectId: projectId.optional(),
  }),
  z.object({ kind: z.literal("slide-removed"), slideId: z.string().max(64) }),
]);

/** What a node tells the others that must not get lost. */
export type Signal = z.infer<typeof signal>;

export type SignalListener = {
  heard(signal: Signal): void;
  /** Signals were missed: everything that is remembered may be out of date. */
  missed(): void;
};

export type SignalsOptions = {
  readonly db: Db;
  readonly bus: Bus;
  readonly log: Pick<Logger, "warn" | "error">;
  /** The database is looked at so often, whatever is heard on the bus. */
  readonly pollMs?: number;
};

const POLL_MS = 500;
const SWEEP_EVERY_MS = 60_000;
const KEPT_MS = 10 * 60_000;
/** A node that cannot store so many has no database for a long while; the others look everything up when it is back. */
const MOST_WAITING = 10_000;

/**
 * Signals between nodes: stored in the database, numbered, and read there by every node, so that none is lost; the bus
 * only says that there are some. A node that missed some that were swept meanwhile is told so.
 */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #timers: NodeJS.Timeout[];
  readonly #leave: () => void;
  #listener: SignalListener | null = null;
  #waiting: Signal[] = [];
  #storing: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  #last: number;

  private constructor(options: SignalsOptions, last: number) {
    this.#options = options;
    this.#last = last;
    this.#leave = options.bus.listen({
      heard: (_from, message) => {
        if (message.kind === "signals") this.#look();
      },
      returned: () => this.#look(),
    });
    const look = setInterval(() => this.#look(), options.pollMs ?? POLL_MS);
    const sweep = setInterval(() => void this.#sweep(), SWEEP_EVERY_MS);
    this.#timers = [look, sweep];
    for (const timer of this.#timers) timer.unref();
  }

  /** Hears what is sent from now on. */
  static async open(options: SignalsOptions): Promise<Signals> {
    return new Signals(options, await newestSignal(options.db));
  }

  /** There is one, from when there is something that can go out of date. */
  listen(listener: SignalListener): void {
    this.#listener = listener;
  }

  /** To be called after the commit of what it tells of. Stored soon, also where the database is away at the moment. */
  send(sent: Signal): void {
    if (this.#waiting.length >= MOST_WAITING) this.#options.log.error("signals.dropped", new Error("too many wait"));
    else this.#waiting.push(sent);
    this.#storing ??= this.#store();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#leave();
    await this.#storing;
    await this.#reading;
  }

  #look(): void {
    if (this.#waiting.length > 0) this.#storing ??= this.#store();
    this.#reading ??= this.#read();
  }

  async #store(): Promise<void> {
    const { db, bus, log } = this.#options;
    // What is sent in the same turn of the loop is stored together.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, 500);
        await addSignals(db, bus.nodeId, batch);
        this.#waiting.splice(0, batch.length);
        bus.send({ kind: "signals" });
      }
    } catch (error) {
      log.warn("signals.not-stored", { waiting: this.#waiting.length, reason: String(error) });
    } finally {
      this.#storing = null;
    }
  }

  async #read(): Promise<void> {
    try {
      for (let more = true; more; ) {
        const stored = await signalsAfter(this.#options.db, this.#last);
        more = stored.length > 0;
        for (const each of stored) this.#take(each);
      }
    } catch (error) {
      this.#options.log.warn("signals.not-read", { reason: String(error) });
    } finally {
      this.#reading = null;
    }
  }

  #take({ id, sender, body }: StoredSignal): void {
    const missed = id !== this.#last + 1;
    this.#last = id;
    if (missed) this.#listener?.missed();
    if (sender === this.#options.bus.nodeId) return;
    const read = signal.safeParse(body);
    if (read.success) this.#listener?.heard(read.data);
    else this.#options.log.warn("signal.not-read", { id, sender });
  }

  async #sweep(): Promise<void> {
    try {
      await sweepSignals(this.#options.db, new Date(Date.now() - KEPT_MS));
    } catch (error) {
      this.#options.log.warn("signals.not-swept", { reason: String(error) });
    }
  }
}
