import { projectPath, viewerPath } from "#app/_components/shell/navigation.ts";

/** What a queue of disputes is narrowed to; as the API takes it. */
export type QueueAsk = {
  readonly round?: string | undefined;
  readonly slide?: string | undefined;
  readonly class?: string | undefined;
  readonly kind?: string | undefined;
  readonly a?: number | undefined;
  readonly b?: number | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly state?: "open" | "all" | undefined;
  readonly task?: string | undefined;
  readonly differs?: string | undefined;
  readonly flagged?: "decided" | "read" | undefined;
  readonly version?: number | undefined;
};

/** The part of a project that a board, and every queue behind its numbers, is of. */
export type BoardScope = Pick<QueueAsk, "round" | "version">;

/** The board of a part of a project, with what was decided or as it was read. */
export function boardPath(
  projectId: string,
  { round, version }: BoardScope,
  of: "decided" | "read" = "decided",
): string {
  const query = new URLSearchParams(queryOf({ round, version }));
  if (of === "read") query.set("of", of);
  return `${projectPath(projectId, "consensus")}${query.size === 0 ? "" : `?${query}`}`;
}

/** The queue behind a number: `none` is "not marked". */
export function queuePath(projectId: string, ask: QueueAsk): string {
  const text = queryOf(ask);
  return `${projectPath(projectId, "consensus")}/queue${text === "" ? "" : `?${text}`}`;
}

/** Where the record of a round differs from a person's reads; without one: the reads of whoever looks. */
export function differencesPath(projectId: string, roundId: string, readerId?: string): string {
  const page = `${projectPath(projectId, "consensus")}/${roundId}/differences`;
  return readerId === undefined ? page : `${page}?reader=${readerId}`;
}

/** Where the guideline was found unclear, collected by the classes that are confused. */
export function unclearPath(projectId: string): string {
  return `${projectPath(projectId, "consensus")}/unclear`;
}

/** One dispute of a queue at its place on the slide; walking on from there stays in the queue. */
export function placeInQueue(
  projectId: string,
  ask: QueueAsk,
  dispute: { readonly key: string; readonly slideId: string; readonly roundId: string },
): string {
  const { round, a, b, x, y, task, differs, flagged, version } = ask;
  const rest = queryOf({ round, a, b, x, y, task, differs, flagged, version });
  return viewerPath(projectId, dispute.slideId, {
    round: dispute.roundId,
    dispute: dispute.key,
    class: ask.class,
    kind: ask.kind,
    queue: rest === "" ? undefined : rest,
  });
}

function queryOf(ask: QueueAsk): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(ask)) if (value !== undefined) query.set(key, String(value));
  return query.toString();
}
