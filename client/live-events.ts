import type { LiveEvent } from "#server/api/schemas/projects.ts";

export type LiveEventKind = LiveEvent["kind"];
export type LiveListener = { readonly onEvent: (event: LiveEvent) => void; readonly onGap: () => void };

/** A tab that is only passed over keeps its connection. */
const HIDDEN_MS = 5_000;
/** The server tells again what it told while the page was on its way; a line that takes longer to stand is a gap. */
const SLOW_MS = 3_000;
/** A part of a page that begins to listen was rendered so long ago at most: it hears again what came since. */
const RECENT_MS = 30_000;
/** More than these are one gap. */
const MOST_RECENT = 500;

type Stream = {
  readonly listeners: Set<LiveListener>;
  /** What came lately, and when on the clock of `performance`; null stands for a gap. */
  recent: { readonly at: number; readonly kind: LiveEventKind | null }[];
  close: () => void;
};

/** The one stream of each project that this page listens to, shared by whoever listens. */
const streams = new Map<string, Stream>();

/**
 * Hears that something of a project changed elsewhere; the browser reconnects by itself. A page has one connection for
 * each project, however many listen, and a hidden tab has none: over HTTP/1.1 a browser has six connections to a server,
 * and six tabs that listen would let no seventh page load.
 * What happened between the rendering of what listens and now is told too, without its sentence.
 * @param listener.onEvent gets each event; `onGap` says that events may have been missed
 * @returns a function that stops listening
 */
export function listenToProject(projectId: string, listener: LiveListener): () => void {
  const stream = streams.get(projectId) ?? openStream(projectId);
  streams.set(projectId, stream);
  stream.listeners.add(listener);
  catchUp(stream, listener);
  return () => {
    if (!stream.listeners.delete(listener) || stream.listeners.size > 0) return;
    stream.close();
    streams.delete(projectId);
  };
}

function catchUp(stream: Stream, { onEvent, onGap }: LiveListener): void {
  const since = performance.now() - RECENT_MS;
  stream.recent = stream.recent.filter(({ at }) => at >= since);
  for (const kind of new Set(stream.recent.map((each) => each.kind))) {
    if (kind === null) onGap();
    else onEvent({ kind, toast: null });
  }
}

function openStream(projectId: string): Stream {
  const stream: Stream = { listeners: new Set(), recent: [], close: () => undefined };
  const tell = (event: LiveEvent | null): void => {
    stream.recent.push({ at: performance.now(), kind: event?.kind ?? null });
    if (stream.recent.length > MOST_RECENT) stream.recent = [{ at: performance.now(), kind: null }];
    for (const each of [...stream.listeners]) {
      if (event === null) each.onGap();
      else each.onEvent(event);
    }
  };
  let broken = false;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const open = (): EventSource => {
    const asked = performance.now();
    // Nothing of what the page shows was read before the page was asked for.
    const fresh = new EventSource(`/api/v1/projects/${projectId}/events?age=${Math.ceil(asked)}`);
    fresh.onopen = () => {
      if (broken || performance.now() - asked > SLOW_MS) tell(null);
      broken = true;
    };
    fresh.onerror = () => {
      broken = true;
    };
    fresh.addEventListener("gap", () => tell(null));
    fresh.onmessage = (message) => {
      const event = parse(String(message.data));
      if (event !== null) tell(event);
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
  stream.close = () => {
    clearTimeout(hiding);
    document.removeEventListener("visibilitychange", onSeen);
    rest();
  };
  return stream;
}

function parse(text: string): LiveEvent | null {
  try {
    return JSON.parse(text) as LiveEvent;
  } catch {
    return null;
  }
}
