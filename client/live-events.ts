import type { LiveEvent } from "#server/api/schemas/projects.ts";

export type LiveEventKind = LiveEvent["kind"];

function parse(text: string): LiveEvent | null {
  try {
    return JSON.parse(text) as LiveEvent;
  } catch {
    return null;
  }
}

/**
 * Hears that something of a project changed elsewhere; the browser reconnects by itself.
 * @param onEvent gets each event; after a gap in the connection `onGap` says that events may have been missed
 * @returns a function that stops listening
 */
export function listenToProject(
  projectId: string,
  listener: { readonly onEvent: (event: LiveEvent) => void; readonly onGap: () => void },
): () => void {
  const source = new EventSource(`/api/v1/projects/${projectId}/events`);
  let opened = false;
  source.onopen = () => {
    if (opened) listener.onGap();
    opened = true;
  };
  source.onmessage = (message) => {
    const event = parse(String(message.data));
    if (event !== null) listener.onEvent(event);
  };
  return () => source.close();
}
