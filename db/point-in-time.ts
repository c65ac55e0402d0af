import pg from "pg";
import { loadTable, type Reference, referencesOf, type TablePlace } from "./dump.ts";

/**
 * What of each table belongs to the past: the moment a row was made. A table without an entry keeps the rows whose
 * references are kept. $1 is the moment; `t` the table.
 */
const MADE: Readonly<Record<string, string>> = {
  people: "t.created_at",
  access_tokens: "t.created_at",
  projects: "t.created_at",
  members: "t.joined_at",
  invitations: "t.created_at",
  guideline_versions: "t.published_at",
  slides: "t.created_at",
  layers: "t.created_at",
  layer_epochs: "t.at",
  rounds: "t.created_at",
  tasks: "t.created_at",
  task_events: "t.at",
  task_answers: "t.at",
  judgements: "t.at",
  screenings: "t.at",
  // What was seen by then is not known any more where more was seen since: less is claimed rather than more.
  view_log: "t.updated_at",
  bridge_regions: "t.created_at",
  consensus_results: "t.computed_at",
  adjudications: "t.at",
  releases: "t.created_at",
};

/** Further conditions, in terms of the loaded tables. */
const KEPT: Readonly<Record<string, string>> = {
  // The log and the chain are kept as far as they have no gap, also where a clock was set back.
  layer_updates: "not exists (select 1 from loaded_ends e where e.layer_id = t.layer_id and e.seq <= t.seq)",
  // A client id of a later epoch is free again.
  layer_clients: "exists (select 1 from loaded_layers l where l.id = t.layer_id and t.epoch <= l.epoch)",
  audit: "t.seq < coalesce((select min(a.seq) from loaded_audit a where a.at > $1::timestamptz), t.seq + 1)",
  cases: `exists (select 1 from loaded_slides s where s.case_id = t.id and s.created_at <= $1::timestamptz)
    or not exists (select 1 from loaded_slides s where s.case_id = t.id)`,
  guideline_drafts: `t.parent = 0 or exists (select 1 from loaded_guideline_versions v
    where v.project_id = t.project_id and v.number = t.parent and v.published_at <= $1::timestamptz)`,
};

/** Made anew from the log by whoever restores, or when somebody asks. */
const DERIVED: ReadonlySet<string> = new Set([
  "annotations",
  "annotation_tallies",
  "layer_snapshots",
  "slide_tissue",
  "drift_measures",
]);

/** What was changed in place afterwards and whose former value is known, each in a statement on the loaded tables. */
const TAKEN_BACK: readonly string[] = [
  ...[
    ["rounds", "unblinded_at"],
    ["rounds", "closed_at"],
    ["task_answers", "undone_at"],
    ["judgements", "withdrawn_at"],
    ["adjudications", "superseded_at"],
    ["bridge_regions", "removed_at"],
  ].map(([table, column]) => `update loaded_${table} set ${column} = null where ${column} > $1::timestamptz`),
  // Everybody signs in anew: an open page would send its later work again.
  "update loaded_people set token_version = token_version + 1",
  "update loaded_invitations set used_at = null, used_by = null where used_at > $1::timestamptz",
  `update loaded_tasks t set state = e.to_state, updated_at = e.at
    from (select distinct on (task_id) task_id, to_state, at from loaded_task_events
      where at <= $1::timestamptz order by task_id, at desc, id desc) e
    where e.task_id = t.id and t.updated_at > $1::timestamptz`,
  "create temporary table loaded_ends (layer_id text, seq bigint) on commit drop",
  `insert into loaded_ends select u.layer_id, min(u.seq) from loaded_layer_updates u
    where u.at > $1::timestamptz or exists (select 1 from loaded_layer_epochs e
      where e.layer_id = u.layer_id and e.epoch <= u.epoch and e.at > $1::timestamptz)
    group by u.layer_id`,
  "update loaded_layers set last_seq = 0",
  `update loaded_layers l set last_seq = u.seq
    from (select t.layer_id, max(t.seq) as seq from loaded_layer_updates t where ${KEPT["layer_updates"]} group by t.layer_id) u
    where u.layer_id = l.id`,
  `update loaded_layers l set epoch = coalesce((
      select max(e.epoch) from loaded_layer_epochs e where e.layer_id = l.id and e.at <= $1::timestamptz), 1)`,
  `update loaded_layers set state = 'open', submitted_at = null, submitted_seq = null
    where submitted_at > $1::timestamptz`,
  // A read that was open again later: the chain knows when it had been handed in.
  `update loaded_layers l set state = 'submitted', submitted_at = a.at, submitted_seq = coalesce((
      select max(u.seq) from loaded_layer_updates u where u.layer_id = l.id and u.at <= a.at), 0)
    from (select distinct on (subject) subject, action, at from loaded_audit
      where at <= $1::timestamptz and action in ('read.submitted', 'read.reopened') order by subject, seq desc) a
    where a.subject = l.id and a.action = 'read.submitted' and l.state = 'open'`,
];

/**
 * Fills empty tables with what dumped files say of an earlier moment: the log and the audit chain up to it, the decisions
 * taken until then, and nothing that is derived from the log. Belongs into a transaction.
 * @param tables each after the tables that it refers to
 * @param until ISO time with its zone
 */
export async function loadUntil(
  client: pg.ClientBase,
  tables: readonly TablePlace[],
  pathOf: (table: string) => string,
  until: string,
): Promise<void> {
  const kept = tables.filter(({ name }) => !DERIVED.has(name));
  for (const table of kept) {
    const loaded = pg.escapeIdentifier(`loaded_${table.name}`);
    await client.query(`create temporary table ${loaded} (like ${pg.escapeIdentifier(table.name)}) on commit drop`);
    await loadTable(client, table, pathOf(table.name), `loaded_${table.name}`);
    await client.query(`analyze ${loaded}`);
  }
  for (const statement of TAKEN_BACK) await client.query(statement, statement.includes("$1") ? [until] : []);
  const references = await referencesOf(client);
  for (const table of kept) await insertKept(client, table, references, until);
}

async function insertKept(
  client: pg.ClientBase,
  { name, columns }: TablePlace,
  references: readonly Reference[],
  until: string,
): Promise<void> {
  const made = MADE[name];
  const conditions = [
    ...(made === undefined ? [] : [`${made} <= $1::timestamptz`]),
    ...(KEPT[name] === undefined ? [] : [`(${KEPT[name]})`]),
    ...references.filter((each) => each.from === name).map(refersToKept),
  ];
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(", ");
  await client.query(
    `insert into ${pg.escapeIdentifier(name)} (${list}) select ${list}
      from ${pg.escapeIdentifier(`loaded_${name}`)} t where ${["true", ...conditions].join(" and ")}`,
    conditions.some((each) => each.includes("$1")) ? [until] : [],
  );
}

/** What refers to something made later is later itself. */
function refersToKept({ to, columns, toColumns }: Reference): string {
  const empty = columns.map((column) => `t.${pg.escapeIdentifier(column)} is null`);
  const same = columns.map(
    (column, index) => `t.${pg.escapeIdentifier(column)} = r.${pg.escapeIdentifier(toColumns[index] ?? column)}`,
  );
  return `(${empty.join(" or ")} or exists (select 1 from ${pg.escapeIdentifier(to)} r where ${same.join(" and ")}))`;
}
