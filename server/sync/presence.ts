import { isUtf8 } from "node:buffer";
import * as decoding from "lib0/decoding";
import { type PersonId, personId } from "#domain/ids.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "./access.ts";
import { messageBytes, messageText } from "./message-bytes.ts";

export const MAX_STATE_BYTES = 4 * 1024;
/** A tab has one; two leave room for a page that reopens its document. */
const MAX_IDS_PER_SOCKET = 2;
/** A stock client sends back everybody's state that it received; more people than this are not in one room. */
const MAX_ENTRIES = 1_000;
const MAX_DEPARTED = 1_000;

/** A node adds who is signed in to the state that a browser sent. */
const MAX_NODE_STATE_BYTES = 2 * MAX_STATE_BYTES;

/** One socket, as presence knows it. */
export type PresenceHolder = { readonly caller: Caller };
/** Another node, which speaks for the sockets that it has and vouches for their people. */
export type PresenceNode = { readonly nodeId: string };
type Holder = PresenceHolder | PresenceNode;

type State = Readonly<Record<string, unknown>>;
type Entry = { readonly id: number; readonly clock: number; readonly state: State | null };
type Known = {
  readonly personId: PersonId;
  holder: Holder | null;
  clock: number;
  text: string | null;
  /** Clock and text as they go out; null where that was not needed yet. */
  entry: Uint8Array | null;
};

/**
 * Who is in a room and where they look. A state counts only under a Yjs client id of its own socket, and the person in
 * it is always the one who signed in: what the browser says about that is overwritten.
 */
export class Presence {
  readonly #known = new Map<number, Known>();
  readonly #ownerOf: (clientId: number) => PersonId | undefined;

  /** @param ownerOf the person a client id of the layer's document belongs to */
  constructor(ownerOf: (clientId: number) => PersonId | undefined) {
    this.#ownerOf = ownerOf;
  }

