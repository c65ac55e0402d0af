import { inflateRawSync } from "node:zlib";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { unpackUpdate } from "#domain/packed-update.ts";

export type Incoming =
  | { readonly kind: "step-1"; readonly vector: Uint8Array }
  | { readonly kind: "document"; readonly bytes: Uint8Array; readonly step2: boolean }
  | { readonly kind: "packed"; readonly bytes: Uint8Array }
  | { readonly kind: "presence"; readonly bytes: Uint8Array }
  | { readonly kind: "admitted" }
  /** Our changes up to this number are said to be in; null: one more of them is. */
  | { readonly kind: "told"; readonly upTo: number | null }
  | { readonly kind: "other" };

/** How a server's frames are made and read. */
export type Wire = {
  /** To be sent first, and answered by `admitted`; null where a socket that opens is in. */
  readonly hello: Uint8Array | null;
  step1(vector: Uint8Array): Uint8Array;
  step2(update: Uint8Array): Uint8Array;
  update(update: Uint8Array): Uint8Array;
  presence(update: Uint8Array): Uint8Array;
  /** "I have made n changes", where the server answers that. */
  mark(count: number): Uint8Array | null;
  read(frame: Uint8Array): Incoming;
};

const SYNC = 0;
const PRESENCE = 1;
const AUTH = 2;
/** Hocuspocus: a step 1 that expects no step 1 in return. */
const SYNC_REPLY = 4;
/** Hocuspocus: an update of ours was applied, in memory. */
const SYNC_STATUS = 8;
/** Concord: everything before this on the socket is durable. */
const MARK = 101;
/** Concord: a document in packed form, for who has asked for that in the address. */
const PACKED = 105;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;
const AUTHENTICATED = 2;

/** The update that a packed document holds. */
export function unpacked(packed: Uint8Array): Uint8Array {
  return unpackUpdate(inflateRawSync(packed));
}

/** y-websocket's protocol, with Concord's marks where `marks` says so. */
export function plainWire({ marks }: { readonly marks: boolean }): Wire {
  return wireOf({ prefix: () => undefined, skip: () => undefined, hello: null, marks });
}

/** Hocuspocus: every message names its document, and a token comes first. */
export function namedWire(name: string): Wire {
  const prefix = (encoder: encoding.Encoder) => encoding.writeVarString(encoder, name);
  const hello = frame((encoder) => {
    prefix(encoder);
    encoding.writeVarUint(encoder, AUTH);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarString(encoder, "token");
    encoding.writeVarString(encoder, "4.7.0");
  });
  return wireOf({ prefix, skip: (decoder) => void decoding.readVarString(decoder), hello, marks: false });
}

type Dialect = {
  readonly prefix: (encoder: encoding.Encoder) => void;
  readonly skip: (decoder: decoding.Decoder) => void;
  readonly hello: Uint8Array | null;
  readonly marks: boolean;
};

function wireOf({ prefix, skip, hello, marks }: Dialect): Wire {
  const message = (type: number, write: (encoder: encoding.Encoder) => void): Uint8Array =>
    frame((encoder) => {
      prefix(encoder);
      encoding.writeVarUint(encoder, type);
      write(encoder);
    });
  const sync = (step: number, payload: Uint8Array): Uint8Array =>
    message(SYNC, (encoder) => {
      encoding.writeVarUint(encoder, step);
      encoding.writeVarUint8Array(encoder, payload);
    });
  return {
    hello,
    step1: (vector) => sync(STEP_1, vector),
    step2: (update) => sync(STEP_2, update),
    update: (update) => sync(UPDATE, update),
    presence: (update) => message(PRESENCE, (encoder) => encoding.writeVarUint8Array(encoder, update)),
    mark: (count) => (marks ? message(MARK, (encoder) => encoding.writeVarUint(encoder, count)) : null),
    read(bytes) {
      const decoder = decoding.createDecoder(bytes);
      skip(decoder);
      return readBody(decoder);
    },
  };
}

function readBody(decoder: decoding.Decoder): Incoming {
  const type = decoding.readVarUint(decoder);
  switch (type) {
    case SYNC:
    case SYNC_REPLY:
      return readSync(decoder);
    case PRESENCE:
      return { kind: "presence", bytes: decoding.readVarUint8Array(decoder) };
    case AUTH:
      return decoding.readVarUint(decoder) === AUTHENTICATED ? { kind: "admitted" } : { kind: "other" };
    case SYNC_STATUS:
      return { kind: "told", upTo: null };
    case PACKED:
      return { kind: "packed", bytes: decoder.arr.subarray(decoder.pos) };
    case MARK:
      return { kind: "told", upTo: decoding.readVarUint(decoder) };
    default:
      return { kind: "other" };
  }
}

function readSync(decoder: decoding.Decoder): Incoming {
  const step = decoding.readVarUint(decoder);
  const bytes = decoding.readVarUint8Array(decoder);
  return step === STEP_1 ? { kind: "step-1", vector: bytes } : { kind: "document", bytes, step2: step === STEP_2 };
}

function frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

/** Presence of one client, as y-protocols writes it. */
export function presenceUpdate(clientId: number, clock: number, state: unknown): Uint8Array {
  return frame((encoder) => {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, JSON.stringify(state));
  });
}

/** The client id and clock of the first state in a presence update; null of an empty one. */
export function firstPresence(update: Uint8Array): { readonly clientId: number; readonly clock: number } | null {
  const decoder = decoding.createDecoder(update);
  if (decoding.readVarUint(decoder) === 0) return null;
  return { clientId: decoding.readVarUint(decoder), clock: decoding.readVarUint(decoder) };
}
