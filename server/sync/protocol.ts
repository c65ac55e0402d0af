import * as decoding from "lib0/decoding";
import { AppError, type ErrorCode } from "#server/errors.ts";
import { messageBytes, messageText } from "./message-bytes.ts";

/** A frame holds one message; larger ones end the socket. */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024;

const SYNC = 0;
const PRESENCE = 1;
const AUTH = 2;
const PRESENCE_QUERY = 3;
/** Ours: "I have made n changes"; the same message comes back when everything before it on that socket is durable. */
const MARK = 101;
/** Ours: what the person may do here now, and why not more. */
const STANDING = 102;
/** Ours: the epoch of the document that this socket is about to get. */
const EPOCH = 103;
/** Ours: an update that was made on the document of an epoch that is over. */
const LATE = 104;
/** Ours: an update in packed form, deflated; for who has said that it can unpack one. */
const PACKED = 105;

const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

export type ClientMessage =
  | { readonly type: "step-1"; readonly vector: Uint8Array }
  | { readonly type: "update"; readonly bytes: Uint8Array; readonly step2: boolean }
  /** A view of the frame: to be read at once. */
  | { readonly type: "presence"; readonly bytes: Uint8Array }
  | { readonly type: "presence-query" }
  | { readonly type: "mark"; readonly count: number }
  | { readonly type: "late"; readonly epoch: number; readonly bytes: Uint8Array }
  | { readonly type: "ignored" };

export type LateMessage = Extract<ClientMessage, { type: "late" }>;

export type Standing = {
  readonly write: boolean;
  readonly code: ErrorCode | null;
  /** The value that the code is about. */
  readonly detail?: Readonly<Record<string, number>>;
};

/**
 * One message of the y-websocket protocol, or one of ours; what is in it are copies, save presence.
 * @param frame no Buffer, whose slices are views
 * @throws AppError `frame-malformed`
 */
export function readMessage(frame: Uint8Array): ClientMessage {
  const decoder = decoding.createDecoder(frame);
  try {
    const message = readBody(decoder);
    if (decoder.pos !== frame.length) throw new RangeError(`${frame.length - decoder.pos} bytes left over`);
    return message;
  } catch (error) {
    throw new AppError("frame-malformed", { bytes: frame.length }, error);
  }
}

function readBody(decoder: decoding.Decoder): ClientMessage {
  const type = decoding.readVarUint(decoder);
  switch (type) {
    case SYNC:
      return readSync(decoder);
    case PRESENCE:
      return { type: "presence", bytes: viewBytes(decoder) };
    case PRESENCE_QUERY:
      return { type: "presence-query" };
    case MARK:
      return { type: "mark", count: decoding.readVarUint(decoder) };
    case LATE:
      return { type: "late", epoch: decoding.readVarUint(decoder), bytes: readBytes(decoder) };
    case AUTH:
      decoder.pos = decoder.arr.length;
      return { type: "ignored" };
    default:
      throw new RangeError(`message type ${type}`);
  }
}

function readSync(decoder: decoding.Decoder): ClientMessage {
  const step = decoding.readVarUint(decoder);
  if (step === STEP_1) return { type: "step-1", vector: readBytes(decoder) };
  if (step === STEP_2 || step === UPDATE) return { type: "update", bytes: readBytes(decoder), step2: step === STEP_2 };
  throw new RangeError(`sync step ${step}`);
}

/** Memory of their own: lib0 reads lengths against the memory, not against a view of it. */
function readBytes(decoder: decoding.Decoder): Uint8Array {
  return viewBytes(decoder).slice();
}

function viewBytes(decoder: decoding.Decoder): Uint8Array {
  const length = decoding.readVarUint(decoder);
  const end = decoder.pos + length;
  if (end > decoder.arr.length) throw new RangeError(`${length} bytes announced`);
  const bytes = decoder.arr.subarray(decoder.pos, end);
  decoder.pos = end;
  return bytes;
}

/** Asks the other side for what lies beyond this state vector. */
export function step1Frame(vector: Uint8Array): Uint8Array {
  return syncFrame(STEP_1, vector);
}

/** Answers step 1; with it the other side is synced. */
export function step2Frame(update: Uint8Array): Uint8Array {
  return syncFrame(STEP_2, update);
}

export function updateFrame(update: Uint8Array): Uint8Array {
  return syncFrame(UPDATE, update);
}

/** @param update in pieces that follow each other */
export function presenceFrame(...update: readonly Uint8Array[]): Uint8Array {
  const length = update.reduce((sum, piece) => sum + piece.length, 0);
  return messageBytes([PRESENCE, length], update);
}

/** Presence of nobody: a message that changes nothing and tells the client that the line is alive. */
export const HEARTBEAT_FRAME: Uint8Array = Uint8Array.of(PRESENCE, 1, 0);

export function packedFrame(packed: Uint8Array): Uint8Array {
  return messageBytes([PACKED], [packed], true);
}

export function markFrame(count: number): Uint8Array {
  return messageBytes([MARK, count]);
}

export function standingFrame(standing: Standing): Uint8Array {
  return messageText([STANDING], JSON.stringify(standing));
}

export function epochFrame(epoch: number): Uint8Array {
  return messageBytes([EPOCH, epoch]);
}

export function lateFrame({ epoch, bytes }: Omit<LateMessage, "type">): Uint8Array {
  return messageBytes([LATE, epoch, bytes.length], [bytes]);
}

/** Copies the payload once: it may be a whole document, and is kept for who joins. */
function syncFrame(step: number, payload: Uint8Array): Uint8Array {
  return messageBytes([SYNC, step, payload.length], [payload], true);
}
