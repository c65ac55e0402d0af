import { inArray, sql } from "drizzle-orm";
import { personId, type TaskId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { newId } from "./new-id.ts";
import { taskEvents, tasks } from "./schema.ts";
import type { TaskRow } from "./tasks.ts";

const ROWS_PER_STATEMENT = 1_000;

/**
 * Adds many tasks, each with its first event, in a few statements.
 * @returns ids of those that were added: one with a dedupe key that exists is there already
 */
export async function addTasks(tx: Db, rows: readonly (typeof tasks.$inferInsert)[]): Promise<Set<TaskId>> {
  const added = new Set<TaskId>();
  for (const some of batches(rows)) {
    const inserted = await tx.insert(tasks).values(some).onConflictDoNothing().returning({ id: tasks.id });
    for (const { id } of inserted) added.add(id);
  }
  const events = rows.filter(({ id }) => added.has(id)).map(({ id, state = "open" }) => eventOf(id, null, state, ""));
  for (const some of batches(events)) await tx.insert(taskEvents).values(some);
  return added;
}

/** Moves many unfinished tasks to one end, each with an event that says why. */
export async function endTasks(
  tx: Db,
  ended: readonly { readonly task: Pick<TaskRow, "id" | "state">; readonly note: string }[],
  state: "superseded" | "accepted",
  at: Date,
): Promise<void> {
  for (const some of batches(ended)) {
    const ids = some.map(({ task }) => task.id);
    const change = { state, revision: sql`${tasks.revision} + 1`, updatedAt: at };
    await tx.update(tasks).set(change).where(inArray(tasks.id, ids));
    await tx.insert(taskEvents).values(some.map(({ task, note }) => eventOf(task.id, task.state, state, note)));
  }
}

/** Gives all unfinished work of a person to another, with an event each. */
export async function handOver(
  tx: Db,
  handed: readonly Pick<TaskRow, "id" | "state" | "assigneeId">[],
  heir: TaskRow["assigneeId"],
  { note, at }: { readonly note: string; readonly at: Date },
): Promise<void> {
  for (const some of batches(handed)) {
    const ids = some.map(({ id }) => id);
    const change = { assigneeId: heir, revision: sql`${tasks.revision} + 1`, updatedAt: at };
    await tx.update(tasks).set(change).where(inArray(tasks.id, ids));
    await tx.insert(taskEvents).values(some.map(({ id, state }) => eventOf(id, state, state, note)));
  }
}

function eventOf(taskId: TaskId, fromState: TaskRow["state"] | null, toState: TaskRow["state"], note: string) {
  return { id: newId(personId), taskId, personId: null, fromState, toState, note, at: sql`clock_timestamp()` };
}

function* batches<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) yield rows.slice(from, from + ROWS_PER_STATEMENT);
}
