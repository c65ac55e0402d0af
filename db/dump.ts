import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type pg from "pg";
import { copyIn, copyOut } from "./copy.ts";

export type TablePlace = { readonly name: string; readonly columns: readonly string[] };
/** A table in a file of its own: rows in the text format of `copy`, with the SHA-256 of the file's bytes. */
export type TableFile = TablePlace & { readonly rows: number; readonly bytes: number; readonly sha256: string };

/** Values are spelled the same on every server, whatever its defaults are. */
const SPELLING = [
  "set local datestyle = 'ISO, YMD'",
  "set local intervalstyle = 'postgres'",
  "set local timezone = 'UTC'",
  "set local bytea_output = 'hex'",
  "set local extra_float_digits = 1",
];
const NEWLINE = 10;

/**
 * Runs a look at the whole database as it is at one moment, which holds nobody up.
 * @param work must have read what it asked for when it resolves; where it throws the connection is of no further use
 */
export async function atOneMoment<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("begin isolation level repeatable read, read only");
  await spellTheSame(client);
  const result = await work();
  await client.query("rollback");
  return result;
}

/** Within a transaction: from here on values are read and written as dumps spell them. */
export async function spellTheSame(client: pg.ClientBase): Promise<void> {
  for (const setting of SPELLING) await client.query(setting);
}

/**
 * Every table of ours, each after the tables that it refers to.
 * @throws where the database has what a dump of tables would leave out
 */
export async function tablesOf(client: pg.ClientBase): Promise<TablePlace[]> {
  const sequences = await client.query(
    "select relname as name from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace",
  );
  if (sequences.rows.length > 0) throw new Error(`the sequence ${sequences.rows[0].name} would be missing in a dump`);
  const { rows: tables } = await client.query<{ name: string; columns: string[] }>(`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by c.relname order by c.relname`);
  const references = await referencesOf(client);
  const ordered: TablePlace[] = [];
  while (ordered.length < tables.length) {
    const placed = new Set(ordered.map((table) => table.name));
    const open = references.filter((each) => each.from !== each.to && !placed.has(each.to));
    const next = tables.filter(({ name }) => !placed.has(name) && !open.some((each) => each.from === name));
    if (next.length === 0) throw new Error("tables refer to each other in a circle");
    ordered.push(...next);
  }
  return ordered;
}

/** A foreign key of a table; columns in the order of those that they name. */
export type Reference = {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
  readonly toColumns: readonly string[];
};

export async function referencesOf(client: pg.ClientBase): Promise<Reference[]> {
  const names = (table: string, keys: string) => `(
    select array_agg(a.attname::text order by k.place)
    from unnest(${keys}) with ordinality k (number, place)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = k.number)`;
  const { rows } = await client.query<Reference>(`
    select f.relname as "from", t.relname as "to",
      ${names("c.conrelid", "c.conkey")} as columns, ${names("c.confrelid", "c.confkey")} as "toColumns"
    from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace`);
  return rows;
}

/** Writes a table to a new file and forces it to disk. */
export async function dumpTable(client: pg.ClientBase, table: TablePlace, path: string): Promise<TableFile> {
  const hash = createHash("sha256");
  let [rows, bytes] = [0, 0];
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of copyOut(client, table.name, table.columns)) {
      const part: Buffer = chunk;
      hash.update(part);
      bytes += part.length;
      // A line end inside a value is spelled \n: each of these ends a row.
      for (let at = part.indexOf(NEWLINE); at !== -1; at = part.indexOf(NEWLINE, at + 1)) rows++;
      await file.writeFile(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { ...table, rows, bytes, sha256: hash.digest("hex") };
}

/** Reads such a file into a table, which may be a temporary one. */
export async function loadTable(
  client: pg.ClientBase,
  { name, columns }: TablePlace,
  path: string,
  into = name,
): Promise<void> {
  await copyIn(client, into, columns, createReadStream(path));
}
