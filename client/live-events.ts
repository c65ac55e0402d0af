import type { LiveEvent } from "#server/api/schemas/projects.ts";

export type LiveEventKind = LiveEvent["kind"];
export type LiveListener = { readonly onEvent: (event: LiveEvent) => void; readonly onGap: () => void };

/** A tab that is only passed over keeps its connection. */
const HIDDEN_MS = 5_000;

/** The one stream of each project that this page listens to, shared by whoever listens. */
const streams = new Map<string, { readonly listeners: Set<LiveListener>; readonly close: () => void }>();

/**
 * Hears that something of a project changed elsewhere; the browser reconnects by itself. A page has one connection for
 * each project, however many listen, and a hidden tab has none: over HTTP/1.1 a browser has six connections to a server,
 * and six tabs that listen would let no seventh page load.
 * @param listener.onEvent gets each event; after a gap in the connection `onGap` says that events may have been missed
 * @returns a function that stops listening
 */
export function listenToProject(projectId: string, listener: LiveListener): () => void {
  const stream = streams.get(projectId) ?? openStream(projectId);
  streams.set(projectId, stream);
  stream.listeners.add(listener);
  return () => {
    if (!stream.listeners.delete(listener) || stream.listeners.size > 0) return;
    stream.close();
    streams.delete(projectId);
  };
}

function openStream(projectId: string) {
  const listeners = new Set<LiveListener>();
  let opened = false;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const open = (): EventSource => {
    const fresh = new EventSource(`/api/v1/projects/${projectId}/events`);
    fresh.onopen = () => {
      if (opened) for (const each of [...listeners]) each.onGap();
      opened = true;
    };
    fresh.onmessage = (message) => {
      const event = parse(String(message.data));
      if (event !== null) for (const each of [...listeners]) each.onEvent(event);
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
  const close = () => {
    clearTimeout(hiding);
    document.removeEventListener("visibilitychange", onSeen);
    rest();
  };
  return { listeners, close };
}

function parse(text: string): LiveEvent | null {
  try {
    return JSON.parse(text) as LiveEvent;
  } catch {
    return null;
  }
}
