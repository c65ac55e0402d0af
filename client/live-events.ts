import type { LiveEvent } from "#server/api/schemas/projects.ts";

export type LiveEventKind = LiveEvent["kind"];

/** A tab that is only passed over keeps its connection. */
const HIDDEN_MS = 5_000;

function parse(text: string): LiveEvent | null {
  try {
    return JSON.parse(text) as LiveEvent;
  } catch {
    return null;
  }
}

/**
 * Hears that something of a project changed elsewhere; the browser reconnects by itself. A hidden tab does not listen:
 * over HTTP/1.1 a browser has six connections to a server, and six tabs that listen would let no seventh page load.
 * @param onEvent gets each event; after a gap in the connection `onGap` says that events may have been missed
 * @returns a function that stops listening
 */
export function listenToProject(
  projectId: string,
  listener: { readonly onEvent: (event: LiveEvent) => void; readonly onGap: () => void },
): () => void {
  let opened = false;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const open = (): EventSource => {
    const fresh = new EventSource(`/api/v1/projects/${projectId}/events`);
    fresh.onopen = () => {
      if (opened) listener.onGap();
      opened = true;
    };
    fresh.onmessage = (message) => {
      const event = parse(String(message.data));
      if (event !== null) listener.onEvent(event);
    };
    return fresh;
  };
  let source: EventSource | null = open();
  const rest = () => {
    source?.close();
    source = null;
  };
  const onSeen = () => {
    clearTimeout(hiding);
    if (document.visibilityState === "hidden") hiding = setTimeout(rest, HIDDEN_MS);
    else source ??= open();
  };
  document.addEventListener("visibilitychange", onSeen);
  return () => {
    clearTimeout(hiding);
    document.removeEventListener("visibilitychange", onSeen);
    rest();
  };
}
