// Measures one layout in a process of its own: `measure.ts <layout> <annotations> <rounds> <seed>`.
import * as Y from "yjs";
import { held } from "#bench/support/heap-child.ts";
import { CLASSES, outline } from "#bench/sync/workload.ts";
import { type Geometry, geometryOnGrid, type Point, polygonsOf } from "#domain/annotation.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { LAYOUTS, type Layout, layoutOn } from "./models.ts";

const AUTHORS = 10;
/** Vertices that a stroke of a brush moves. */
const MOVED = 5;

export type Figures = Readonly<
  Record<
    | "stateMB"
    | "loadMs"
    | "heapMB"
    | "shapeBytes"
    | "shapeUs"
    | "classBytes"
    | "classUs"
    | "editedMB"
    | "editedHeapMB"
    | "halfMB"
    | "halfHeapMB",
    number
  >
>;

const [, , name = "", count = "", rounds = "", seed = ""] = process.argv;
const layoutName = LAYOUTS.find((each) => each === name);
if (layoutName === undefined) throw new Error(`no layout "${name}"`);
process.stdout.write(JSON.stringify(measure(Number(count), Number(rounds), seededRandom(Number(seed)))));

function measure(annotations: number, times: number, random: Random): Figures {
  const doc = new Y.Doc();
  const layout = open(doc);
  const clients = Array.from({ length: AUTHORS }, () => Math.floor(random() * 2 ** 31) + 1);
  const as = (turn: number) => {
    doc.clientID = clients[turn % AUTHORS] ?? 1;
  };
  const shapes = new Map<string, Geometry>();
  const ids = Array.from({ length: annotations }, (_, at) => `outline${String(at).padStart(8, "0")}`);
  for (const [at, id] of ids.entries()) {
    as(at);
    const geometry = geometryOnGrid(outline(random));
    shapes.set(id, geometry);
    layout.add(id, CLASSES[0], geometry);
  }
  const drawn = loaded(Y.encodeStateAsUpdate(doc));
  const spent = { shape: { bytes: 0, ms: 0, count: 0 }, class: { bytes: 0, ms: 0, count: 0 } };
  let bytes = 0;
  doc.on("update", (update: Uint8Array) => {
    bytes += update.length;
  });
  for (let round = 0; round < times; round++) {
    for (const [at, id] of ids.entries()) {
      as(at + round + 1);
      const kind = (at + round) % 2 === 0 ? spent.shape : spent.class;
      const change = kind === spent.shape ? moving(layout, shapes, id, random) : reclassing(layout, id);
      bytes = 0;
      const started = performance.now();
      change();
      kind.ms += performance.now() - started;
      kind.bytes += bytes;
      kind.count += 1;
    }
  }
  const edited = loaded(Y.encodeStateAsUpdate(doc));
  for (const [at, id] of ids.entries()) if (at % 2 === 0) layout.remove(id);
  if (layout.ids().length !== Math.floor(annotations / 2)) throw new Error(`${layout.ids().length} are left`);
  const half = loaded(Y.encodeStateAsUpdate(doc));
  return {
    stateMB: drawn.mb,
    loadMs: drawn.cpuMs,
    heapMB: drawn.heapMB,
    shapeBytes: spent.shape.bytes / spent.shape.count,
    shapeUs: (spent.shape.ms / spent.shape.count) * 1_000,
    classBytes: spent.class.bytes / spent.class.count,
    classUs: (spent.class.ms / spent.class.count) * 1_000,
    editedMB: edited.mb,
    editedHeapMB: edited.heapMB,
    halfMB: half.mb,
    halfHeapMB: half.heapMB,
  };
}

function open(doc: Y.Doc): Layout {
  if (layoutName === undefined) throw new Error("no layout");
  return layoutOn(layoutName, doc);
}

/** Loads a state into a fresh document, ready to be read. */
function loaded(state: Uint8Array): { readonly mb: number; readonly cpuMs: number; readonly heapMB: number } {
  const { value, cpuMs, bytes } = held(() => {
    const doc = new Y.Doc();
    const layout = open(doc);
    Y.applyUpdate(doc, state.slice());
    return { doc, layout };
  });
  value.doc.destroy();
  return { mb: state.length / 1e6, cpuMs, heapMB: bytes / 1e6 };
}

function reclassing(layout: Layout, id: string): () => void {
  const next = layout.classOf(id) === CLASSES[0] ? CLASSES[1] : CLASSES[0];
  return () => layout.reclass(id, next);
}

/** A few vertices in a row go outwards. */
function moving(layout: Layout, shapes: Map<string, Geometry>, id: string, random: Random): () => void {
  const ring = polygonsOf(shapes.get(id) ?? { type: "polygon", rings: [[]] })[0]?.[0] ?? [];
  const at = Math.floor(random() * Math.max(1, ring.length - MOVED));
  const [cx, cy] = ring.reduce(
    ([x, y], point): Point => [x + point[0] / ring.length, y + point[1] / ring.length],
    [0, 0],
  );
  const out = ([x, y]: Point): Point => [x + (x - cx) * 0.04, y + (y - cy) * 0.04];
  const moved = ring.map((point, index) => (index >= at && index < at + MOVED ? out(point) : point));
  const geometry = geometryOnGrid({ type: "polygon", rings: [moved] });
  shapes.set(id, geometry);
  return () => layout.reshape(id, geometry, at, MOVED);
}
