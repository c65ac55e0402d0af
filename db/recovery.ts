import { asc, eq, sql } from "drizzle-orm";
import type pg from "pg";
import type { LayerId, ReleaseId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { audit, layerSnapshots, layers, releases, slides } from "./schema.ts";

/** Numbers that a log lacks are listed up to here; the rest is counted. */
const LISTED = 20;

/** Where a layer's log is not 1, 2, ... up to what its layer says. */
export type LogFault = {
  readonly layerId: LayerId;
  /** The end that the layer states. */
  readonly lastSeq: number;
  /** The highest number in the log; 0 for an empty one. */
  readonly end: number;
  /** The first missing numbers. */
  readonly missing: readonly number[];
  readonly missingCount: number;
};

export async function allLayerIds(db: Db): Promise<LayerId[]> {
  const rows = await db.select({ id: layers.id }).from(layers).orderBy(asc(layers.id));
  return rows.map((row) => row.id);
}

/** One pass over the log's index; what is missing is looked for only where something is. */
export async function logFaults(db: Db): Promise<LogFault[]> {
  const { rows } = await db.execute<{ id: LayerId; last: string; end: string }>(sql`
    select l.id, l.last_seq::text as last, coalesce(u.top, 0)::text as "end"
    from layers l left join (
      select layer_id, max(seq) as top, min(seq) as low, count(*) as many from layer_updates group by layer_id
    ) u on u.layer_id = l.id
    where coalesce(u.top, 0) <> l.last_seq or coalesce(u.many, 0) <> l.last_seq or coalesce(u.low, 1) <> 1
    order by l.id`);
  const faults: LogFault[] = [];
  for (const { id, last, end } of rows) {
    const [lastSeq, top] = [Number(last), Number(end)];
    const { rows: missing } = await db.execute<{ seq: string; many: string }>(sql`
      select s::text as seq, (count(*) over ())::text as many
      from generate_series(1::bigint, ${Math.max(lastSeq, top)}::bigint) s
      where not exists (select 1 from layer_updates where layer_id = ${id} and seq = s)
      order by s limit ${LISTED}`);
    const missingCount = Number(missing[0]?.many ?? 0);
    faults.push({ layerId: id, lastSeq, end: top, missing: missing.map((row) => Number(row.seq)), missingCount });
  }
  return faults;
}

/** Removes a layer's snapshots, whatever they claim to hold, so that new ones can take their place. */
export async function dropSnapshots(tx: Db, layerId: LayerId): Promise<void> {
  await tx.delete(layerSnapshots).where(eq(layerSnapshots.layerId, layerId));
}

export async function allReleases(db: Db): Promise<(typeof releases.$inferSelect)[]> {
  return db.select().from(releases).orderBy(asc(releases.createdAt), asc(releases.id));
}

/** The hash under which the audit chain knows a release; null where it knows none. */
export async function auditedReleaseHash(db: Db, id: ReleaseId): Promise<string | null> {
  const [row] = await db
    .select({ hash: sql<string | null>`${audit.detail} ->> 'hash'` })
    .from(audit)
    .where(sql`${audit.action} = 'release.frozen' and ${audit.subject} = ${id}`);
  return row?.hash ?? null;
}

export type SlideFile = { readonly id: string; readonly file: string; readonly contentHash: string };

/** Every registered slide with its file's name and SHA-256. */
export async function allSlideFiles(db: Db): Promise<SlideFile[]> {
  const { id, file, contentHash } = slides;
  return db.select({ id, file, contentHash }).from(slides).orderBy(asc(slides.id));
}

/** The same as a connection sees it inside its transaction. */
export async function slideFilesAt(client: Pick<pg.ClientBase, "query">): Promise<SlideFile[]> {
  const { rows } = await client.query<SlideFile>(
    'select id, file, content_hash as "contentHash" from slides order by id',
  );
  return rows;
}

/** Whether nobody ever made anything in a database. */
export async function isUntouched(client: Pick<pg.Pool, "query">): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'drizzle') and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') limit 1`,
  );
  return rows.length === 0;
}
