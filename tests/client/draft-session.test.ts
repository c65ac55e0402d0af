import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "#client/api.ts";
import { DraftSession, SETTLE_MS } from "#client/draft-session.ts";
import { type DraftState, EMPTY_GUIDELINE } from "#client/guideline-draft.ts";

const start: DraftState = { content: EMPTY_GUIDELINE, declarations: [] };
const write = (introduction: string) => (before: DraftState) => ({
  ...before,
  content: { ...before.content, introduction },
});

/** A store that keeps what it gets, as the API does, and answers when it is told to. */
function draftStore() {
  const saves: { readonly text: string; readonly over: number }[] = [];
  const waiting: (() => void)[] = [];
  let revision = 0;
  const send = async (draft: DraftState, over: number) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (over !== revision) throw new ApiError({ code: "stale-draft", title: "Stale.", status: 409, detail: {} });
    saves.push({ text: draft.content.introduction, over });
    revision += 1;
    return { revision };
  };
  const answer = async () => {
    waiting.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  const saveByAnother = () => {
    revision += 1;
  };
  return { send, saves, answer, saveByAnother };
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
    const session = new DraftSession({ draft: start, revision: 0, send: store.send });
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
    const store = draftStore();
    const session = new DraftSession({ draft: start, revision: 0, send: store.send });
    store.saveByAnother();
    session.change(write("mine"));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    await store.answer();
    expect(session.snapshot().save).toEqual({ state: "refused", sentence: "Stale.", isStale: true });
    await vi.advanceTimersByTimeAsync(10 * SETTLE_MS);
    session.close();
    expect(store.saves).toEqual([]);
    expect(session.snapshot().draft.content.introduction).toBe("mine");
  });

  it("[PAG12] is not sent any more once it was thrown away", async () => {
    const store = draftStore();
    const session = new DraftSession({ draft: start, revision: 0, send: store.send });
    session.change(write("thrown away"));
    session.abandon();
    session.close();
    await vi.advanceTimersByTimeAsync(10 * SETTLE_MS);
    await store.answer();
    expect(store.saves).toEqual([]);
  });

  it("[PAG11] is saved when the page is left before the pause is over", async () => {
    const store = draftStore();
    const session = new DraftSession({ draft: start, revision: 0, send: store.send });
    session.change(write("last words"));
    session.close();
    await store.answer();
    expect(store.saves).toEqual([{ text: "last words", over: 0 }]);
  });
});