  /**
   * Takes a presence message of a socket.
   * @returns client ids of which there is news
   * @throws AppError where it cannot be read or is too large
   */
  receive(holder: PresenceHolder, bytes: Uint8Array): number[] {
    return readEntries(bytes)
      .filter((entry) => this.#accept(holder, entry))
      .map((entry) => entry.id);
  }

  /**
   * Takes what another node says of people at its own sockets.
   * @returns client ids of which there is news
   * @throws AppError where it cannot be read
   */
  receiveFrom(node: PresenceNode, bytes: Uint8Array): number[] {
    return readEntries(bytes, MAX_NODE_STATE_BYTES)
      .filter((entry) => this.#acceptFrom(node, entry))
      .map((entry) => entry.id);
  }

  /** Client ids of everybody who is here. */
  everybody(): number[] {
    return [...this.#known].filter(([, known]) => known.text !== null).map(([id]) => id);
  }

  /** Client ids of those who are here at a socket of this node. */
  own(): number[] {
    return this.everybody().filter((id) => !isNode(this.#known.get(id)?.holder ?? null));
  }

  /** Forgets a socket, or a node, that has gone. @returns client ids of which that is news */
  leave(holder: Holder): number[] {
    const ids: number[] = [];
    for (const [id, known] of this.#known) {
      if (known.holder !== holder) continue;
      if (known.text !== null) ids.push(id);
      known.holder = null;
      known.text = null;
      known.entry = null;
    }
    this.#forgetDeparted();
    return ids;
  }

  /** The socket or node that speaks for a client id; null where it has gone. */
  holderOf(id: number): Holder | null {
    return this.#known.get(id)?.holder ?? null;
  }

  #accept(holder: PresenceHolder, { id, clock, state }: Entry): boolean {
    const { caller } = holder;
    const known = this.#known.get(id);
    if (known === undefined) {
      if (state === null || (this.#ownerOf(id) ?? caller.personId) !== caller.personId) return false;
      this.#checkIds(holder);
      this.#known.set(id, { personId: caller.personId, holder, clock, text: textOf(state, caller), entry: null });
      return true;
    }
    if (known.personId !== caller.personId || !isNewer(known, clock, state)) return false;
    if (known.holder !== holder) {
      // An echo of another tab has the clock that is known already; a newer one is the same tab over a new socket.
      if (state === null) return false;
      this.#checkIds(holder);
    }
    Object.assign(known, { holder, clock, text: state === null ? null : textOf(state, caller), entry: null });
    return true;
  }

  #acceptFrom(node: PresenceNode, { id, clock, state }: Entry): boolean {
    const known = this.#known.get(id);
    if (state === null) {
      if (known?.holder !== node) return false;
      Object.assign(known, { holder: null, text: null, entry: null });
      return true;
    }
    const owner = personIn(state);
    if (owner === null || (known !== undefined && !(known.personId === owner && isNewer(known, clock, state))))
      return false;
    this.#known.set(id, { personId: owner, holder: node, clock, text: JSON.stringify(state), entry: null });
    return true;
  }

  #checkIds(holder: PresenceHolder): void {
    let ids = 0;
    for (const known of this.#known.values()) if (known.holder === holder) ids += 1;
    if (ids >= MAX_IDS_PER_SOCKET) throw new AppError("update-refused", { presenceIds: ids + 1 });
  }

  #forgetDeparted(): void {
    let departed = 0;
    for (const known of this.#known.values()) if (known.holder === null) departed += 1;
    for (const [id, known] of this.#known) {
      if (departed <= MAX_DEPARTED) return;
      if (known.holder !== null) continue;
      this.#known.delete(id);
      departed -= 1;
    }
  }

  /** The newest state of these client ids, as a presence message holds it. */
  encode(ids: readonly number[]): Uint8Array {
    return messageBytes(
      [ids.length],
      ids.map((id) => this.#entry(id)),
    );
  }

  /** Written once, however many sockets it goes to in different company. */
  #entry(id: number): Uint8Array {
    const known = this.#known.get(id);
    if (known === undefined) return messageText([id, 0], "null");
    known.entry ??= messageText([id, known.clock], known.text ?? "null", true);
    return known.entry;
  }
}

function isNewer(known: Known, clock: number, state: State | null): boolean {
  return clock > known.clock || (clock === known.clock && state === null && known.text !== null);
}

function textOf(state: State, { personId, name, colour }: Caller): string {
  return JSON.stringify({ ...state, user: { id: personId, name, colour } });
}

function isNode(holder: Holder | null): boolean {
  return holder !== null && "nodeId" in holder;
}

/** The person whom a node vouches for. */
function personIn({ user }: State): PersonId | null {
  return typeof user === "object" && user !== null && "id" in user ? (personId.safeParse(user.id).data ?? null) : null;
}

function readEntries(bytes: Uint8Array, maxBytes = MAX_STATE_BYTES): Entry[] {
  try {
    const decoder = decoding.createDecoder(bytes);
    const count = decoding.readVarUint(decoder);
    if (count > MAX_ENTRIES) throw new RangeError(`${count} states`);
    const entries = Array.from({ length: count }, () => readEntry(decoder, maxBytes));
    if (decoding.hasContent(decoder)) throw new RangeError("bytes left over");
    return entries;
  } catch (error) {
    throw error instanceof AppError ? error : new AppError("frame-malformed", { presence: bytes.length }, error);
  }
}

function readEntry(decoder: decoding.Decoder, maxBytes: number): Entry {
  const id = decoding.readVarUint(decoder);
  const clock = decoding.readVarUint(decoder);
  const length = decoding.peekVarUint(decoder);
  if (length > decoder.arr.length - decoder.pos) throw new RangeError(`${length} bytes announced`);
  if (length > maxBytes + 256) throw new AppError("frame-too-large", { presence: length });
  const state: unknown = JSON.parse(readText(decoder));
  if (state !== null && (typeof state !== "object" || Array.isArray(state))) throw new TypeError("not a state");
  return { id, clock, state: state as State | null };
}

/** As lib0 reads it, and in a third of the time where it is short. */
function readText(decoder: decoding.Decoder): string {
  const { buffer, byteOffset, byteLength } = decoding.readVarUint8Array(decoder);
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  if (!isUtf8(bytes)) throw new TypeError("no UTF-8");
  return bytes.toString("utf8");
}
