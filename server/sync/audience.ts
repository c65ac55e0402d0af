import type { PersonId } from "#domain/ids.ts";
import type { Connection } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import { Packet } from "./packet.ts";
import { Presence, type PresenceHolder, type PresenceNode } from "./presence.ts";
import { presenceFrame } from "./protocol.ts";

/** Presence is told so often at most, as often as a page says its own; with updates it goes along in their write. */
const PRESENCE_EVERY_MS = 1_000 / 15;
/** A socket whose presence was left out is looked at again after this. */
const RETRY_PRESENCE_MS = 500;

/** An update in its frame, and whose it is: they have it already. */
export type Told = { readonly frame: Uint8Array; readonly from: Connection | null };

/** Takes a presence message about sockets of this node. */
export type Relay = (states: Uint8Array) => void;

type News = {
  readonly ids: readonly number[];
  /** Those who said it; they are not told their own. */
  readonly speakers: ReadonlySet<PresenceHolder | PresenceNode | null>;
  readonly all: Packet;
};

/** Everybody in a room: what they are told is framed once and written to each of them once. */
export class Audience {
  readonly connections = new Set<Connection>();
  readonly #presence: Presence;
  readonly #counters: SyncCounters;
  readonly #relay: Relay | null;
  readonly #nodes = new Map<string, PresenceNode>();
  #news = new Set<number>();
  /** News of sockets of this node, for the others. */
  #ownNews = new Set<number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param ownerOf the person a client id of the layer's document belongs to
   * @param relay carries presence to the other nodes; null where there are none
   */
  constructor(ownerOf: (clientId: number) => PersonId | undefined, counters: SyncCounters, relay: Relay | null = null) {
    this.#presence = new Presence(ownerOf);
    this.#counters = counters;
    this.#relay = relay;
  }

  /**
   * Tells updates, with the presence that waits for its tick, and lets some be told more in the same write.
   * @param answers what is sent to a socket after the updates of others
   */
  tell(updates: readonly Told[], answers: ReadonlyMap<Connection, () => void> = new Map()): void {
    const news = updates.length === 0 ? null : this.#takeNews();
    const frames = updates.map(({ frame }) => frame);
    const all = new Packet(news === null ? frames : [...frames, ...news.all.frames]);
    const apart = new Set<unknown>([...updates.map(({ from }) => from), ...answers.keys(), ...(news?.speakers ?? [])]);
    for (const connection of this.connections) {
      const plain = !apart.has(connection) && (news === null || connection.takesPresence);
      if (!plain) this.#tellApart(connection, { updates, news, answer: answers.get(connection) });
      else if (connection.joined && updates.length > 0) connection.sendPacket(all);
    }
  }

  /** Takes a presence message. @throws AppError where it cannot be read or is too large */
  presence(connection: Connection, bytes: Uint8Array): void {
    this.#counters.add("presence_in");
    this.#announceOwn(this.#presence.receive(connection, bytes));
  }

  /** Tells one who is here. */
  tellPresent(connection: Connection): void {
    const everybody = this.#presence.everybody();
    if (everybody.length > 0) connection.sendPresence(this.#packet(everybody));
  }

  left(connection: Connection): void {
    this.connections.delete(connection);
    this.#announceOwn(this.#presence.leave(connection));
    if (this.connections.size === 0) this.#stop();
  }

  /** Takes what another node says of its people; nobody here means nobody to tell. @throws AppError */
  presenceOf(nodeId: string, states: Uint8Array): void {
    if (this.connections.size === 0) return;
    const node = this.#nodes.get(nodeId) ?? { nodeId };
    this.#nodes.set(nodeId, node);
    this.#announce(this.#presence.receiveFrom(node, states));
  }

  /** A node is not heard of any more; its people come back over another one. */
  nodeLeft(nodeId: string): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    this.#nodes.delete(nodeId);
    this.#announce(this.#presence.leave(node));
  }

  /** Tells the other nodes of everybody who is at a socket of this one. */
  relayAll(): void {
    if (this.connections.size > 0) this.#relayStates(this.#presence.own());
  }

  #announceOwn(ids: readonly number[]): void {
    for (const id of ids) this.#ownNews.add(id);
    this.#announce(ids);
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
    // What the last one said, and that it left, is for the other nodes; what those say is not followed any more.
    this.#relayNews();
    for (const node of this.#nodes.values()) this.#presence.leave(node);
    this.#nodes.clear();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#news.clear();
  }

  /** One message for each socket: everything new, save what it said itself. */
  #tellNews(): void {
    const news = this.#takeNews();
    for (const connection of this.connections) {
      if (!connection.joined) continue;
      const plain = news !== null && !news.speakers.has(connection) && connection.takesPresence;
      if (plain) connection.sendPresence(news.all);
      else this.#tellOwn(connection, news?.ids ?? []);
    }
  }

  /** Tells one who is not told the same as all others. */
  #tellApart(
    connection: Connection,
    { updates, news, answer }: { updates: readonly Told[]; news: News | null; answer: (() => void) | undefined },
  ): void {
    connection.together(() => {
      if (connection.joined) {
        for (const { frame, from } of updates) if (from !== connection) connection.send(frame);
        if (news) this.#tellOwn(connection, news.ids);
      }
      answer?.();
    });
  }

  /** What there is to tell, which then counts as told; null where that is nothing. */
  #takeNews(): News | null {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const ids = [...this.#news];
    this.#news.clear();
    if (ids.length === 0) return null;
    this.#toldAt = performance.now();
    this.#counters.add("presence_ticks");
    this.#relayNews();
    return { ids, speakers: new Set(ids.map((id) => this.#presence.holderOf(id))), all: this.#packet(ids) };
  }

  #relayNews(): void {
    this.#relayStates([...this.#ownNews]);
    this.#ownNews.clear();
  }

  #relayStates(ids: readonly number[]): void {
    if (ids.length > 0) this.#relay?.(this.#presence.encode(ids));
  }

  /** Tells a socket what others said; everything where it missed some. */
  #tellOwn(connection: Connection, news: readonly number[]): void {
    const ids = connection.missedPresence ? new Set([...this.#presence.everybody(), ...news]) : news;
    const others = [...ids].filter((id) => this.#presence.holderOf(id) !== connection);
    if (others.length === 0) connection.missedPresence = false;
    else if (!connection.sendPresence(this.#packet(others))) this.#later(RETRY_PRESENCE_MS);
  }

  #packet(ids: readonly number[]): Packet {
    return new Packet([presenceFrame(this.#presence.encode(ids))]);
  }
}
