import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import * as Y from "yjs";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, classId, idFromBytes, type PersonId } from "#domain/ids.ts";
import { ANNOTATIONS_ROOT, EDITS_ROOT, LayerDoc, MARKS_ROOT } from "#domain/layer-doc.ts";
import { normaliseAll, strokeArea, union } from "#domain/overlay.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { ItemIndex } from "#server/sync/item-index.ts";
import { Packet } from "#server/sync/packet.ts";
import { checkUpdate } from "#server/sync/update-check.ts";

const TUMOUR = classId.parse("tumour00");
const STROMA = classId.parse("stroma00");
const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
let packet = new Packet([]);

beforeAll(async () => {
  server.on("upgrade", (req, socket, head) => {
    sockets.handleUpgrade(req, socket, head, () => {
      for (const part of packet.wire) socket.write(part);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe("packet", () => {
  it("[ENG17] is read by a WebSocket client as the frames it was made of, of any length", async () => {
    const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 3, 300_000, 5];
    const frames = lengths.map((length) => new Uint8Array(length).fill(length % 251));
    packet = new Packet(frames);
    expect(packet.bytes).toBe(lengths.reduce((sum, length) => sum + length, 0));
    // Small ones are joined, large ones go as they are.
    expect(packet.wire.length).toBeLessThan(lengths.length);
    expect(packet.wire).toContain(frames[9]);
    const { port } = server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const received: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("message", (data: Buffer) => {
        received.push(new Uint8Array(data));
        if (received.length === frames.length) resolve();
      });
    });
    socket.terminate();
    expect(received).toEqual(frames);
  });
});

/** Two people who draw, change, delete and undo, and now and then send everything that the server might lack. */
class Sender {
  readonly doc = new Y.Doc();
  readonly layer = new LayerDoc(this.doc);
  readonly undo = this.layer.undoManager();
  updates: Uint8Array[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.doc.on("update", (update: Uint8Array, origin: unknown) => origin === "told" || this.updates.push(update));
  }

  act(): void {
    const known = [...this.layer.all()];
    const target = known[Math.floor(this.#random() * known.length)];
    const dice = this.#random();
    if (target === undefined || dice < 0.2) this.layer.put(this.#outline());
    else if (dice < 0.4) this.#brush(known[Math.floor(this.#random() * 3)] ?? target);
    else if (dice < 0.5) this.layer.put({ ...target, geometry: this.#outline().geometry });
    else if (dice < 0.65) this.layer.reclass(target.id, target.classId === TUMOUR ? STROMA : TUMOUR, 1);
    else if (dice < 0.8) this.layer.remove(target.id);
    else if (dice < 0.92) this.undo.undo();
    else this.undo.redo();
  }

  /** Adds to one of the first outlines, so that several people do so at once. */
  #brush({ id, geometry }: Annotation): void {
    const to = normaliseAll(union([geometry, this.#disc()]));
    if (to !== null) this.layer.reshape(id, { from: geometry, to, under: 1 });
  }

  #disc() {
    const at = () => 100 + Math.floor(this.#random() * 256);
    return strokeArea([[at(), at()]], 40);
  }

  #outline(): Annotation {
    const number = () => Math.floor(this.#random() * 256);
    const id = annotationId.parse(idFromBytes(Uint8Array.from({ length: 16 }, number)));
    return {
      id,
      classId: TUMOUR,
      geometry: normaliseAll(this.#disc()) ?? { type: "point", at: [number(), number()] },
      under: 1,
      attributes: {},
      note: "",
    };
  }
}

describe("check", () => {
  it("[ENG18] passes on exactly what is new: whoever gets it ends as whoever gets what was sent", () => {
    let [fresh, nothing, saved, edits] = [0, 0, 0, 0];
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed);
      const senders = [new Sender(random), new Sender(random), new Sender(random)];
      const index = new ItemIndex();
      const owners = new Map<number, PersonId>();
      const [told, sent] = [new Y.Doc(), new Y.Doc()];
      const take = (bytes: Uint8Array, who: number, step2: boolean) => {
        const personId = `person${who}` as PersonId;
        const verdict = checkUpdate(bytes, {
          index,
          personId,
          step2,
          ownerOf: (client) => owners.get(client),
          retired: () => false,
          mayChangeOthers: true,
          slide: { width: 1_000, height: 1_000 },
          guideline: { classIds: new Set([TUMOUR, STROMA]), latest: 1 },
        });
        if (verdict.kind === "gap") throw new Error("a gap");
        Y.applyUpdate(sent, bytes);
        if (verdict.kind === "nothing") {
          nothing += 1;
          return;
        }
        fresh += 1;
        saved += bytes.length - verdict.bytes.length;
        for (const client of verdict.newClients) owners.set(client, personId);
        index.apply(verdict.bytes);
        Y.applyUpdate(told, verdict.bytes);
        for (const [other, sender] of senders.entries()) {
          if (other !== who && random() < 0.7) Y.applyUpdate(sender.doc, verdict.bytes, "told");
        }
      };
      for (let step = 0; step < 60; step++) {
        const who = Math.floor(random() * senders.length);
        const sender = senders[who]!;
        const before = Y.encodeStateVector(sent);
        for (let acts = 1 + Math.floor(random() * 4); acts > 0; acts--) sender.act();
        const updates = sender.updates.splice(0);
        // A sender that missed something asks for all of it first, as one that comes back does.
        Y.applyUpdate(sender.doc, Y.encodeStateAsUpdate(told, Y.encodeStateVector(sender.doc)), "told");
        if (random() < 0.3) take(Y.encodeStateAsUpdate(sender.doc, before), who, true);
        // What was in the step 2 already comes once more; what was drawn and deleted meanwhile came there as dead.
        for (const update of updates) take(update, who, false);
      }
      expect(Y.encodeStateVector(told)).toEqual(Y.encodeStateVector(sent));
      for (const root of [ANNOTATIONS_ROOT, MARKS_ROOT, EDITS_ROOT] as const) {
        const [a, b] = [told.getMap(root), sent.getMap(root)];
        expect(a.toJSON()).toEqual(b.toJSON());
        for (const [key, value] of b) expect(index.value(root, key)).toEqual(value);
      }
      edits += told.getMap(EDITS_ROOT)._map.size;
    }
    expect(fresh).toBeGreaterThan(1_000);
    expect(nothing).toBeGreaterThan(100);
    expect(saved).toBeGreaterThan(0);
    expect(edits).toBeGreaterThan(100);
  });
});
