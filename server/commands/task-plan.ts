import type { TaskRow } from "#db/tasks.ts";
import type { LayerId, PersonId, SlideId } from "#domain/ids.ts";
import { isAnswerable, isUnfinished, type TaskScope } from "#domain/task.ts";
import type { RescreenNeed } from "#server/queries/rescreens.ts";
import { askedBy, type OpenCount } from "#server/queries/staleness.ts";

/** Stale items of one author and who would have to decide it. */
export type Candidate = { readonly item: OpenCount; readonly assigneeId: PersonId };

export type NewTask = {
  readonly kind: "migration" | "re-screen" | "requalify";
  readonly slideId: SlideId;
  readonly layerId: LayerId | null;
  readonly assigneeId: PersonId;
  readonly scope: TaskScope;
  readonly dedupeKey: string;
};

export type TaskPlan = { readonly made: readonly NewTask[]; readonly superseded: readonly TaskRow[] };

/**
 * The migration tasks that are missing. An author's items in a layer are covered by an unfinished task of the newest
 * version that asks anything of them; unfinished tasks of older versions are superseded; what was handed in stands.
 * A task that a lead cancelled under that version is not made again.
 */
export function planMigration(candidates: readonly Candidate[], tasks: readonly TaskRow[]): TaskPlan {
  const wanted = new Map<string, Wanted>();
  const superseded = new Set<TaskRow>();
  const byLayer = migrationsByLayer(tasks);
  const knownFor = (bucket: Bucket): TaskRow[] =>
    (byLayer.get(bucket.layerId) ?? []).filter((task) => isMigrationOf(task, bucket));
  const buckets = bucketsOf(candidates);
  for (const bucket of buckets) {
    const known = knownFor(bucket);
    if (known.some((task) => covers(task, bucket.version))) continue;
    for (const task of known) if (isAnswerable(task.state)) superseded.add(task);
    join(wanted, bucket);
  }
  // An author who shared a superseded task with others must not lose theirs.
  for (const bucket of buckets) {
    const known = knownFor(bucket);
    const covered = known.some((task) => !superseded.has(task) && covers(task, bucket.version));
    if (!covered && known.some((task) => superseded.has(task))) join(wanted, bucket);
  }
  const used = new Set(tasks.flatMap(({ dedupeKey }) => dedupeKey ?? []));
  const made = [...wanted.values()].map(({ slideId, layerId, assigneeId, version, authorIds }): NewTask => {
    const dedupeKey = unusedKey(`migration:${version}:${layerId}:${assigneeId}`, used);
    const scope = { kind: "migration" as const, version, authorIds: [...authorIds].sort() };
    return { kind: "migration", slideId, layerId, assigneeId, scope, dedupeKey };
  });
  return { made, superseded: [...superseded] };
}

/** The re-screen tasks that are missing, by the same rules; one task asks for all classes that a layer lacks. */
export function planRescreens(
  needs: readonly { readonly need: RescreenNeed; readonly assigneeId: PersonId }[],
  tasks: readonly TaskRow[],
): TaskPlan {
  const used = new Set(tasks.flatMap(({ dedupeKey }) => dedupeKey ?? []));
  const made: NewTask[] = [];
  const superseded: TaskRow[] = [];
  for (const { need, assigneeId } of needs) {
    const { layer, version, classIds } = need;
    const known = tasks.filter((task) => task.kind === "re-screen" && task.layerId === layer.id);
    if (known.some((task) => covers(task, version))) continue;
    superseded.push(...known.filter((task) => isAnswerable(task.state)));
    const dedupeKey = unusedKey(`re-screen:${version}:${layer.id}:${assigneeId}`, used);
    const scope = { kind: "re-screen" as const, version, classIds: [...classIds] };
    made.push({ kind: "re-screen", slideId: layer.slideId, layerId: layer.id, assigneeId, scope, dedupeKey });
  }
  return { made, superseded };
}

/** One author's stale items in one layer, and the newest version that asks about them. */
type Bucket = {
  readonly slideId: SlideId;
  readonly layerId: LayerId;
  readonly authorId: PersonId;
  readonly assigneeId: PersonId;
  version: number;
};

type Wanted = Omit<Bucket, "authorId"> & { readonly authorIds: Set<PersonId> };

function bucketsOf(candidates: readonly Candidate[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const { item, assigneeId } of candidates) {
    const { slideId, layerId, authorId } = item;
    const key = `${layerId}/${authorId}`;
    const bucket = buckets.get(key) ?? { slideId, layerId, authorId, assigneeId, version: 0 };
    bucket.version = Math.max(bucket.version, askedBy(item));
    buckets.set(key, bucket);
  }
  return [...buckets.values()];
}

function migrationsByLayer(tasks: readonly TaskRow[]): Map<LayerId, TaskRow[]> {
  const byLayer = new Map<LayerId, TaskRow[]>();
  for (const task of tasks) {
    if (task.kind !== "migration" || task.layerId === null) continue;
    const found = byLayer.get(task.layerId) ?? [];
    found.push(task);
    byLayer.set(task.layerId, found);
  }
  return byLayer;
}

function isMigrationOf(task: TaskRow, { layerId, authorId }: Bucket): boolean {
  return task.layerId === layerId && task.scope.kind === "migration" && task.scope.authorIds.includes(authorId);
}

function covers(task: TaskRow, version: number): boolean {
  if (task.scope.kind !== "migration" && task.scope.kind !== "re-screen") return false;
  if (task.scope.version < version) return false;
  return isUnfinished(task.state) || task.state === "cancelled";
}

function join(wanted: Map<string, Wanted>, { authorId, ...bucket }: Bucket): void {
  const key = `${bucket.layerId}/${bucket.assigneeId}`;
  const task = wanted.get(key) ?? { ...bucket, authorIds: new Set() };
  task.version = Math.max(task.version, bucket.version);
  task.authorIds.add(authorId);
  wanted.set(key, task);
}

/** The key itself the first time; an item that turns up after its task was accepted gets a task of its own. */
function unusedKey(base: string, used: Set<string>): string {
  let key = base;
  for (let count = 2; used.has(key); count++) key = `${base}:${count}`;
  used.add(key);
  return key;
}
