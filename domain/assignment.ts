import { z } from "zod";
import { type PersonId, personId, type TaskId } from "./ids.ts";

/** Who is to do some tasks: each its author, whoever has least to do, one person, or anybody but the author. */
export const assignmentRuleSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("author") }),
  /** Without people: among all who may do the task. */
  z.object({ kind: z.literal("balanced"), personIds: z.array(personId).max(500).default([]) }),
  z.object({ kind: z.literal("person"), personId }),
  z.object({ kind: z.literal("not-author"), personIds: z.array(personId).max(500).default([]) }),
]);
export type AssignmentRule = z.infer<typeof assignmentRuleSchema>;

/** Who takes over the work of somebody who left, or may no longer do it. */
export const heirRuleSchema = z.discriminatedUnion("kind", [
  /** The lead who has been here longest. */
  z.object({ kind: z.literal("lead") }),
  /** Whoever of the remaining readers has least to do; a lead where there are none. */
  z.object({ kind: z.literal("balanced") }),
  /** One person; the lead where they may not do it. */
  z.object({ kind: z.literal("person"), personId }),
]);
export type HeirRule = z.infer<typeof heirRuleSchema>;

/**
 * Who takes over something.
 * @param leads in order of joining; a project always has one
 * @param able who may do it, in order of joining
 * @param load hours that each person has to do
 */
export function heirOf(
  rule: HeirRule,
  { leads, able }: { readonly leads: readonly PersonId[]; readonly able: readonly PersonId[] },
  load: ReadonlyMap<PersonId, number>,
): PersonId | null {
  const [lead = null] = leads;
  switch (rule.kind) {
    case "lead":
      return lead;
    case "person":
      return able.includes(rule.personId) ? rule.personId : lead;
    case "balanced":
      return (
        leastBusy(
          able.filter((each) => !leads.includes(each)),
          load,
        ) ?? lead
      );
    default:
      return rule satisfies never;
  }
}

/** A task that is to be given to somebody. */
export type Assignable = {
  readonly taskId: TaskId;
  readonly assigneeId: PersonId;
  /** Who drew what it is about. */
  readonly authorIds: readonly PersonId[];
  /** Who may do it, in the order in which they joined. */
  readonly able: readonly PersonId[];
  readonly hours: number;
};

export type Assignment = {
  readonly taskId: TaskId;
  readonly from: PersonId;
  /** Null where nobody fits the rule: the task then stays where it is. */
  readonly to: PersonId | null;
  readonly hours: number;
};

/**
 * Who gets which task. The order of the tasks does not matter: the longest are dealt out first, each to the person with
 * the least to do so far, which keeps the longest queue within 4/3 of the shortest possible.
 * @param load hours that each person has to do beside these tasks
 * Source: Graham 1969, SIAM Journal on Applied Mathematics 17(2), longest processing time first.
 */
export function planAssignment(
  tasks: readonly Assignable[],
  rule: AssignmentRule,
  load: ReadonlyMap<PersonId, number>,
): Assignment[] {
  const queue = new Map(load);
  const longestFirst = tasks.toSorted((a, b) => b.hours - a.hours || (a.taskId < b.taskId ? -1 : 1));
  const dealt = new Map<TaskId, PersonId | null>();
  for (const task of longestFirst) {
    const to = chosen(task, rule, queue);
    dealt.set(task.taskId, to);
    const holder = to ?? task.assigneeId;
    queue.set(holder, (queue.get(holder) ?? 0) + task.hours);
  }
  return tasks.map(({ taskId, assigneeId, hours }) => ({
    taskId,
    from: assigneeId,
    to: dealt.get(taskId) ?? null,
    hours,
  }));
}

function chosen(task: Assignable, rule: AssignmentRule, queue: ReadonlyMap<PersonId, number>): PersonId | null {
  switch (rule.kind) {
    case "author":
      return authorOf(task);
    case "person":
      return task.able.includes(rule.personId) ? rule.personId : null;
    case "balanced":
      return leastBusy(among(task.able, rule.personIds), queue);
    case "not-author": {
      const others = task.able.filter((each) => !task.authorIds.includes(each));
      return leastBusy(among(others, rule.personIds), queue);
    }
    default:
      return rule satisfies never;
  }
}

/** An author who may still do it; the present assignee where they are one of several. */
function authorOf({ able, authorIds, assigneeId }: Assignable): PersonId | null {
  const authors = able.filter((each) => authorIds.includes(each));
  return authors.includes(assigneeId) ? assigneeId : (authors[0] ?? null);
}

function among(able: readonly PersonId[], wanted: readonly PersonId[]): readonly PersonId[] {
  return wanted.length === 0 ? able : able.filter((each) => wanted.includes(each));
}

function leastBusy(people: readonly PersonId[], queue: ReadonlyMap<PersonId, number>): PersonId | null {
  const [first, ...others] = people;
  if (first === undefined) return null;
  return others.reduce((best, each) => ((queue.get(each) ?? 0) < (queue.get(best) ?? 0) ? each : best), first);
}
