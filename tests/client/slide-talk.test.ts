import { describe, expect, it } from "vitest";
import type { Thread } from "#client/answers.ts";
import { pinnedThreads, SlideTalk } from "#client/slide-talk.ts";

function thread(id: string, layerId: string, change: Partial<Thread> = {}): Thread {
  const none = { annotationId: null, taskId: null, resolvedAt: null, comments: [] };
  return { id, layerId, place: { x: 1, y: 2 }, ...none, ...change };
}

const about = { layerId: "mine", annotationId: "outline", at: { x: 1, y: 2 } };

describe("what is said on a slide", () => {
  it("[WLK40] is asked of each layer that one sees; a layer that refuses has nothing, and a later question wins", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const talk = new SlideTalk(async (layerId) => {
      if (layerId === "hidden") throw new Error("404");
      if (layerId === "slow") await held;
      return [thread(`of ${layerId}`, layerId)];
    });
    const slow = talk.fetch(["slow"]);
    await talk.fetch(["mine", "hidden"]);
    release();
    await slow;
    expect(talk.state.getState().threads.map(({ id }) => id)).toEqual(["of mine"]);
  });

  it("[WLK41] an outline has one open thread: who begins is led to it, and a thread that is gone is closed", async () => {
    let threads = [thread("one", "mine", { annotationId: "outline" })];
    const talk = new SlideTalk(async () => threads);
    await talk.fetch(["mine"]);
    talk.begin(about);
    expect(talk.state.getState().open).toEqual({ threadId: "one" });
    threads = [];
    await talk.fetch(["mine"]);
    expect(talk.state.getState().open).toBeNull();
    talk.begin(about);
    expect(talk.state.getState().open).toEqual({ about });
    const asked = talk.state.getState().open;
    talk.take(thread("two", "mine", { annotationId: "outline" }), asked);
    expect(talk.state.getState()).toMatchObject({ open: { threadId: "two" }, threads: [{ id: "two" }] });
    const { open } = talk.state.getState();
    talk.close();
    talk.take(thread("two", "mine"), open);
    expect(talk.state.getState().open).toBeNull();
    talk.read("three");
    talk.leave("two");
    expect(talk.state.getState().open).toEqual({ threadId: "three" });
    talk.leave("three");
    expect(talk.state.getState().open).toBeNull();
  });

  it("[WLK42] pins are of layers that are shown; what is dealt with has one only while it is read or asked for", async () => {
    const done = thread("done", "mine", { resolvedAt: "2026-01-01T00:00:00.000Z" });
    const talk = new SlideTalk(async () => [thread("one", "mine"), thread("two", "other"), done]);
    await talk.fetch(["mine"]);
    const pins = () => pinnedThreads(talk.state.getState(), new Set(["other"])).map(({ id }) => id);
    expect(pins()).toEqual(["one"]);
    talk.read("done");
    expect(pins()).toEqual(["one", "done"]);
    talk.close();
    talk.state.setState({ showsResolved: true });
    expect(pins()).toEqual(["one", "done"]);
  });
});
