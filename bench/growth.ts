import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Y from "yjs";
import type { AnnotationId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { renewDocument } from "#server/sync/renewal.ts";
import { aPersonId } from "#tests/support/builders.ts";
import { UpdatesFile } from "./growth/updates-file.ts";
import { measuredIn } from "./support/heap-child.ts";
import type { Options, Size } from "./support/options.ts";
import { type Cell, show, table } from "./support/table.ts";
import { CLASSES, outline } from "./sync/workload.ts";

const SIZES: Readonly<Record<Size, { readonly annotations: number; readonly rounds: number }>> = {
  tiny: { annotations: 100, rounds: 3 },
  quick: { annotations: 10_000, rounds: 10 },
  medium: { annotations: 10_000, rounds: 10 },
  full: { annotations: 100_000, rounds: 10 },
};
const AUTHORS = 10;
const HOLDER = join(import.meta.dirname, "growth", "holder.ts");
const MB = 1_000_000;

type State = { readonly name: string; readonly path: string; readonly bytes: number };
type Page = {
  readonly cpuMs: number;
  readonly bytes: number;
  readonly structs: number;
  readonly annotations: number;
  readonly hash: string;
};
type Room = Pick<Page, "cpuMs" | "bytes" | "structs">;
type Measured = State & { readonly page: Page; readonly room: Room };

/** A layer whose every annotation is edited again and again: what a page and a room hold of it, and what bounds it. */
export async function benchGrowth({ seed, size }: Options, say: (line: string) => void): Promise<string> {
  const { annotations, rounds } = SIZES[size];
  const folder = mkdtempSync(join(tmpdir(), "concord-growth-"));
  try {
    say(`growth: ${annotations} annotations, each edited ${rounds} times`);
    const { states, renewMs } = grow(folder, seededRandom(seed), { annotations, rounds });
    const measured: Measured[] = [];
    for (const state of states) {
      say(`growth: ${state.name}`);
      const page = await measuredIn<Page>(HOLDER, ["page", state.path]);
      measured.push({ ...state, page, room: await measuredIn<Room>(HOLDER, ["room", state.path]) });
    }
    checkAnswers(measured, annotations);
    return sectionOf(measured, { annotations, rounds, renewMs });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Half of the edits change the shape, half the class; each by another session than the one before. */
function grow(
  folder: string,
  random: Random,
  { annotations, rounds }: { readonly annotations: number; readonly rounds: number },
): { readonly states: readonly State[]; readonly renewMs: number } {
  const layer = new LayerDoc(new Y.Doc());
  const clients = Array.from({ length: AUTHORS }, () => Math.floor(random() * 2 ** 31) + 1);
  const log = new UpdatesFile(join(folder, "log"));
  layer.doc.on("update", (update: Uint8Array) => log.add(update));
  const as = (turn: number) => {
    layer.doc.clientID = clients[turn % AUTHORS] ?? 1;
  };
  const ids = Array.from({ length: annotations }, (_, at) => `outline${String(at).padStart(8, "0")}` as AnnotationId);
  for (const [at, id] of ids.entries()) {
    as(at);
    layer.put({ id, classId: CLASSES[0], geometry: outline(random), under: 1, attributes: {}, note: "" });
  }
  const states = [stateOf(folder, "drawn", [Y.encodeStateAsUpdate(layer.doc)])];
  for (let round = 0; round < rounds; round++) {
    for (const [at, id] of ids.entries()) {
      as(at + round + 1);
      edit(layer, id, (at + round) % 2 === 0, random);
    }
    if (round === 0) states.push(stateOf(folder, "when an epoch is due", [Y.encodeStateAsUpdate(layer.doc)]));
  }
  log.close();
  states.push({ name: "the log as it came", path: join(folder, "log"), bytes: log.bytes });
  const compacted = Y.encodeStateAsUpdate(layer.doc);
  states.push(stateOf(folder, "compacted", [compacted]));
  layer.doc.destroy();
  const started = process.cpuUsage();
  const owners = clients.map((client, at) => [client, aPersonId(`p${at}`)] as const);
  const pieces = { seq: 1, snapshot: compacted, updates: [] };
  const renewed = renewDocument({ pieces, owners, retired: [] });
  const { user, system } = process.cpuUsage(started);
  states.push(stateOf(folder, "begun anew", [renewed.bytes]));
  return { states, renewMs: (user + system) / 1_000 };
}

function edit(layer: LayerDoc, id: AnnotationId, shape: boolean, random: Random): void {
  const annotation = layer.get(id);
  if (annotation === null) throw new Error(`${id} is not there`);
  if (shape) layer.put({ ...annotation, geometry: outline(random) });
  else layer.reclass(id, annotation.classId === CLASSES[0] ? CLASSES[1] : CLASSES[0], 1);
}

function stateOf(folder: string, name: string, updates: readonly Uint8Array[]): State {
  const path = join(folder, name.replaceAll(" ", "-"));
  const file = new UpdatesFile(path);
  for (const update of updates) file.add(update);
  file.close();
  return { name, path, bytes: file.bytes };
}

/** @throws where a state lost or changed an annotation */
function checkAnswers(measured: readonly Measured[], annotations: number): void {
  for (const { name, page } of measured) {
    if (page.annotations !== annotations) throw new Error(`${name} has ${page.annotations} annotations`);
  }
  const after = measured.slice(2);
  if (new Set(after.map(({ page }) => page.hash)).size !== 1) throw new Error("states of one layer differ");
}

function sectionOf(
  measured: readonly Measured[],
  { annotations, rounds, renewMs }: { readonly annotations: number; readonly rounds: number; readonly renewMs: number },
): string {
  const rows = measured.map(({ name, bytes, page, room }): Cell[] => [
    name,
    bytes / MB,
    String(page.structs),
    page.cpuMs,
    page.bytes / MB,
    room.cpuMs,
    room.bytes / MB,
  ]);
  const head = [
    "state",
    "sent to who joins, MB",
    "entries in a page",
    "page: load, CPU ms",
    "page: heap, MB",
    "room: wake, CPU ms",
    "room: memory, MB",
  ];
  const [compacted, anew] = [measured.at(-2), measured.at(-1)];
  const dead = (compacted?.page.structs ?? 0) - annotations;
  const perDead = ((compacted?.page.bytes ?? 0) - (anew?.page.bytes ?? 0)) / Math.max(1, dead);
  const msPerDead = ((compacted?.page.cpuMs ?? 0) - (anew?.page.cpuMs ?? 0)) / Math.max(1, dead);
  return [
    `${annotations} annotations of about forty vertices by ${AUTHORS} people, then ${rounds} edits of each, half of shape and half of class, by turns. All states after the edits hold the same annotations (checked).`,
    table(head, rows),
    `A dead entry costs a page ${show(perDead)} bytes of heap and ${show(msPerDead * 1_000)} µs of every load. Beginning anew took ${show(renewMs)} CPU ms in the worker. Under the rule a page holds at most what "when an epoch is due" says, however often it is edited; where nobody pauses for three seconds, four times as many dead ones.`,
  ].join("\n\n");
}
