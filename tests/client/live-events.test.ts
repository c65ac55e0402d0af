import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenToProject } from "#client/live-events.ts";

/** What the browser brings: a stream of events that is open until it is closed, and a page that can be hidden. */
class Stream {
  static readonly open: Stream[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  readonly address: URL;
  #onGap: () => void = () => undefined;

  constructor(address: string) {
    this.address = new URL(address, "http://concord");
    Stream.open.push(this);
  }

  addEventListener(name: string, listener: () => void): void {
    if (name === "gap") this.#onGap = listener;
  }

  say(kind: string): void {
    this.onmessage?.({ data: JSON.stringify({ kind, toast: "said once" }) });
  }

  sayGap(): void {
    this.#onGap();
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
  Stream.open[0]?.say("tasks");
  stopOne();
  stopOne();
  Stream.open[0]?.say("notifications");
  expect(heard).toEqual(["one tasks", "two tasks", "two notifications"]);
  stopTwo();
  expect(Stream.open.length).toBe(0);
});

/** What one listener heard, in short. */
function hearing() {
  const heard: string[] = [];
  const listener = {
    onEvent: ({ kind, toast }: { kind: string; toast: string | null }) => heard.push(`${kind} ${toast}`),
    onGap: () => heard.push("gap"),
  };
  return { heard, stop: listenToProject("p", listener) };
}

it("[NTF9] a page says how old it is, and asks everything again after a line that broke, came late, or has a gap", () => {
  vi.advanceTimersByTime(1_200);
  const { heard, stop } = hearing();
  const stream = Stream.open[0];
  expect(Number(stream?.address.searchParams.get("age"))).toBeGreaterThanOrEqual(1_200);
  stream?.onopen?.();
  expect(heard).toEqual([]);
  stream?.sayGap();
  stream?.onerror?.();
  stream?.onopen?.();
  expect(heard).toEqual(["gap", "gap"]);
  stop();

  const late = hearing();
  vi.advanceTimersByTime(4_000);
  Stream.open[0]?.onopen?.();
  expect(late.heard).toEqual(["gap"]);
  late.stop();

  const failed = hearing();
  Stream.open[0]?.onerror?.();
  Stream.open[0]?.onopen?.();
  expect(failed.heard).toEqual(["gap"]);
  failed.stop();
});

it("[NTF9] a part of a page that begins to listen later is told what came since it may have been rendered, once", () => {
  const first = hearing();
  Stream.open[0]?.onopen?.();
  Stream.open[0]?.say("slides");
  vi.advanceTimersByTime(31_000);
  for (const kind of ["tasks", "rounds", "tasks"]) Stream.open[0]?.say(kind);
  const second = hearing();
  expect(second.heard).toEqual(["tasks null", "rounds null"]);
  expect(first.heard).toEqual(["slides said once", "tasks said once", "rounds said once", "tasks said once"]);
  for (const each of [first, second]) each.stop();
});
