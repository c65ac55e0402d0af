import { projectPath } from "#app/_components/shell/navigation.ts";

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
};

/** The queue behind a number: `none` is "not marked". */
export function queuePath(projectId: string, ask: QueueAsk): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(ask)) if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return `${projectPath(projectId, "consensus")}/queue${text === "" ? "" : `?${text}`}`;
}
