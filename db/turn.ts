import type { AnnotationId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { AnnotationRow } from "./annotations.ts";
import type { Db } from "./client.ts";
import { saidOf } from "./said.ts";
import { run, type Statement } from "./statement.ts";

/** All that a turn of a room writes: one statement, whatever number of strokes it holds. */
export type TurnRows = {
  readonly layerId: LayerId;
  readonly projectId: ProjectId;
  readonly slideId: SlideId;
  /** The document that is written to. */
  readonly epoch: number;
  readonly at: Date;
  /** Position of the log before the turn. */
  readonly seq: number;
  /** Client ids that were used for the first time. */
  readonly claims: readonly { readonly clientId: number; readonly personId: PersonId }[];
  readonly updates: readonly { readonly authorId: PersonId; readonly bytes: Uint8Array }[];
  /** Annotations that are there no more; none of them is among the rows. */
  readonly gone: readonly AnnotationId[];
  /** Who made an annotation, and when, stays as it was first written. */
  readonly rows: readonly AnnotationRow[];
};

/** Appends to a layer's log and brings its rows and their tallies up to date. The caller holds the log. Only rooms call this. */
export async function writeTurn(tx: Db, turn: TurnRows): Promise<void> {
  const { layerId, projectId, slideId, epoch, at, seq, claims, updates, gone, rows } = turn;
  const column = <Key extends keyof AnnotationRow>(key: Key) => rows.map((row) => row[key]);
  await run(tx, WRITE_TURN, [
    layerId,
    seq,
    at,
    projectId,
    slideId,
    claims.map(({ clientId }) => clientId),
    claims.map(({ personId }) => personId),
    updates.map(({ authorId }) => authorId),
    updates.map(({ bytes }) => bytes),
    gone,
    column("id"),
    column("classId"),
    column("under"),
    column("geometryType"),
    column("shape"),
    column("record"),
    column("minX"),
    column("minY"),
    column("maxX"),
    column("maxY"),
    column("areaPx"),
    column("contentHash"),
    rows.map(({ attributes }) => JSON.stringify(attributes)),
    column("note"),
    column("createdBy"),
    column("createdAt"),
    column("updatedBy"),
    column("updatedAt"),
    epoch,
  ]);
}

const WRITE_TURN: Statement = {
  name: "write_turn",
  text: `
    with claimed as (
      insert into layer_clients (layer_id, epoch, client_id, person_id)
      select $1, $29::int, * from unnest($6::bigint[], $7::text[])
    ), logged as (
      insert into layer_updates (layer_id, seq, epoch, author_id, at, bytes)
      select $1, $2::bigint + place, $29::int, author, $3::timestamptz, bytes
      from unnest($8::text[], $9::bytea[]) with ordinality as news (author, bytes, place)
    ), former as (
      select id, class_id, under, shape, created_by, attributes, area_px, said
      from annotations where layer_id = $1 and id = any($10::text[] || $11::text[])
    ), given as (
      select * from unnest($11::text[], $12::text[], $13::int[], $14::text[], $15::text[], $16::bytea[],
        $17::float8[], $18::float8[], $19::float8[], $20::float8[], $21::float8[], $22::text[], $23::jsonb[],
        $24::text[], $25::text[], $26::timestamptz[], $27::text[], $28::timestamptz[])
        as given (id, class_id, under, geometry_type, shape, record, min_x, min_y, max_x, max_y, area_px, content_hash,
          attributes, note, created_by, created_at, updated_by, updated_at)
    ), present as (
      select given.*, ${saidOf("$1", "given.id", "given.content_hash")} said from given
    ), tallied as (
      insert into annotation_tallies as t (layer_id, class_id, under, shape, created_by, attributes, said, count, area_units)
      select $1, class_id, under, shape, created_by, attributes, said, sum(sign), sum(sign * round(area_px * 8192)::bigint)
      from (
        select -1 sign, class_id, under, shape, created_by, attributes, said, area_px from former
        union all
        select 1, present.class_id, present.under, present.shape, coalesce(former.created_by, present.created_by),
          present.attributes, present.said, present.area_px
        from present left join former using (id)
      ) step group by class_id, under, shape, created_by, attributes, said
      having sum(sign) <> 0 or sum(sign * round(area_px * 8192)::bigint) <> 0
      on conflict (layer_id, key) do update set count = t.count + excluded.count,
        area_units = t.area_units + excluded.area_units
    ), gone as (
      delete from annotations where layer_id = $1 and id = any($10::text[])
    ), drawn as (
      insert into annotations (layer_id, project_id, slide_id, id, class_id, under, geometry_type, shape, record, min_x,
        min_y, max_x, max_y, area_px, content_hash, attributes, note, created_by, created_at, updated_by, updated_at, said)
      select $1, $4, $5, * from present
      on conflict (layer_id, id) do update set class_id = excluded.class_id, under = excluded.under,
        geometry_type = excluded.geometry_type, shape = excluded.shape, record = excluded.record,
        min_x = excluded.min_x, min_y = excluded.min_y, max_x = excluded.max_x, max_y = excluded.max_y, area_px = excluded.area_px,
        content_hash = excluded.content_hash, attributes = excluded.attributes, said = excluded.said, note = excluded.note, updated_by = excluded.updated_by,
        updated_at = excluded.updated_at
    )
    update layers set last_seq = $2::bigint + cardinality($8::text[]) where id = $1`,
};
