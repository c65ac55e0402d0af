import type { TaskRow } from "#db/tasks.ts";
import { isAnswerable } from "#domain/task.ts";
import type { QualificationNeed } from "#server/queries/qualification-needs.ts";
import type { NewTask, TaskPlan } from "./task-plan.ts";

/**
 * The requalify tasks that are missing: one for each reader and redefined class, as soon as there is something to ask.
 * A task that a lead cancelled, or that was passed, is not made again for the same redefinition. What an older one asked,
 * or of somebody of whom it is not asked any more, is superseded.
 */
export function planRequalify(needs: readonly QualificationNeed[], tasks: readonly TaskRow[]): TaskPlan {
  const known = new Map<string, TaskRow[]>();
  for (const task of tasks) {
    if (task.scope.kind !== "requalify") continue;
    const key = keyOf(task.scope.classId, task.assigneeId);
    known.set(key, [...(known.get(key) ?? []), task]);
  }
  const made: NewTask[] = [];
  const standing = new Set<TaskRow>();
  for (const { classId, personId, version, items, slideId, passed } of needs) {
    const present = (known.get(keyOf(classId, personId)) ?? []).filter(({ scope }) => versionOf(scope) >= version);
    for (const task of present) standing.add(task);
    if (passed || present.length > 0 || items.length === 0 || slideId === null) continue;
    made.push({
      ...{ kind: "requalify", slideId, layerId: null, assigneeId: personId },
      scope: { kind: "requalify", version, classId },
      dedupeKey: `requalify:${version}:${classId}:${personId}`,
    });
  }
  const superseded = [...known.values()].flat().filter((task) => !standing.has(task) && isAnswerable(task.state));
  return { made, superseded };
}

function keyOf(classId: string, personId: string): string {
  return `${classId}/${personId}`;
}

function versionOf(scope: TaskRow["scope"]): number {
  return scope.kind === "requalify" ? scope.version : 0;
}
