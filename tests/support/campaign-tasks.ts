import type { TaskRow } from "#db/tasks.ts";
import type { PersonId } from "#domain/ids.ts";
import { taskId } from "#domain/ids.ts";
import { isAnswerable } from "#domain/task.ts";
import { type Candidate, type NewTask, planMigration } from "#server/commands/task-plan.ts";
import { isAskedBy } from "#server/queries/task-work.ts";
import { aLayerId, aPersonId, aProjectId, aSlideId } from "./builders.ts";
import { type Outline, standingOf } from "./campaign-outlines.ts";
import type { Versions } from "./slow-standing.ts";

const AUTHORS = [aPersonId("p"), aPersonId("q")] as const;
const PLACE = { layerId: aLayerId("l"), slideId: aSlideId("s") };

/** The outlines of a campaign are those of two authors in one layer; whose one is does not change. */
function authorOf({ id }: Outline): PersonId {
  return /[02468]x/.test(id) ? AUTHORS[0] : AUTHORS[1];
}

/** Tasks as the product plans them, in memory: made, superseded and accepted. */
export class CampaignTasks {
  readonly #rows: TaskRow[] = [];

  /** Makes what is missing. @returns how many were made and superseded */
  make(outlines: readonly Outline[], versions: Versions): { readonly made: number; readonly superseded: number } {
    const { made, superseded } = planMigration(candidatesIn(outlines, versions), this.#rows);
    for (const task of superseded) this.#move(task, "superseded");
    for (const task of made) this.#rows.push(rowOf(task, this.#rows.length));
    return { made: made.length, superseded: superseded.length };
  }

  /** Accepts the tasks in which nothing is left. @returns how many */
  accept(outlines: readonly Outline[], versions: Versions): number {
    const done = this.#open().filter((task) => !outlines.some((each) => isIn(task, each, versions)));
    for (const task of done) this.#move(task, "accepted");
    return done.length;
  }

  /** Outlines that somebody has to decide and that are in no open task of their author's. */
  forgotten(outlines: readonly Outline[], versions: Versions): Outline[] {
    return outlines.filter((each) => {
      const isStale = standingOf(each, versions).state === "stale";
      return isStale && !this.#open().some((task) => isIn(task, each, versions));
    });
  }

  /** Open tasks of each author. */
  openEach(): number[] {
    return AUTHORS.map((author) => this.#open().filter(({ assigneeId }) => assigneeId === author).length);
  }

  /** Names that two tasks have. */
  namedTwice(): string[] {
    const keys = this.#rows.flatMap(({ dedupeKey }) => dedupeKey ?? []);
    return keys.filter((key, index) => keys.indexOf(key) < index);
  }

  #open(): TaskRow[] {
    return this.#rows.filter(({ state }) => isAnswerable(state));
  }

  #move(task: TaskRow, state: TaskRow["state"]): void {
    this.#rows[this.#rows.indexOf(task)] = { ...task, state };
  }
}

function candidatesIn(outlines: readonly Outline[], versions: Versions): Candidate[] {
  return outlines.flatMap((outline): Candidate[] => {
    const standing = standingOf(outline, versions);
    const authorId = authorOf(outline);
    const item = { ...PLACE, authorId, standing, waived: false, answeredIn: [], count: 1 };
    return standing.state === "stale" ? [{ item, assigneeId: authorId }] : [];
  });
}

function isIn(task: TaskRow, outline: Outline, versions: Versions): boolean {
  return isAskedBy(task, { authorId: authorOf(outline), standing: standingOf(outline, versions) });
}

function rowOf(task: NewTask, index: number): TaskRow {
  const at = new Date(index);
  return {
    ...task,
    id: taskId.parse(`task${String(index).padStart(6, "0")}`),
    projectId: aProjectId("j"),
    createdBy: null,
    state: "open",
    reason: null,
    text: "",
    priority: 1,
    dueAt: null,
    position: 0,
    revision: 1,
    createdAt: at,
    updatedAt: at,
  };
}
