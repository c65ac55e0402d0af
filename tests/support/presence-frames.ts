import * as decoding from "lib0/decoding";

const PRESENCE = 1;

export type Seen = { readonly clock: number; readonly state: Readonly<Record<string, unknown>> | null };

/** What a socket was told last about each client id. */
export function presenceIn(frames: readonly Uint8Array[]): Map<number, Seen> {
  const seen = new Map<number, Seen>();
  for (const frame of frames) {
    if (frame[0] !== PRESENCE) continue;
    const decoder = decoding.createDecoder(statesIn(frame));
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const [id, clock] = [decoding.readVarUint(decoder), decoding.readVarUint(decoder)];
      seen.set(id, { clock, state: JSON.parse(decoding.readVarString(decoder)) });
    }
  }
  return seen;
}

/** The states of a presence message, as they are without the frame. */
export function statesIn(frame: Uint8Array): Uint8Array {
  const decoder = decoding.createDecoder(frame);
  decoding.readVarUint(decoder);
  return decoding.readVarUint8Array(decoder);
}
