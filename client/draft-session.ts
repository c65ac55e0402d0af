import { type DraftClash, type DraftState, mergeDrafts, takeMine } from "#domain/draft-merge.ts";
import { ApiError, sentenceOf } from "./api.ts";

export type DraftSave =
  | { readonly state: "saved" | "unsaved" | "saving" }
  | { readonly state: "refused"; readonly sentence: string; readonly isGone: boolean };

export type DraftSnapshot = {
  readonly draft: DraftState;
  /** The version that the draft follows; 0 before the first. */
  readonly parent: number;
  readonly revision: number;
  readonly save: DraftSave;
  /** What somebody else wrote where one has written oneself, until one has chosen. */
  readonly clashes: readonly DraftClash[];
};

/** A draft with the version that it follows, as it is stored under a revision; 0 where it is not stored. */
export type StoredDraft = { readonly draft: DraftState; readonly parent: number; readonly revision: number };
/** Stores a draft over the revision that is named; answers the new revision. */
export type SendDraft = (stored: StoredDraft) => Promise<{ readonly revision: number }>;
/** The draft as it is stored now; null where it was published or thrown away. */
export type LoadDraft = () => Promise<StoredDraft | null>;

/** A pause in writing after which the draft is saved by itself. */
export const SETTLE_MS = 1_500;
/** Somebody who saves this often in the time of one save of ours writes by a script. */
const MOST_MERGES = 8;
const GONE = "The draft was published or thrown away meanwhile. What you see here is kept until you leave the page.";
const OVERTAKEN = "Another version was published meanwhile. What you see here is kept until you leave the page.";

/**
 * A guideline draft while it is written, by several leads at once. Saves after a pause, one save at a time, each over the
 * revision that the one before it got. Where somebody else saved meanwhile, theirs is fetched and joined field by field
 * (docs/decisions/0011); what both wrote differently is kept as a clash until somebody chooses. A save that is refused for
 * another reason keeps what was written and is not repeated until the next change or an explicit save.
 */
export class DraftSession {
  readonly #send: SendDraft;
  readonly #load: LoadDraft;
  readonly #listeners = new Set<() => void>();
  /** What is stored under the revision at hand. */
  #base: DraftState;
  #snapshot: DraftSnapshot;
  #isDirty = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<boolean> | null = null;

  constructor(start: StoredDraft & { readonly send: SendDraft; readonly load: LoadDraft }) {
    this.#send = start.send;
    this.#load = start.load;
    this.#base = start.draft;
    const { draft, parent, revision } = start;
    this.#snapshot = { draft, parent, revision, save: { state: "saved" }, clashes: [] };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly snapshot = (): DraftSnapshot => this.#snapshot;

  change(edit: (before: DraftState) => DraftState): void {
    this.#isDirty = true;
    this.#show({ draft: edit(this.#snapshot.draft), save: { state: this.#running === null ? "unsaved" : "saving" } });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.store(), SETTLE_MS);
  }

  /** Saves what is not saved, after the save that is on its way. @returns false where it was refused */
  store(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#running ??= this.#saveAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Like `store`, and also writes a draft that nobody has changed, so that there is one. */
  storeFirst(): Promise<boolean> {
    if (this.#snapshot.revision === 0) this.#isDirty = true;
    return this.store();
  }

  /** Takes in what others have saved: a page was told that there is something. */
  async pull(): Promise<void> {
    if (this.#running !== null) await this.#running;
    try {
      if ((await this.#takeTheirs()) && this.#snapshot.save.state !== "refused") await this.store();
    } catch (error) {
      this.#show({ save: { state: "refused", sentence: sentenceOf(error), isGone: false } });
    }
  }

  /**
   * A version was published since: nothing is sent any more. What is not stored is kept, and said to be too late; without
   * such a thing all of it was published.
   */
  async overtaken(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#running !== null) await this.#running;
    if (this.#isDirty && this.#snapshot.save.state !== "refused") this.#refuse(OVERTAKEN, true);
  }

  /** Ends a clash: with what this person wrote, or with what is stored. */
  settle(clash: DraftClash, choice: "mine" | "theirs"): void {
    this.#show({ clashes: this.#snapshot.clashes.filter((each) => each !== clash) });
    if (choice === "mine") this.change((draft) => takeMine(draft, clash));
  }

  /** Goes on from another start: what is here was put on a version that was published meanwhile, or is given up. */
  restart({ draft, parent, revision }: StoredDraft): void {
    clearTimeout(this.#timer);
    this.#base = draft;
    this.#isDirty = false;
    this.#show({ draft, parent, revision, clashes: [], save: { state: "saved" } });
  }

  /** Forgets what is not saved: the draft was thrown away. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#isDirty = false;
  }

  /** Saves what is left; for leaving the page. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#isDirty && this.#snapshot.save.state !== "refused") void this.store();
  }

  async #saveAll(): Promise<boolean> {
    for (let merges = 0; this.#isDirty; ) {
      this.#isDirty = false;
      this.#show({ save: { state: "saving" } });
      const { draft, parent, revision } = this.#snapshot;
      try {
        const answer = await this.#send({ draft, parent, revision });
        this.#base = draft;
        this.#show({ revision: answer.revision });
      } catch (error) {
        this.#isDirty = true;
        if (isCode(error, "draft-overtaken")) return this.#refuse(OVERTAKEN, true);
        if (!isCode(error, "stale-draft") || merges++ >= MOST_MERGES) return this.#refuse(sentenceOf(error));
        if (!(await this.#joined())) return false;
      }
    }
    if (this.#snapshot.save.state === "refused") return false;
    this.#show({ save: { state: "saved" } });
    return true;
  }

  /** @returns false where theirs could not be fetched, which is said then */
  async #joined(): Promise<boolean> {
    try {
      this.#isDirty = await this.#takeTheirs();
      return this.#snapshot.save.state !== "refused";
    } catch (error) {
      return this.#refuse(sentenceOf(error));
    }
  }

  /** @returns whether something of one's own is not stored after that */
  async #takeTheirs(): Promise<boolean> {
    const theirs = await this.#load();
    if (theirs === null) {
      if (this.#snapshot.revision > 0) this.#refuse(GONE, true);
      return this.#isDirty;
    }
    const { draft: mine, parent, revision, clashes: open } = this.#snapshot;
    if (theirs.parent !== parent) {
      this.#refuse(OVERTAKEN, true);
      return this.#isDirty;
    }
    if (theirs.revision <= revision) return this.#isDirty;
    const { merged, clashes, brings } = mergeDrafts(this.#base, mine, theirs.draft);
    this.#base = theirs.draft;
    this.#isDirty = brings;
    const kept = open.filter((each) => !clashes.some(({ path }) => path === each.path));
    this.#show({ draft: merged, revision: theirs.revision, clashes: [...kept, ...clashes] });
    return brings;
  }

  #refuse(sentence: string, isGone = false): false {
    this.#show({ save: { state: "refused", sentence, isGone } });
    return false;
  }

  #show(part: Partial<DraftSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
    for (const listener of this.#listeners) listener();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.code === code;
}
