import { createStore, type StoreApi } from "zustand/vanilla";
import type { Thread } from "./answers.ts";

/** What a new thread is about: an outline of a layer, or a place, level-0 px. */
export type TalkSubject = {
  readonly layerId: string;
  readonly annotationId: string | null;
  readonly at: { readonly x: number; readonly y: number };
};
export type TalkState = {
  /** Of every layer that one may see, oldest first. */
  readonly threads: readonly Thread[];
  /** The thread that is read, or one that begins with the next word. */
  readonly open: { readonly threadId: string } | { readonly about: TalkSubject } | null;
  /** The next press on the slide says where a new thread is. */
  readonly isPlacing: boolean;
  readonly showsResolved: boolean;
};

const NOTHING: TalkState = { threads: [], open: null, isPlacing: false, showsResolved: false };

/** What is said about the outlines and places of one slide. What is not here the server did not tell. */
export class SlideTalk {
  readonly state: StoreApi<TalkState> = createStore<TalkState>(() => NOTHING);
  readonly #ask: (layerId: string) => Promise<readonly Thread[]>;
  #asked = 0;

  constructor(ask: (layerId: string) => Promise<readonly Thread[]>) {
    this.#ask = ask;
  }

  /** Asks for the threads of these layers; a later question wins. A layer that is no longer one's to see has none. */
  async fetch(layerIds: readonly string[]): Promise<void> {
    const question = ++this.#asked;
    const found = await Promise.all(layerIds.map((id) => this.#ask(id).catch((): readonly Thread[] => [])));
    if (question !== this.#asked) return;
    const threads = found.flat();
    const { open } = this.state.getState();
    const isGone = open !== null && "threadId" in open && threads.every(({ id }) => id !== open.threadId);
    this.state.setState({ threads, ...(isGone ? { open: null } : {}) });
  }

  /** Opens the thread that there is about a subject, or begins one. */
  begin(about: TalkSubject): void {
    const { threads } = this.state.getState();
    const known = threads.find(
      ({ layerId, annotationId, resolvedAt }) =>
        about.annotationId !== null &&
        annotationId === about.annotationId &&
        layerId === about.layerId &&
        resolvedAt === null,
    );
    this.state.setState({ open: known === undefined ? { about } : { threadId: known.id }, isPlacing: false });
  }

  read(threadId: string): void {
    this.state.setState({ open: { threadId }, isPlacing: false });
  }

  /**
   * Takes what the server answered about one thread, before it is asked again.
   * @param asked what was open when it was asked; what was closed or left meanwhile does not come back
   */
  take(thread: Thread, asked: TalkState["open"]): void {
    this.state.setState(({ threads, open }) => ({
      threads: [...threads.filter(({ id }) => id !== thread.id), thread],
      open: open === asked ? { threadId: thread.id } : open,
    }));
  }

  close(): void {
    this.state.setState({ open: null, isPlacing: false });
  }

  /** Closes a thread, where it is the one that is open. */
  leave(threadId: string): void {
    const { open } = this.state.getState();
    if (open !== null && "threadId" in open && open.threadId === threadId) this.close();
  }
}

/** Threads that have a pin: those of layers that are shown, dealt with only where that is asked for. */
export function pinnedThreads(
  { threads, open, showsResolved }: TalkState,
  hiddenLayerIds: ReadonlySet<string>,
): readonly Thread[] {
  const isOpen = ({ id }: Thread) => open !== null && "threadId" in open && open.threadId === id;
  return threads.filter(
    (thread) =>
      thread.place !== null &&
      !hiddenLayerIds.has(thread.layerId ?? "") &&
      (showsResolved || thread.resolvedAt === null || isOpen(thread)),
  );
}
