import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Bbox } from "#domain/annotation.ts";
import { type ChildEntry, startChild } from "./child.ts";
import { type DecodingReply, type DecodingRequest, decodingReplySchema } from "./decoding.ts";
import { SlideError, type TileBytes } from "./slide-source.ts";

/** Pixels of a foreign file, decoded in a process that may fall over without harm. */
export type Decoder = {
  /** @throws SlideError */
  tile(place: SlideFile, level: number, column: number, row: number): Promise<TileBytes>;
  /** @throws SlideError */
  region(place: SlideFile, box: Bbox, maxPx: number): Promise<TileBytes>;
  forget(path: string): void;
  close(): Promise<void>;
};

export type SlideFile = { readonly path: string; readonly sidecar: string | null };

const ENTRY: ChildEntry = { source: "./decode-child.ts", bundle: "./decode-child.mjs" };
/** A single tile that takes longer never comes, ms. */
const TIMEOUT_MS = 60_000;

type PixelRequest = Exclude<DecodingRequest, { readonly kind: "forget" }>;
type Waiting = {
  readonly request: PixelRequest;
  readonly resolve: (tile: TileBytes) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  /** A request that was in a process as it fell is tried once more, in case another one felled it. */
  tries: number;
};

/** Starts its process with the first request. */
export function openDecoder(timeoutMs: number = TIMEOUT_MS): Decoder {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | null = null;
  let lastId = 0;

  const fallen = (gone: ChildProcess): void => {
    if (child !== gone) return;
    child = null;
    for (const [id, each] of waiting) {
      if (each.tries < 2) send(each);
      else settle(id)?.reject(new SlideError("slide-tile-damaged", "the decoder gave up on it"));
    }
  };
  const start = (): ChildProcess => {
    const started = startChild(ENTRY);
    started.on("message", (message) => receive(settle, decodingReplySchema.parse(message)));
    started.once("exit", () => fallen(started));
    started.once("error", () => fallen(started));
    // The decoder must not keep a process alive that has nothing else to do.
    started.unref();
    started.channel?.unref();
    return started;
  };
  const send = (each: Waiting): void => {
    each.tries++;
    child ??= start();
    child.send(each.request, () => undefined);
  };
  const settle = (id: number): Waiting | undefined => {
    const each = waiting.get(id);
    if (each !== undefined) clearTimeout(each.timer);
    waiting.delete(id);
    return each;
  };
  const ask = (make: (id: number) => PixelRequest): Promise<TileBytes> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const timer = setTimeout(() => {
        settle(id)?.reject(new SlideError("slide-tile-damaged", "decoding it takes longer than is allowed"));
        child?.kill("SIGKILL");
      }, timeoutMs);
      const each: Waiting = { request: make(id), resolve, reject, timer, tries: 0 };
      waiting.set(id, each);
      send(each);
    });
  return {
    tile: (place, level, column, row) => ask((id) => ({ kind: "tile", id, ...place, level, column, row })),
    region: (place, box, maxPx) => ask((id) => ({ kind: "region", id, ...place, box, maxPx })),
    forget(path) {
      child?.send({ kind: "forget", path }, () => undefined);
    },
    async close() {
      const gone = child;
      child = null;
      for (const id of waiting.keys()) settle(id)?.reject(new Error("the decoder is closed"));
      if (gone === null || gone.exitCode !== null || gone.signalCode !== null) return;
      const exit = once(gone, "exit");
      gone.ref();
      gone.kill("SIGKILL");
      await exit;
    },
  };
}

function receive(settle: (id: number) => Waiting | undefined, reply: DecodingReply): void {
  const each = settle(reply.id);
  if (each === undefined) return;
  if (reply.ok) each.resolve({ bytes: reply.bytes, contentType: reply.contentType });
  else if (reply.code === null) each.reject(new Error(reply.problem));
  else each.reject(new SlideError(reply.code, reply.problem, reply.detail));
}
