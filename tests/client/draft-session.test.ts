import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "#client/api.ts";
import { DraftSession, SETTLE_MS, type StoredDraft } from "#client/draft-session.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";

const start: DraftState = { content: EMPTY_GUIDELINE, declarations: [] };
const write = (introduction: string) => (before: DraftState) => ({
  ...before,
  content: { ...before.content, introduction },
});

const quorum = (votes: number) => (before: DraftState) => ({
  ...before,
  content: { ...before.content, rules: { ...before.content.rules, quorum: votes } },
});

/** A store that keeps what it gets, as the API does, and answers when it is told to. */
function draftStore() {
  const saves: { readonly text: string; readonly over: number }[] = [];
  const waiting: (() => void)[] = [];
  let revision = 0;
  let stored: DraftState = start;
  let newest = 1;
  const send = async ({ draft, parent, revision: over }: StoredDraft) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (parent !== newest) throw new ApiError({ code: "draft-overtaken", title: "Late.", status: 409, detail: {} });
    if (over !== revision) throw new ApiError({ code: "stale-draft", title: "Stale.", status: 409, detail: {} });
    saves.push({ text: draft.content.introduction, over });
    revision += 1;
    stored = draft;
    return { revision };
  };
  const load = async () => (revision === 0 ? null : { draft: stored, parent: newest, revision });
  const publishByAnother = () => {
    newest += 1;
    revision = 0;
  };
  const answer = async () => {
    waiting.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  const saveByAnother = (edit: (before: DraftState) => DraftState) => {
    stored = edit(stored);
    revision += 1;
  };
  return { send, load, saves, answer, saveByAnother, publishByAnother, stored: () => stored };
}

