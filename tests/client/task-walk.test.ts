import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Given } from "#client/answer-queue.ts";
import type { TaskDetail, TaskItem } from "#client/answers.ts";
import { ApiError } from "#client/http.ts";
import { TaskWalk } from "#client/task-walk.ts";

/** A storage of a browser. */
class Kept {
  readonly values = new Map<string, string>();
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.values.set(key, value);
  removeItem = (key: string) => void this.values.delete(key);
}

/** A server that answers when it is told to, and keeps what it was sent. */
class FakeServer {
  readonly done: string[] = [];
  readonly answered = new Map<string, TaskItem["state"]>();
  failing: ApiError | null = null;
  hold: Promise<void> = Promise.resolve();

  names = ["one", "two", "three", "four"];

  detail = (): TaskDetail => {
    const items = this.names.map(
      (name): TaskItem => ({
        annotationId: name,
        contentHash: `hash of ${name}`,
        state: this.answered.get(name) ?? "waiting",
        note: "",
        questions: [],
        pairs: [],
        suggestion: null,
        attributes: {},
        classId: "a",
        under: 1,
        bbox: [0, 0, 1, 1],
        geometry: { type: "point", at: [0, 0] },
      }),
    );
    const left = items.filter(({ state }) => state === "waiting").length;
    return { task: { left, total: items.length }, items } as unknown as TaskDetail;
  };

  readonly sender = {
    answer: async (given: Given) => {
      await this.#reach();
      for (const { annotationId } of given.items) this.answered.set(annotationId, "answered");
      this.done.push(`${given.answer.verdict} ${given.items.map(({ annotationId }) => annotationId).join("+")}`);
    },
    undo: async (given: Given) => {
      await this.#reach();
      for (const { annotationId } of given.items) this.answered.delete(annotationId);
      this.done.push(`undo ${given.items.map(({ annotationId }) => annotationId).join("+")}`);
    },
  };

  async #reach(): Promise<void> {
    await this.hold;
    if (this.failing !== null) throw this.failing;
  }
}

const KEEP = { verdict: "keep" } as const;
const problem = (status: number, code: string) => new ApiError({ code, title: `no: ${code}`, status, detail: {} });

let server: FakeServer;
let kept: Kept;
let walk: TaskWalk;
const open = async () => {
  walk = new TaskWalk(async () => server.detail(), server.sender, kept, "walk");
  await walk.fetch();
  return walk;
};
const at = () => walk.state.getState().items[walk.state.getState().index]?.annotationId;
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  kept = new Kept();
});
afterEach(() => {
  walk.close();
  vi.useRealTimers();
});

describe("a walk through a task", () => {
  it("[WLK1] shows the next item at once and sends answers in the order in which they were given", async () => {
    const gate: { open?: () => void } = {};
    server.hold = new Promise((resolve) => {
      gate.open = resolve;
    });
    await open();
    walk.answer(KEEP);
    walk.answer({ verdict: "delete" });
    expect(at()).toBe("three");
    expect(walk.state.getState()).toMatchObject({ left: 2, sending: 2, canUndo: true });
    expect(walk.state.getState().items.map(({ state }) => state)).toEqual(["answered", "gone", "waiting", "waiting"]);
    gate.open?.();
    await settle();
    expect(server.done).toEqual(["keep one", "delete two"]);
    await walk.fetch();
    expect(walk.state.getState()).toMatchObject({ left: 2, sending: 0 });
  });

  it("[WLK2] goes back by undo: what was not sent is forgotten, what was sent is taken back after it", async () => {
    await open();
    walk.answer(KEEP);
    await settle();
    walk.answer(KEEP);
    walk.answer(KEEP);
    walk.undo();
    expect(at()).toBe("three");
    walk.undo();
    walk.undo();
    expect(at()).toBe("one");
    await settle();
    expect(server.done.filter((each) => each.includes("three"))).toEqual([]);
    expect([...server.answered.keys()]).toEqual([]);
    expect(walk.state.getState()).toMatchObject({ left: 4, canUndo: false, sending: 0 });
  });

  it("[WLK3] keeps answers while the server does not answer, over a reload too, and sends each of them once", async () => {
    await open();
    server.failing = problem(0, "unreachable");
    walk.answer(KEEP);
    walk.answer(KEEP);
    await settle();
    expect(walk.state.getState()).toMatchObject({ stuck: true, sending: 2, left: 2 });
    walk.close();
    await open();
    expect(walk.state.getState()).toMatchObject({ sending: 2, left: 2 });
    expect(at()).toBe("three");
    server.failing = null;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.done).toEqual(["keep one", "keep two"]);
    expect(walk.state.getState()).toMatchObject({ stuck: false, sending: 0 });
    expect(kept.values.size).toBe(0);
  });

  it("[WLK4] hands back what the server refuses, says why, and goes on with the others", async () => {
    await open();
    server.failing = problem(409, "content-changed");
    walk.answer(KEEP);
    await settle();
    server.failing = null;
    walk.answer(KEEP);
    await settle();
    expect(walk.state.getState().refused.map(({ sentence }) => sentence)).toEqual(["no: content-changed"]);
    expect(walk.state.getState().items.map(({ state }) => state)).toEqual([
      "waiting",
      "answered",
      "waiting",
      "waiting",
    ]);
    walk.dismiss();
    expect(walk.state.getState().refused).toEqual([]);
  });

  it("[WLK5] answers several items at once, and one undo takes all of them back", async () => {
    await open();
    walk.answerAll(
      walk.state
        .getState()
        .items.slice(1, 4)
        .map((item) => ({ item, answer: KEEP })),
    );
    expect(walk.state.getState().left).toBe(1);
    await settle();
    walk.undo();
    await settle();
    expect(server.done).toEqual(["keep two+three+four", "undo two+three+four"]);
    expect(walk.state.getState().left).toBe(4);
  });

  it("[WLK6] stays at its item when others come or go, and says what comes next", async () => {
    await open();
    walk.go(2);
    server.names = ["new", ...server.names];
    await walk.fetch();
    expect([at(), walk.state.getState().index]).toEqual(["three", 3]);
    expect(walk.upcoming(3).map(({ annotationId }) => annotationId)).toEqual(["four", "new", "one"]);
    walk.go(99);
    expect(at()).toBe("four");
  });
});
