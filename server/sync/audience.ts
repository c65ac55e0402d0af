import type { PersonId } from "#domain/ids.ts";
import type { Connection } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import { Packet } from "./packet.ts";
import { Presence } from "./presence.ts";
import { presenceFrame } from "./protocol.ts";

/** Presence is told so often at most, however many people move. */
const PRESENCE_EVERY_MS = 1_000 / 30;
/** A socket whose presence was left out is looked at again after this. */
const RETRY_PRESENCE_MS = 500;

/** An update in its frame, and whose it is: they have it already. */
export type Told = { readonly frame: Uint8Array; readonly from: Connection | null };

/** Everybody in a room: what they are told is framed once and written to each of them once. */
export class Audience {
  readonly connections = new Set<Connection>();
  readonly #presence: Presence;
  readonly #counters: SyncCounters;
  #news = new Set<number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  /** @param ownerOf the person a client id of the layer's document belongs to */
  constructor(ownerOf: (clientId: number) => PersonId | undefined, counters: SyncCounters) {
    this.#presence = new Presence(ownerOf);
    this.#counters = counters;
  }

  /**
   * Tells updates, and lets some be told more in the same write.
   * @param answers what is sent to a socket after the updates of others
   */
  tell(updates: readonly Told[], answers: ReadonlyMap<Connection, () => void> = new Map()): void {
    const authors = new Set(updates.map(({ from }) => from));
    const all = new Packet(updates.map(({ frame }) => frame));
    for (const connection of this.connections) {
      if (authors.has(connection) || answers.has(connection)) continue;
      if (connection.joined && updates.length > 0) connection.sendPacket(all);
    }
    for (const connection of new Set([...authors, ...answers.keys()])) {
      connection?.together(() => {
        if (connection.joined) for (const { frame, from } of updates) if (from !== connection) connection.send(frame);
        answers.get(connection)?.();
      });
    }
  }

  /** Takes a presence message. @throws AppError where it cannot be read or is too large */
  presence(connection: Connection, bytes: Uint8Array): void {
    this.#counters.add("presence_in");
    this.#announce(this.#presence.receive(connection, bytes));
  }

  /** Tells one who is here. */
  tellPresent(connection: Connection): void {
    const everybody = this.#presence.everybody();
    if (everybody.length > 0) connection.sendPresence(this.#packet(everybody));
  }

  left(connection: Connection): void {
    this.connections.delete(connection);
    this.#announce(this.#presence.leave(connection));
    if (this.connections.size === 0) this.#stop();
  }

  #announce(ids: readonly number[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.#news.add(id);
    const pause = this.#toldAt + PRESENCE_EVERY_MS - performance.now();
    if (pause <= 0) this.#tellNews();
    else this.#later(pause);
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => this.#tellNews(), ms).unref();
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#news.clear();
  }

  /** One message for each socket: everything new, save what it said itself. */
  #tellNews(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const ids = [...this.#news];
    this.#news.clear();
    this.#toldAt = performance.now();
    this.#counters.add("presence_ticks");
    const speakers = new Set(ids.map((id) => this.#presence.holderOf(id)));
    const all = ids.length === 0 ? null : this.#packet(ids);
    let missed = false;
    for (const connection of this.connections) {
      if (!connection.joined) continue;
      const packet = speakers.has(connection) || connection.missedPresence ? this.#own(connection, ids) : all;
      if (packet && !connection.sendPresence(packet)) missed = true;
    }
    if (missed) this.#later(RETRY_PRESENCE_MS);
  }

  #own(connection: Connection, news: readonly number[]): Packet | null {
    const ids = connection.missedPresence ? new Set([...this.#presence.everybody(), ...news]) : news;
    connection.missedPresence = false;
    const others = [...ids].filter((id) => this.#presence.holderOf(id) !== connection);
    return others.length === 0 ? null : this.#packet(others);
  }

  #packet(ids: readonly number[]): Packet {
    return new Packet([presenceFrame(this.#presence.encode(ids))]);
  }
}