describe("a guideline draft while it is written", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[PAG11] is saved after a pause, one save at a time, each over the revision before it", async () => {
    const store = draftStore();
    const session = new DraftSession({ draft: start, parent: 1, revision: 0, send: store.send, load: store.load });
    session.change(write("a"));
    session.change(write("ab"));
    expect(session.snapshot().save.state).toBe("unsaved");
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    session.change(write("abc"));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(session.snapshot().save.state).toBe("saving");
    await store.answer();
    await store.answer();
    expect(store.saves).toEqual([
      { text: "ab", over: 0 },
      { text: "abc", over: 1 },
    ]);
    expect(session.snapshot()).toMatchObject({ revision: 2, save: { state: "saved" } });
  });

  it("[PAG12] keeps what was written where a save is refused, and does not send it again by itself", async () => {
    const refusal = new ApiError({ code: "bad-request", title: "Not well formed.", status: 400, detail: {} });
    const session = new DraftSession({
      draft: start,
      parent: 1,
      revision: 0,
      send: () => Promise.reject(refusal),
      load: () => Promise.resolve(null),
    });
    session.change(write("mine"));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(session.snapshot().save).toEqual({ state: "refused", sentence: "Not well formed.", isGone: false });
    await vi.advanceTimersByTimeAsync(10 * SETTLE_MS);
    expect(session.snapshot().draft.content.introduction).toBe("mine");
  });

  it("[GED5] a save that comes second is joined with what is stored, and saved over that", async () => {
    const store = draftStore();
    store.saveByAnother((draft) => draft);
    const session = new DraftSession({ draft: start, parent: 1, revision: 1, send: store.send, load: store.load });
    session.change(write("mine"));
    store.saveByAnother(quorum(3));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await store.answer();
    await store.answer();
    expect(session.snapshot()).toMatchObject({ revision: 3, save: { state: "saved" }, clashes: [] });
    expect(store.stored().content).toMatchObject({ introduction: "mine", rules: { quorum: 3 } });
    expect(session.snapshot().draft).toEqual(store.stored());
  });

  it("[GED5] what others saved is taken in while nothing is written, without a save of one's own", async () => {
    const store = draftStore();
    store.saveByAnother((draft) => draft);
    const session = new DraftSession({ draft: start, parent: 1, revision: 1, send: store.send, load: store.load });
    store.saveByAnother(write("theirs"));
    await session.pull();
    expect(session.snapshot()).toMatchObject({ revision: 2, draft: { content: { introduction: "theirs" } } });
    await vi.advanceTimersByTimeAsync(10 * SETTLE_MS);
    expect(store.saves).toEqual([]);
  });

  it("[GED6] the same field written by both is a clash that stays until somebody chooses", async () => {
    const store = draftStore();
    store.saveByAnother((draft) => draft);
    const session = new DraftSession({ draft: start, parent: 1, revision: 1, send: store.send, load: store.load });
    session.change(write("mine"));
    store.saveByAnother(write("theirs"));
    await session.pull();
    const [clash] = session.snapshot().clashes;
    expect(clash).toEqual({ path: "content/introduction", mine: "mine", theirs: "theirs" });
    expect(session.snapshot().draft.content.introduction).toBe("theirs");
    if (clash !== undefined) session.settle(clash, "mine");
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await store.answer();
    expect(store.stored().content.introduction).toBe("mine");
    expect(session.snapshot().clashes).toEqual([]);
  });

  it("[GED6] says so where the draft was published or thrown away, and keeps what was written", async () => {
    const session = new DraftSession({
      draft: start,
      parent: 1,
      revision: 4,
      send: () => Promise.reject(new ApiError({ code: "stale-draft", title: "Stale.", status: 409, detail: {} })),
      load: () => Promise.resolve(null),
    });
    session.change(write("mine"));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(session.snapshot().save).toMatchObject({ state: "refused", isGone: true });
    expect(session.snapshot().draft.content.introduction).toBe("mine");
  });

  it("[RBS7] a draft whose version is no longer the newest is not saved over another, is kept, and goes on once it was put there", async () => {
    const store = draftStore();
    store.saveByAnother((draft) => draft);
    const session = new DraftSession({ draft: start, parent: 1, revision: 1, send: store.send, load: store.load });
    session.change(write("late"));
    store.publishByAnother();
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await store.answer();
    expect(session.snapshot()).toMatchObject({
      parent: 1,
      save: { state: "refused", isGone: true },
      draft: { content: { introduction: "late" } },
    });
    store.saveByAnother(write("begun on version 2"));
    store.saveByAnother(quorum(3));
    await session.pull();
    expect(session.snapshot()).toMatchObject({ save: { isGone: true }, draft: { content: { introduction: "late" } } });
    session.restart({ draft: store.stored(), parent: 2, revision: 2 });
    expect(session.snapshot()).toMatchObject({ parent: 2, revision: 2, save: { state: "saved" }, clashes: [] });
    session.change(write("again"));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await store.answer();
    expect(store.saves).toEqual([{ text: "again", over: 2 }]);
  });

  it("[PAG12] is not sent any more once it was thrown away", async () => {
    const store = draftStore();
    const session = new DraftSession({ draft: start, parent: 1, revision: 0, send: store.send, load: store.load });
    session.change(write("thrown away"));
    session.abandon();
    session.close();
    await vi.advanceTimersByTimeAsync(10 * SETTLE_MS);
    await store.answer();
    expect(store.saves).toEqual([]);
  });

  it("[PAG11] is saved when the page is left before the pause is over", async () => {
    const store = draftStore();
    const session = new DraftSession({ draft: start, parent: 1, revision: 0, send: store.send, load: store.load });
    session.change(write("last words"));
    session.close();
    await store.answer();
    expect(store.saves).toEqual([{ text: "last words", over: 0 }]);
  });

  it("[GED28] sends nothing once a version has overtaken it: what was stored is published, what was not is kept and said", async () => {
    const store = draftStore();
    const start1 = { draft: start, parent: 1, revision: 0, send: store.send, load: store.load };
    const session = new DraftSession(start1);
    session.change(write("a"));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await store.answer();
    store.publishByAnother();
    await session.overtaken();
    expect(session.snapshot().save.state).toBe("saved");
    session.change(write("ab"));
    await session.overtaken();
    await vi.advanceTimersByTimeAsync(10 * SETTLE_MS);
    expect(store.saves).toHaveLength(1);
    expect(session.snapshot()).toMatchObject({
      draft: { content: { introduction: "ab" } },
      save: { state: "refused", isGone: true },
    });

    const late = new DraftSession(start1);
    late.change(write("b"));
    const storing = late.store();
    const told = late.overtaken();
    await store.answer();
    expect(await storing).toBe(false);
    await told;
    expect(late.snapshot().save).toMatchObject({ state: "refused", isGone: true });
  });
});
