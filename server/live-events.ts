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

type Listener = {
  readonly projectId: ProjectId;
  readonly personId: PersonId;
  readonly tell: (message: LiveMessage) => void;
  readonly end: () => void;
};

/**
 * Tells open pages that something changed, never what: a page asks the API again, which decides what it may know.
 * Told after the commit; a page that missed a message sees the change on its next request.
 */
export class LiveEvents {
  readonly #listeners = new Set<Listener>();
  readonly #relay: EventRelay | null;

  constructor(relay: EventRelay | null = null) {
    this.#relay = relay;
  }

  /**
   * @param end called when there will be no more messages, because the server stops
   * @returns a function that ends the subscription
   */
  subscribe(
    projectId: ProjectId,
    personId: PersonId,
    tell: (message: LiveMessage) => void,
    end: () => void = () => undefined,
  ): () => void {
    const listener = { projectId, personId, tell, end };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(projectId: ProjectId, audience: Audience, message: LiveMessage): void {
    this.#relay?.tell(projectId, audience, message);
    this.tellHere(projectId, audience, message);
  }

  /** Tells pages of this node only. */
  tellHere(projectId: ProjectId, audience: Audience, message: LiveMessage): void {
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
    for (const listener of this.#listeners) if (listener.personId === personId) listener.tell(message);
  }

  /** Ends every stream, so that a stopping server need not wait for pages that listen. */
  close(): void {
    for (const listener of [...this.#listeners]) listener.end();
  }

  get size(): number {
    return this.#listeners.size;
  }
}
