import type { ProjectId } from "#domain/ids.ts";
import type { Computation } from "#server/jobs/computation.ts";

/** How far a measuring is. */
export type MeasureProgress = {
  /** 0 to 1, of outlines whose neighbours are known. */
  readonly share: number;
  readonly layers: number;
  readonly layersDone: number;
};

type Worker = Pick<Computation, "touching" | "shares">;
type Running = { readonly projectId: ProjectId; readonly done: Promise<void>; progress: MeasureProgress };

/** What is being measured with each worker, by project and rules. */
const measurings = new WeakMap<Worker, Map<string, Running>>();

/** What is measured for a project at this moment, on this node; null where nothing is. */
export function measureProgress(worker: Worker, projectId: ProjectId): MeasureProgress | null {
  for (const each of measurings.get(worker)?.values() ?? []) if (each.projectId === projectId) return each.progress;
  return null;
}

/**
 * Runs a measuring after another one of the same project by the same rules, which leaves it little to do: two that begin
 * together would measure everything twice.
 * @param work is given a way to say how far it is
 */
export async function oneAfterAnother<Value>(
  worker: Worker,
  { projectId, rulesKey }: { readonly projectId: ProjectId; readonly rulesKey: string },
  work: (say: (progress: MeasureProgress) => void) => Promise<Value>,
): Promise<Value> {
  const name = `${projectId}/${rulesKey}`;
  const running = measurings.get(worker) ?? new Map<string, Running>();
  measurings.set(worker, running);
  for (let before = running.get(name); before !== undefined; before = running.get(name)) await before.done;
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  const own: Running = { projectId, done, progress: { share: 0, layers: 0, layersDone: 0 } };
  running.set(name, own);
  try {
    return await work((progress) => {
      own.progress = progress;
    });
  } finally {
    running.delete(name);
    end();
  }
}
