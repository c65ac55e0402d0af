import { createHash } from "node:crypto";
import type pg from "pg";
import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { copyIn } from "#db/copy.ts";
import { retally } from "#db/tallies.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { classId, type PersonId, type ProjectId } from "#domain/ids.ts";

/** How large the project of the bench is: readers who each read every slide, and what they outlined. */
export type Scale = { readonly annotations: number; readonly slides: number; readonly readers: number };

export const CLASSES = ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee", "ffffffff", "gggggggg", "hhhhhhhh"];

type Made = {
  readonly projectId: ProjectId;
  readonly lead: PersonId;
  readonly readers: readonly PersonId[];
  readonly seed: number;
};

/**
 * Fills an empty project with slides, one open round, a read of every slide by every reader, and their outlines by COPY:
 * boxes and polygons of eight classes, four fifths drawn under version 1, one fifth under version 2. Counted into tallies.
 */
export async function fillProject(db: Db, client: pg.ClientBase, scale: Scale, made: Made): Promise<void> {
  const { projectId, lead, readers } = made;
  const caseId = id("case", 0);
  const roundId = id("round", 0);
  await client.query("insert into cases (id, project_id, name) values ($1, $2, 'case')", [caseId, projectId]);
  const meta = JSON.stringify({
    format: "bench",
    width: 100_000,
    height: 100_000,
    mpp: 0.5,
    objective: 20,
    levels: [],
  });
  await client.query(
    `insert into slides (id, project_id, case_id, name, file, content_hash, meta, mpp, created_by)
     select 'slide' || lpad(n::text, 8, '0'), $1, $2, 'slide ' || n, 'f' || n, lpad(n::text, 64, '0'), $3::jsonb, 0.5, $4
     from generate_series(1, $5::int) n`,
    [projectId, caseId, meta, lead, scale.slides],
  );
  await client.query(
    `insert into rounds (id, project_id, name, mode, guideline_number, seed, created_by)
     values ($1, $2, 'round', 'open', 1, 1, $3)`,
    [roundId, projectId, lead],
  );
  await client.query(
    `insert into layers (id, project_id, slide_id, round_id, kind, reader_id, state, submitted_seq, submitted_at)
     select 'layer' || lpad(((n - 1) * $1::int + r)::text, 8, '0'), $2, 'slide' || lpad(n::text, 8, '0'), $3, 'read',
       ($4::text[])[r], 'submitted', 0, now()
     from generate_series(1, $5::int) n, generate_series(1, $1::int) r`,
    [readers.length, projectId, roundId, readers, scale.slides],
  );
  await copyIn(client, "annotations", COLUMNS, rowsOf(scale, made));
  const facts = await layerFacts(db, { projectId });
  await retally(
    db,
    facts.map((fact) => fact.layerId),
  );
  await client.query("vacuum analyze annotations");
  await client.query("analyze");
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

async function* rowsOf({ annotations, slides }: Scale, { projectId, readers, seed }: Made): AsyncGenerator<Buffer> {
  const layers = slides * readers.length;
  let lines: string[] = [];
  for (let n = 0; n < annotations; n++) {
    lines.push(line(n, n % layers, projectId, readers, seed));
    if (lines.length < 5_000) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  yield Buffer.from(lines.join(""));
}

function line(n: number, layer: number, projectId: ProjectId, readers: readonly PersonId[], seed: number): string {
  const hash = createHash("sha256").update(`${seed}/${n}`).digest();
  const [kind = 0, version = 0, size = 0] = hash;
  const [x, y, side] = [(n * 37) % 90_000, (n * 91) % 90_000, 20 + size];
  const reader = readers[layer % readers.length] ?? "";
  const slide = 1 + Math.floor(layer / readers.length);
  const under = version % 5 === 0 ? 2 : 1;
  const classOf = CLASSES[kind % CLASSES.length] ?? "";
  const rings = [
    [
      [x, y],
      [x + side, y],
      [x + side, y + side],
      [x, y + side],
    ] as const,
  ];
  const content = { classId: classId.parse(classOf), under, attributes: {}, note: "" };
  const record = Buffer.from(encodeRecord({ ...content, geometry: { type: "polygon", rings } })).toString("hex");
  const now = "2026-01-01 00:00:00+00";
  return `${[
    `layer${String(layer + 1).padStart(8, "0")}`,
    `ann${n.toString(36).padStart(10, "0")}`,
    projectId,
    `slide${String(slide).padStart(8, "0")}`,
    classOf,
    under,
    "polygon",
    "box",
    `\\\\x${record}`,
    x,
    y,
    x + side,
    y + side,
    side * side,
    hash.toString("hex"),
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
