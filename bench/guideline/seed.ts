import { createHash } from "node:crypto";
import type pg from "pg";
import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { copyIn } from "#db/copy.ts";
import { retally } from "#db/tallies.ts";
import type { Geometry, Ring } from "#domain/annotation.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { geometryArea, geometryBbox } from "#domain/geometry.ts";
import type { Shape } from "#domain/guideline.ts";
import { classId, type PersonId, type ProjectId } from "#domain/ids.ts";

/** How large a project of the bench is: readers who each read every slide, and what they outlined. */
export type Scale = { readonly annotations: number; readonly slides: number; readonly readers: number };

export const CLASSES = ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee", "ffffffff", "gggggggg", "hhhhhhhh"];

export type Made = {
  readonly projectId: ProjectId;
  readonly lead: PersonId;
  readonly readers: readonly PersonId[];
  readonly seed: number;
};

/** An outline of the bench; layers and outlines are counted from 0. */
export type Seeded = {
  readonly n: number;
  readonly layer: number;
  readonly classOf: string;
  readonly under: number;
  readonly shape: Shape;
  readonly geometry: Geometry;
};

/** Every outline of a seed has bytes of its own. */
export function bytesOf(seed: number, n: number): Buffer {
  return createHash("sha256").update(`${seed}/${n}`).digest();
}

/** Boxes of eight classes strewn over the layers of a project, four fifths drawn under version 1, one fifth under version 2. */
export function* strewnBoxes({ annotations, slides, readers }: Scale, seed: number): Generator<Seeded> {
  for (let n = 0; n < annotations; n++) {
    const [kind = 0, version = 0, size = 0] = bytesOf(seed, n);
    const [x, y, side] = [(n * 37) % 90_000, (n * 91) % 90_000, 20 + size];
    const ring: Ring = [
      [x, y],
      [x + side, y],
      [x + side, y + side],
      [x, y + side],
    ];
    yield {
      n,
      layer: n % (slides * readers),
      classOf: CLASSES[kind % CLASSES.length] ?? "",
      under: version % 5 === 0 ? 2 : 1,
      shape: "box",
      geometry: { type: "polygon", rings: [ring] },
    };
  }
}

/**
 * Fills an empty project with slides, one open round, a read of every slide by every reader, and their outlines by COPY.
 * Counted into tallies; every log is said to end at 1.
 */
export async function fillProject(
  db: Db,
  client: pg.ClientBase,
  outlines: Iterable<Seeded>,
  made: Made & Pick<Scale, "slides">,
): Promise<void> {
  await makeLayers(client, made);
  await copyIn(client, "annotations", COLUMNS, linesOf(outlines, made));
  const facts = await layerFacts(db, { projectId: made.projectId });
  await retally(
    db,
    facts.map((fact) => fact.layerId),
  );
  await client.query("vacuum analyze annotations");
  await client.query("analyze");
}

async function makeLayers(
  client: pg.ClientBase,
  { projectId, lead, readers, slides }: Made & Pick<Scale, "slides">,
): Promise<void> {
  const caseId = id("case", 0);
  const roundId = id("round", 0);
  await client.query("insert into cases (id, project_id, name) values ($1, $2, 'case')", [caseId, projectId]);
  const size = { width: 100_000, height: 100_000, mpp: 0.5, objective: 20 };
  const meta = JSON.stringify({ format: "bench", ...size, levels: [] });
  await client.query(
    `insert into slides (id, project_id, case_id, name, file, content_hash, meta, mpp, created_by)
     select 'slide' || lpad(n::text, 8, '0'), $1, $2, 'slide ' || n, 'f' || n, lpad(n::text, 64, '0'), $3::jsonb, 0.5, $4
     from generate_series(1, $5::int) n`,
    [projectId, caseId, meta, lead, slides],
  );
  await client.query(
    `insert into rounds (id, project_id, name, mode, guideline_number, seed, created_by)
     values ($1, $2, 'round', 'open', 1, 1, $3)`,
    [roundId, projectId, lead],
  );
  await client.query(
    `insert into layers (id, project_id, slide_id, round_id, kind, reader_id, state, last_seq, submitted_seq, submitted_at)
     select 'layer' || lpad(((n - 1) * $1::int + r)::text, 8, '0'), $2, 'slide' || lpad(n::text, 8, '0'), $3, 'read',
       ($4::text[])[r], 'submitted', 1, 1, now()
     from generate_series(1, $5::int) n, generate_series(1, $1::int) r`,
    [readers.length, projectId, roundId, readers, slides],
  );
}

const COLUMNS = [
  "layer_id",
  "id",
  "project_id",
  "slide_id",
  "class_id",
  "under",
  "geometry_type",
  "shape",
  "record",
  "min_x",
  "min_y",
  "max_x",
  "max_y",
  "area_px",
  "content_hash",
  "attributes",
  "note",
  "created_by",
  "created_at",
  "updated_by",
  "updated_at",
];

async function* linesOf(outlines: Iterable<Seeded>, made: Made): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  for (const outline of outlines) {
    lines.push(line(outline, made));
    if (lines.length < 5_000) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  yield Buffer.from(lines.join(""));
}

function line(
  { n, layer, classOf, under, shape, geometry }: Seeded,
  { projectId, readers, seed }: Pick<Made, "projectId" | "readers" | "seed">,
): string {
  const reader = readers[layer % readers.length] ?? "";
  const slide = 1 + Math.floor(layer / readers.length);
  const content = { classId: classId.parse(classOf), under, attributes: {}, note: "" };
  const record = Buffer.from(encodeRecord({ ...content, geometry })).toString("hex");
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const now = "2026-01-01 00:00:00+00";
  return `${[
    id("layer", layer + 1),
    `ann${n.toString(36).padStart(10, "0")}`,
    projectId,
    id("slide", slide),
    classOf,
    under,
    geometry.type,
    shape,
    `\\\\x${record}`,
    minX,
    minY,
    maxX,
    maxY,
    geometryArea(geometry),
    bytesOf(seed, n).toString("hex"),
    "{}",
    "",
    reader,
    now,
    reader,
    now,
  ].join("\t")}\n`;
}

function id(kind: string, n: number): string {
  return `${kind}${String(n).padStart(8, "0")}`;
}
