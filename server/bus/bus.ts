import { z } from "zod";
import { layerId } from "#domain/ids.ts";

const message = z.discriminatedUnion("kind", [
  /** The log of a layer has come this far. */
  z.object({ kind: z.literal("appended"), layerId, lastSeq: z.int().min(0), epoch: z.int().min(1) }),
  /** What people at sockets of the sender say about themselves; a presence message of the wire, in base64. */
  z.object({ kind: z.literal("presence"), layerId, states: z.base64() }),
  /** Whoever has people in this layer says so again; in any layer where it is null. */
  z.object({ kind: z.literal("who"), layerId: layerId.nullable() }),
  /** Somebody tried to sign in; what slows down guessing counts it on every node. */
  z.object({
    kind: z.literal("sign-in"),
    email: z.string().max(200),
    address: z.string().max(64),
    succeeded: z.boolean(),
  }),
  /** There are new signals in the database. */
  z.object({ kind: z.literal("signals") }),
  /** The sender is alive. */
  z.object({ kind: z.literal("alive") }),
  /** The sender stops, and with it everybody who is there. */
  z.object({ kind: z.literal("gone") }),
]);

/** What nodes tell each other. Each of these may be lost, doubled or late: what counts is in the database. */
export type BusMessage = z.infer<typeof message>;

export type BusListener = {
  heard(from: string, message: BusMessage): void;
  /** Messages may have been lost until now. */
  returned(): void;
};

/** The line between nodes. It only wakes, and carries what is worthless a moment later. */
export type Bus = {
  /** This node's own name, another one at every start. */
  readonly nodeId: string;
  /** False while what is sent is lost. */
  readonly connected: boolean;
  /** Never throws; nobody learns whether it arrived. */
  send(message: BusMessage): void;
  /** Hears what other nodes send, never what this one does. @returns its end */
  listen(listener: BusListener): () => void;
  close(): Promise<void>;
};

const envelope = z.object({ from: z.string().min(1).max(64), message });

export function encodeBusMessage(from: string, sent: BusMessage): string {
  return JSON.stringify({ from, message: sent });
}

/** @returns null for what is none of ours */
export function decodeBusMessage(text: string): { readonly from: string; readonly message: BusMessage } | null {
  try {
    return envelope.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
