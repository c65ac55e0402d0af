import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { layerNames } from "#db/layer-names.ts";
import { type ReadProgress, readProgress } from "#db/read-progress.ts";
import { can, type LayerSubject, type Member } from "#domain/permissions.ts";
import type { TaskKind, TaskState } from "#domain/task.ts";
import type { Task } from "#server/api/schemas/tasks.ts";
import { NOBODY } from "./slides.ts";
import { hoursOf, UNMEASURED } from "./task-hours.ts";

/**
 * Reads as tasks, for board and inbox: what state they are in follows from the read itself, so nothing of it is stored.
 * A repeat is a read like any other to its reader; only a lead who does not read it learns that it is one.
 */
export async function readTasksFor(db: Db, member: Member): Promise<Task[]> {
  const facts = await layerFacts(db, { projectId: member.projectId });
  const reads = new Map(
    facts.flatMap(({ layerId, subject }) => {
      const isRead = subject.kind === "read" && can(member, "layer.see", subject);
      const concerned = subject.readerId === member.personId || member.role === "lead" || member.role === "adjudicator";
      return isRead && concerned ? [[layerId, subject] as const] : [];
    }),
  );
  const progress = await readProgress(db, [...reads.keys()]);
  const names = await layerNames(db, [...reads.keys()]);
  return progress.flatMap((read) => {
    const subject = reads.get(read.layerId);
    const reader = names.get(read.layerId)?.reader ?? null;
    // A bridge read has a task that is stored, with its regions.
    if (subject === undefined || reader === null || read.purpose === "bridge") return [];
    return [shown(read, { member, subject, reader })];
  });
}

type Eyes = {
  readonly member: Member;
  readonly subject: LayerSubject;
  readonly reader: { readonly id: string; readonly name: string; readonly colour: string };
};

function shown(read: ReadProgress, { member, subject, reader }: Eyes): Task {
  const left = read.state === "submitted" ? 0 : 1;
  const named = can(member, "layer.reader", subject) ? reader : { ...NOBODY };
  return {
    id: read.layerId,
    kind: kindOf(read, member, subject),
    state: stateOf(read),
    title: `Read ${read.slideName} (${read.roundName})`,
    text: "",
    reason: null,
    slide: { id: read.slideId, name: read.slideName },
    layerId: read.layerId,
    layerName: read.roundName,
    assignee: named,
    createdBy: null,
    guidelineNumber: read.guidelineNumber,
    priority: 1,
    position: 0,
    dueAt: null,
    left,
    total: 1,
    undecided: 0,
    hoursLeft: hoursOf("read", left, UNMEASURED),
    classIds: [],
    revision: 0,
    createdAt: read.createdAt.toISOString(),
    updatedAt: (read.submittedAt ?? read.createdAt).toISOString(),
  };
}

function kindOf({ purpose }: ReadProgress, { role, personId }: Member, { readerId }: LayerSubject): TaskKind {
  return purpose === "repeat" && role === "lead" && readerId !== personId ? "repeat-read" : "read";
}

function stateOf({ state, started }: ReadProgress): TaskState {
  if (state === "submitted") return "accepted";
  return started ? "in-progress" : "open";
}
