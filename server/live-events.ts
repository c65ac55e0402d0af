import type { PersonId, ProjectId } from "#domain/ids.ts";

export const LIVE_KINDS = [
  "guideline",
  "draft",
  "trials",
  "questions",
  "tasks",
  "rounds",
  "slides",
  "members",
  "consensus",
  "adjudicators",
  "releases",
  "layers",
  "comments",
  "notifications",
] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];
export type LiveMessage = { readonly kind: LiveKind; readonly toast: string | null };

/** Who is told: everybody in the project, or these people only. What blind readers must not learn is sent to a list. */
export type Audience = "project" | readonly PersonId[];

/** What is told here, told to pages of the other nodes too. */
export type EventRelay = {
  tell(projectId: ProjectId, audience: Audience, message: LiveMessage): void;
  tellPerson(personId: PersonId, message: LiveMessage): void;
};

/** A page that listens. */
export type Page = {
  readonly tell: (message: LiveMessage) => void;
  /** Messages may have been missed: what the page shows is asked again, whatever it is. */
  readonly gap: () => void;
  /** There will be no more messages, because the server stops. */
  readonly end: () => void;
  /** What the page shows was read at most so long ago, ms; null: only what happens from now on matters to it. */
  readonly ageMs: number | null;
};

type Listener = Omit<Page, "ageMs"> & { readonly projectId: ProjectId; readonly personId: PersonId };

/** What was told, to be told once more to pages that were on their way here meanwhile. */
type Told = {
  readonly at: number;
  /** Null: whatever project the audience listens to. */
  readonly projectId: ProjectId | null;
  readonly audience: Audience;
  readonly kind: LiveKind;
};

const KEPT_MS = 2 * 60_000;
const MOST_KEPT = 5_000;
/**
 * A message is told up to so long before or after others know of its commit: nodes hear of each other within 2 s, and a page
 * that takes longer than 3 s to be connected asks everything again by itself (client/live-events.ts).
 */
const SETTLE_MS = 5_000;

/**
 * Tells open pages that something changed, never what: a page asks the API again, which decides what it may know.
 * Told after the commit. What was told between a page's rendering and its listening is told again when it listens, without the
 * sentence; where that is not known any more, it is told of a gap.
 */
export class LiveEvents {
  readonly #listeners = new Set<Listener>();
  readonly #relay: EventRelay | null;
  readonly #now: () => number;
  #told: Told[] = [];
  /** All that was told since then is in `#told`. */
  #knownSince: number;

  /** @param now a clock in ms that never goes back */
  constructor(relay: EventRelay | null = null, now: () => number = () => performance.now()) {
    this.#relay = relay;
    this.#now = now;
    this.#knownSince = now();
  }

  /** @returns a function that ends the subscription */
  subscribe(projectId: ProjectId, personId: PersonId, { ageMs, ...page }: Page): () => void {
    const listener = { projectId, personId, ...page };
    this.#listeners.add(listener);
    if (ageMs !== null) this.#catchUp(listener, this.#now() - ageMs - SETTLE_MS);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #catchUp({ projectId, personId, tell, gap }: Listener, since: number): void {
    this.#forgetOld();
    if (since <= this.#knownSince) {
      gap();
      return;
    }
    const missed = this.#told.filter(
      (each) =>
        each.at >= since &&
        (each.projectId === null || each.projectId === projectId) &&
        (each.audience === "project" || each.audience.includes(personId)),
    );
    for (const kind of new Set(missed.map((each) => each.kind))) tell({ kind, toast: null });
  }

  tell(projectId: ProjectId, audience: Audience, message: LiveMessage): void {
    this.#relay?.tell(projectId, audience, message);
    this.tellHere(projectId, audience, message);
  }

  /** Tells pages of this node only. */
  tellHere(projectId: ProjectId, audience: Audience, message: LiveMessage): void {
    this.#keep({ at: this.#now(), projectId, audience, kind: message.kind });
    for (const listener of this.#listeners) {
      if (listener.projectId !== projectId) continue;
      if (audience === "project" || audience.includes(listener.personId)) listener.tell(message);
    }
  }

  /** Tells one person in whatever project they listen to: their other tabs. */
  tellPerson(personId: PersonId, message: LiveMessage): void {
    this.#relay?.tellPerson(personId, message);
    this.tellPersonHere(personId, message);
  }

  tellPersonHere(personId: PersonId, message: LiveMessage): void {
    this.#keep({ at: this.#now(), projectId: null, audience: [personId], kind: message.kind });
    for (const listener of this.#listeners) if (listener.personId === personId) listener.tell(message);
  }

  /** What other nodes told is not known for sure: every page, and every one that is on its way, asks again. */
  missed(): void {
    this.#knownSince = this.#now();
    this.#told = [];
    for (const listener of this.#listeners) listener.gap();
  }

  /** Ends every stream, so that a stopping server need not wait for pages that listen. */
  close(): void {
    for (const listener of [...this.#listeners]) listener.end();
  }

  get size(): number {
    return this.#listeners.size;
  }

  #keep(told: Told): void {
    this.#told.push(told);
    // Not at every message: looking at all of them costs more than keeping some a little longer.
    if (this.#told.length > MOST_KEPT) this.#forgetOld();
  }

  #forgetOld(): void {
    const oldest = this.#now() - KEPT_MS;
    const fresh = this.#told.filter(({ at }) => at >= oldest);
    this.#told = fresh.length > MOST_KEPT ? fresh.slice(-MOST_KEPT / 2) : fresh;
    const left = this.#told.length < fresh.length ? this.#told[0] : undefined;
    this.#knownSince = Math.max(this.#knownSince, left?.at ?? oldest);
  }
}
