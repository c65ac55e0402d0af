import { createHash } from "node:crypto";
import { and, asc, desc, eq, gt, lt, sql } from "drizzle-orm";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { LOCKS } from "./locks.ts";
import { audit } from "./schema.ts";

export type AuditEntry = typeof audit.$inferSelect;

/** What happened. `personId` is null for what the product did itself, `projectId` for what belongs to no project. */
export type AuditEvent = {
  readonly personId: PersonId | null;
  readonly projectId: ProjectId | null;
  /** A verb of the product with its noun first, such as "guideline.published". */
  readonly action: string;
  /** Id of what it happened to. */
  readonly subject: string;
  /** Ids, counts, old and new values; never outlines, names or secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** By the clock of whoever did it; without one it is now. What the demo dates back is entered with its own date. */
  readonly at?: Date | undefined;
};

const FIRST_HASH = "0".repeat(64);
const PAGE = 1_000;

/**
 * Appends one entry. Call it last in a transaction: every other one that audits waits until this one ends.
 * @returns the entry with its number and hash
 */
export async function appendAudit(tx: Db, event: AuditEvent): Promise<AuditEntry> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCKS.audit})`);
  const [last] = await tx.select({ seq: audit.seq, hash: audit.hash }).from(audit).orderBy(desc(audit.seq)).limit(1);
  const entry = {
    ...event,
    detail: plain(event.detail),
    seq: (last?.seq ?? 0) + 1,
    at: event.at ?? new Date(),
    previousHash: last?.hash ?? FIRST_HASH,
  };
  const [stored] = await tx
    .insert(audit)
    .values({ ...entry, hash: hashOf(entry) })
    .returning();
  if (stored === undefined) throw new Error("an audit entry was not stored");
  return stored;
}

/**
 * Entries of a project, newest first.
 * @param before only entries with a smaller number, for the next page
 */
export async function auditOf(
  db: Db,
  project: ProjectId,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<AuditEntry[]> {
  return await db
    .select()
    .from(audit)
    .where(and(eq(audit.projectId, project), before === undefined ? undefined : lt(audit.seq, before)))
    .orderBy(desc(audit.seq))
    .limit(limit);
}

/** The hash that covers everything so far; printed into releases so that a later cut of the chain shows. */
export async function auditHead(db: Db): Promise<{ readonly seq: number; readonly hash: string }> {
  const [last] = await db.select({ seq: audit.seq, hash: audit.hash }).from(audit).orderBy(desc(audit.seq)).limit(1);
  return last ?? { seq: 0, hash: FIRST_HASH };
}

/**
 * Reads the whole chain and recomputes it: finds an entry that was changed, left out, put in or moved.
 * What was cut off at the end shows only against a head that was kept elsewhere.
 * @returns the number of entries, and the number of the first one that does not fit
 */
export async function verifyAudit(db: Db): Promise<{ readonly entries: number; readonly brokenAt: number | null }> {
  let entries = 0;
  let previous = FIRST_HASH;
  for (;;) {
    const page = await db.select().from(audit).where(gt(audit.seq, entries)).orderBy(asc(audit.seq)).limit(PAGE);
    for (const entry of page) {
      const fits = entry.seq === entries + 1 && entry.previousHash === previous && entry.hash === hashOf(entry);
      if (!fits) return { entries, brokenAt: entries + 1 };
      entries = entry.seq;
      previous = entry.hash;
    }
    if (page.length < PAGE) return { entries, brokenAt: null };
  }
}

function hashOf(entry: Omit<AuditEntry, "hash">): string {
  const { seq, at, projectId, personId, action, subject, detail, previousHash } = entry;
  const text = canonical([seq, at.toISOString(), projectId, personId, action, subject, detail]);
  return createHash("sha256").update(previousHash).update(text).digest("hex");
}

/** As it comes back from the database, so that the hash of what goes in is the hash of what comes out. */
function plain(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(detail));
}

/** JSON with the keys of every object in order: jsonb keeps no order of its own. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}
