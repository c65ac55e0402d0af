import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenToProject } from "#client/live-events.ts";

/** What the browser brings: a stream of events that is open until it is closed, and a page that can be hidden. */
class Stream {
  static readonly open: Stream[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;

  constructor() {
    Stream.open.push(this);
  }

  close(): void {
    Stream.open.splice(Stream.open.indexOf(this), 1);
  }
}

class PageOnScreen extends EventTarget {
  visibilityState: "visible" | "hidden" = "visible";

  show(state: "visible" | "hidden"): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const page = new PageOnScreen();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("[OFF29] a tab that stays hidden holds no connection to a project's events, and catches up when it is seen", () => {
  const gaps = vi.fn();
  const stop = listenToProject("p", { onEvent: () => undefined, onGap: gaps });
  Stream.open[0]?.onopen?.();
  page.show("hidden");
  vi.advanceTimersByTime(4_000);
  page.show("visible");
  vi.advanceTimersByTime(60_000);
  expect([Stream.open.length, gaps.mock.calls.length]).toEqual([1, 0]);
  page.show("hidden");
  vi.advanceTimersByTime(6_000);
  expect(Stream.open.length).toBe(0);
  page.show("visible");
  Stream.open[0]?.onopen?.();
  expect([Stream.open.length, gaps.mock.calls.length]).toEqual([1, 1]);
  page.show("hidden");
  stop();
  vi.advanceTimersByTime(6_000);
  page.show("visible");
  expect(Stream.open.length).toBe(0);
});

it("[NTF6] whoever listens to a project on one page shares one connection, which ends with the last of them", () => {
  const heard: string[] = [];
  const listen = (name: string) =>
    listenToProject("p", {
      onEvent: ({ kind }) => heard.push(`${name} ${kind}`),
      onGap: () => heard.push(`${name} gap`),
    });
  const [stopOne, stopTwo] = [listen("one"), listen("two")];
  expect(Stream.open.length).toBe(1);
  Stream.open[0]?.onopen?.();
  Stream.open[0]?.onmessage?.({ data: JSON.stringify({ kind: "tasks", toast: null }) });
  stopOne();
  stopOne();
  Stream.open[0]?.onmessage?.({ data: JSON.stringify({ kind: "notifications", toast: null }) });
  expect(heard).toEqual(["one tasks", "two tasks", "two notifications"]);
  stopTwo();
  expect(Stream.open.length).toBe(0);
});
