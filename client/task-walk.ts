import { createStore, type StoreApi } from "zustand/vanilla";
import type { Geometry } from "#domain/annotation.ts";
import { annotationId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import {
  AnswerQueue,
  type AnswerSender,
  type Given,
  type QueueStorage,
  type Step,
  type TrimmedOther,
} from "./answer-queue.ts";
import type { TaskDetail, TaskItem } from "./answers.ts";
import { freshId } from "./fresh-id.ts";

/** An answer that the server refused, with the sentence that it said. */
export type Refused = { readonly given: Given; readonly sentence: string };

export type WalkState = {
  /** As the API said last, with what was answered since. */
  readonly detail: TaskDetail | null;
  readonly items: readonly TaskItem[];
  /** Place of the item at hand. */
  readonly index: number;
  /** Items that wait for an answer. */
  readonly left: number;
  /** Answers on their way. */
  readonly sending: number;
  /** Answers cannot be sent at the moment. */
  readonly stuck: boolean;
  readonly canUndo: boolean;
  readonly refused: readonly Refused[];
};

/** An item of a batch, and what is said about it. */
export type AnsweredItem = { readonly item: TaskItem; readonly answer: Answer };
/** What goes with an answer: a new shape, level-0 px, or others of its pairs that are trimmed. */
export type Beside = { readonly geometry?: Geometry | undefined; readonly trims?: readonly TrimmedOther[] | undefined };
type Overlay = { readonly given: Given; confirmed: boolean };
/** An answer that can be taken back, and where the person stood when it was given. */
type Undoable = { readonly given: Given; readonly annotationId: string | null };

/** Before anything is known. */
export const NO_WALK: WalkState = {
  detail: null,
  items: [],
  index: 0,
  left: 0,
  sending: 0,
  stuck: false,
  canUndo: false,
  refused: [],
};

/**
 * A person's way through the items of a task. The next item is there at once: what is answered counts here before the
 * server has confirmed it, and what the server says later wins.
 */
export class TaskWalk {
  readonly state: StoreApi<WalkState> = createStore<WalkState>(() => NO_WALK);
  readonly #queue: AnswerQueue;
  readonly #ask: () => Promise<TaskDetail>;
  readonly #overlays = new Map<string, Overlay>();
  #undos: readonly Undoable[] = [];
  #fetched: TaskDetail | null = null;
  #currentId: string | null = null;
  #closed = false;

  /**
   * @param ask fetches the task  @param sender sends answers
   * @param key names the person and the task in the browser's storage
   */
  constructor(ask: () => Promise<TaskDetail>, sender: AnswerSender, storage: QueueStorage, key: string) {
    this.#ask = ask;
    this.#queue = new AnswerQueue(
      sender,
      {
        confirmed: (step) => this.#confirmed(step),
        refused: (step, sentence) => this.#refused(step, sentence),
        changed: () => this.#show(),
      },
      storage,
      key,
    );
    for (const { kind, given } of this.#queue.steps) if (kind === "answer") this.#cover(given);
    this.#queue.start();
  }

  /** Asks the server what the task is now. @throws ApiError */
  async fetch(): Promise<void> {
    const settled = [...this.#overlays].filter(([, { confirmed }]) => confirmed);
    const detail = await this.#ask();
    if (this.#closed) return;
    for (const [id, overlay] of settled) if (this.#overlays.get(id) === overlay) this.#overlays.delete(id);
    const isFirst = this.#fetched === null;
    this.#fetched = detail;
    this.#show();
    if (isFirst)
      this.go(
        Math.max(
          0,
          this.state.getState().items.findIndex(({ state }) => state === "waiting"),
        ),
      );
  }

  /** Goes to an item by its place; beyond the ends to the last. */
  go(to: number): void {
    const { items } = this.state.getState();
    const index = Math.max(0, Math.min(items.length - 1, to));
    this.#currentId = items[index]?.annotationId ?? null;
    this.state.setState({ index });
  }

  /** Answers the item at hand and goes to the next one that waits. */
  answer(answer: Answer, beside: Beside = {}): void {
    const { items, index } = this.state.getState();
    const item = items[index];
    if (item !== undefined) this.#give([item], answer, beside);
  }

  /** Gives one verdict about several alike items, each with its own class and values, which one undo takes back. */
  answerAll(answers: readonly AnsweredItem[]): void {
    const [first] = answers;
    if (first === undefined) return;
    const own = new Map(answers.map(({ item, answer }) => [item.annotationId, answer]));
    const items = answers.map(({ item }) => item);
    this.#give(items, first.answer, { own });
  }

  /** Takes the last answer of this visit back and goes where it was given. */
  undo(): void {
    const last = this.#undos.at(-1);
    if (last === undefined) return;
    this.#undos = this.#undos.slice(0, -1);
    for (const { annotationId } of last.given.items) this.#overlays.delete(annotationId);
    this.#currentId = last.annotationId;
    this.#queue.takeBack(last.given);
    this.#show();
  }

  /** The next places at which something waits, from the one at hand on. */
  upcoming(count: number): readonly TaskItem[] {
    const { items, index } = this.state.getState();
    const found: TaskItem[] = [];
    for (let step = 1; step < items.length && found.length < count; step++) {
      const item = items[(index + step) % items.length];
      if (item?.state === "waiting") found.push(item);
    }
    return found;
  }

  /** Forgets what the server refused, once it was read. */
  dismiss(): void {
    this.state.setState({ refused: [] });
  }

  retry(): void {
    this.#queue.retry();
  }

  close(): void {
    this.#closed = true;
    this.#queue.close();
  }

  #give(
    items: readonly TaskItem[],
    answer: Answer,
    { geometry, trims, own }: Beside & { readonly own?: ReadonlyMap<string, Answer> },
  ): void {
    const given: Given = {
      id: freshId(annotationId),
      items: items.map(({ annotationId, contentHash }) => {
        const of = own?.get(annotationId) ?? answer;
        return { annotationId, contentHash, ...(of === answer ? {} : { answer: of }) };
      }),
      answer,
      ...(geometry === undefined ? {} : { geometry }),
      ...(trims === undefined ? {} : { trims }),
    };
    this.#undos = [...this.#undos, { given, annotationId: this.#currentId }];
    this.#cover(given);
    this.#currentId = this.#nextWaiting()?.annotationId ?? this.#currentId;
    this.#queue.give(given);
  }

  #cover(given: Given): void {
    for (const { annotationId } of given.items) this.#overlays.set(annotationId, { given, confirmed: false });
  }

  /** The next item that waits after the one at hand, and round. */
  #nextWaiting(): TaskItem | undefined {
    const items = this.#covered();
    const from = items.findIndex(({ annotationId }) => annotationId === this.#currentId);
    return [...items.slice(from + 1), ...items.slice(0, Math.max(0, from))].find(({ state }) => state === "waiting");
  }

  #confirmed({ kind, given }: Step): void {
    if (kind === "undo") return;
    for (const { annotationId } of given.items) {
      const overlay = this.#overlays.get(annotationId);
      if (overlay?.given === given) overlay.confirmed = true;
    }
  }

  #refused({ kind, given }: Step, sentence: string): void {
    if (kind === "answer") {
      this.#undos = this.#undos.filter((each) => each.given.id !== given.id);
      for (const { annotationId } of given.items) {
        if (this.#overlays.get(annotationId)?.given === given) this.#overlays.delete(annotationId);
      }
    }
    this.state.setState(({ refused }) => ({ refused: [...refused, { given, sentence }] }));
    this.#show();
    void this.fetch().catch(() => undefined);
  }

  #covered(): readonly TaskItem[] {
    return (this.#fetched?.items ?? []).map((item) => {
      const overlay = this.#overlays.get(item.annotationId);
      return overlay === undefined ? item : { ...item, ...shown(overlay.given.answer) };
    });
  }

  #show(): void {
    const items = this.#covered();
    const at = items.findIndex(({ annotationId }) => annotationId === this.#currentId);
    const index = at >= 0 ? at : Math.max(0, Math.min(items.length - 1, this.state.getState().index));
    const waiting = items.filter(({ state }) => state === "waiting").length;
    const task = this.#fetched?.task;
    const left = items.length === 0 ? (task?.left ?? 0) : waiting;
    this.state.setState({
      detail:
        this.#fetched === null || task === undefined
          ? null
          : { ...this.#fetched, task: { ...task, left }, items: [...items] },
      items,
      index,
      left,
      sending: this.#queue.steps.length,
      stuck: this.#queue.stuck,
      canUndo: this.#undos.length > 0,
    });
  }
}

/** What an answered item looks like before the server says so. */
function shown(answer: Answer): Pick<TaskItem, "state" | "note"> {
  switch (answer.verdict) {
    case "delete":
      return { state: "gone", note: "" };
    case "cannot-tell":
      return { state: "undecided", note: answer.note };
    default:
      return { state: "answered", note: "" };
  }
}
