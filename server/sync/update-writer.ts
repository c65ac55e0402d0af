import * as encoding from "lib0/encoding";
import type { DeleteRange, Root } from "./update-reader.ts";

/** A map entry as an update holds it. */
export type Struct = {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
  /** The item that it replaces; null where it is the first that its author knew of. */
  readonly origin: { readonly client: number; readonly clock: number } | null;
  readonly root: Root;
  readonly key: string;
  /** Null for what was deleted before it was sent. */
  readonly value: Uint8Array | null;
};

const CONTENT_DELETED = 1;
const CONTENT_BINARY = 3;
const HAS_ORIGIN = 128;
const HAS_KEY = 32;

/**
 * Writes an update, format 1, of exactly these structs and deletions, so that what is stored and told is what was
 * checked. @param structs those of one client id in the order of their clocks
 */
export function writeUpdate(structs: readonly Struct[], deletes: readonly DeleteRange[]): Uint8Array {
  const encoder = encoding.createEncoder();
  const runs = grouped(structs);
  encoding.writeVarUint(encoder, runs.size);
  for (const [client, run] of runs) {
    encoding.writeVarUint(encoder, run.length);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, run[0]?.clock ?? 0);
    for (const struct of run) writeStruct(encoder, struct);
  }
  const sets = grouped(deletes);
  encoding.writeVarUint(encoder, sets.size);
  for (const [client, ranges] of sets) {
    const joined = join(ranges);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, joined.length);
    for (const { clock, length } of joined) {
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarUint(encoder, length);
    }
  }
  return encoding.toUint8Array(encoder);
}

function writeStruct(encoder: encoding.Encoder, { origin, root, key, value, length }: Struct): void {
  const content = value === null ? CONTENT_DELETED : CONTENT_BINARY;
  encoding.writeUint8(encoder, content | (origin === null ? 0 : HAS_ORIGIN) | HAS_KEY);
  if (origin === null) {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarString(encoder, root);
    encoding.writeVarString(encoder, key);
  } else {
    encoding.writeVarUint(encoder, origin.client);
    encoding.writeVarUint(encoder, origin.clock);
  }
  if (value === null) encoding.writeVarUint(encoder, length);
  else encoding.writeVarUint8Array(encoder, value);
}

/** By client id, larger ones first, as Yjs orders them. */
function grouped<Part extends { readonly client: number }>(parts: readonly Part[]): Map<number, Part[]> {
  const groups = new Map<number, Part[]>();
  for (const part of parts) {
    const group = groups.get(part.client);
    if (group) group.push(part);
    else groups.set(part.client, [part]);
  }
  return new Map([...groups].sort(([a], [b]) => b - a));
}

function join(ranges: readonly DeleteRange[]): DeleteRange[] {
  const joined: DeleteRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.clock - b.clock)) {
    const last = joined.at(-1);
    if (last === undefined || range.clock > last.clock + last.length) joined.push(range);
    else {
      const end = Math.max(last.clock + last.length, range.clock + range.length);
      joined[joined.length - 1] = { ...last, length: end - last.clock };
    }
  }
  return joined;
}
