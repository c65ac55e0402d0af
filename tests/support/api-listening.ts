import * as decoding from "lib0/decoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { LayerDoc } from "#domain/layer-doc.ts";
import { markFrame, step1Frame, step2Frame } from "#server/sync/protocol.ts";
import type { ApiWorld } from "./api-world.ts";
import { until } from "./fake-socket.ts";

/** An open stream of a project's events, of a page of that age, and every byte that came over it. */
export type Listening = { text(): string; readonly ended: boolean; leave(): void };

export async function listening(
  w: Pick<ApiWorld, "base">,
  project: string,
  headers: Readonly<Record<string, string>>,
  ageMs?: number,
): Promise<Listening> {
  const abort = new AbortController();
  const query = ageMs === undefined ? "" : `?age=${ageMs}`;
  const response = await fetch(`${w.base}/api/v1/projects/${project}/events${query}`, {
    headers,
    signal: abort.signal,
  });
  if (!response.ok || response.body === null) throw new Error(`no stream: ${response.status}`);
  const state = { text: "", ended: false };
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) state.text += decoder.decode(chunk, { stream: true });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    state.ended = true;
  };
  void read(response.body);
  await until(() => state.text.includes("welcome"), "the stream's first bytes");
  return {
    text: () => state.text,
    get ended() {
      return state.ended;
    },
    leave: () => abort.abort(),
  };
}

/** A socket in a layer's room, and every byte that came over it. */
export type Joined = {
  readonly frames: Uint8Array[];
  readonly layer: LayerDoc;
  readonly standing: { readonly write: boolean; readonly code: string | null } | null;
  readonly closed: { readonly code: number; readonly reason: string } | null;
  send(frame: Uint8Array): void;
  leave(): void;
};

/** Joins a room as a browser or program with these headers would; resolves when it is synced or refused. */
export async function joined(
  w: Pick<ApiWorld, "base">,
  layerId: string,
  headers: Readonly<Record<string, string>>,
): Promise<Joined> {
  const ws = new WebSocket(`${w.base.replace("http", "ws")}/sync/${layerId}`, { headers: { ...headers } });
  const layer = new LayerDoc(new Y.Doc());
  const frames: Uint8Array[] = [];
  let [synced, standing, closed] = [false, null as Joined["standing"], null as Joined["closed"]];
  ws.on("open", () => {
    // A mark tells that this client knows our own messages.
    ws.send(markFrame(0));
    ws.send(step1Frame(Y.encodeStateVector(layer.doc)));
  });
  ws.on("error", () => ws.terminate());
  ws.on("close", (code, reason) => {
    closed ??= { code, reason: reason.toString() };
  });
  ws.on("message", (data: Buffer) => {
    const frame = new Uint8Array(data);
    frames.push(frame);
    const decoder = decoding.createDecoder(frame);
    const type = decoding.readVarUint(decoder);
    if (type === 102) standing = JSON.parse(decoding.readVarString(decoder));
    if (type !== 0) return;
    const step = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (step === 0) ws.send(step2Frame(Y.encodeStateAsUpdate(layer.doc, payload)));
    else Y.applyUpdate(layer.doc, payload);
    synced ||= step === 1;
  });
  await until(() => synced || closed !== null, "synced or refused");
  return {
    frames,
    layer,
    get standing() {
      return standing;
    },
    get closed() {
      return closed;
    },
    send: (frame) => ws.send(frame),
    leave: () => ws.terminate(),
  };
}
