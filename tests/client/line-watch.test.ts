import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LineState, watchLine } from "#client/line-watch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watched line; `dead` are the moments, ms from the beginning, at which it was given up. */
function watched(first: Partial<LineState>) {
  const began = Date.now();
  const dead: number[] = [];
  const line = { state: { phase: "open", since: began, heardAt: began, synced: true, ...first } as LineState, dead };
  const giveUp = () => {
    dead.push(Date.now() - began);
    line.state = { ...line.state, since: Date.now() };
  };
  const stop = watchLine(
    () => line.state,
    giveUp,
    () => undefined,
  );
  return { line, dead, stop };
}

describe("a line", () => {
  it("[OFF30] whose handshake nobody answers is given up after ten seconds, and so is the next one", () => {
    const { dead, stop } = watched({ phase: "connecting", heardAt: 0, synced: false });
    vi.advanceTimersByTime(9_900);
    expect(dead).toEqual([]);
    vi.advanceTimersByTime(15_000);
    expect(dead).toHaveLength(2);
    expect(dead[0]).toBeLessThan(11_000);
    stop();
  });

  it("[OFF30] is given time for the first, large document, and none while it is closed anyway", () => {
    const { line, dead, stop } = watched({ synced: false });
    vi.advanceTimersByTime(19_000);
    expect(dead).toEqual([]);
    line.state = { ...line.state, phase: "closed" };
    vi.advanceTimersByTime(60_000);
    expect(dead).toEqual([]);
    stop();
  });

  it("[OFF30] of a page that slept is judged once what waited has been read, and given up where nothing waited", () => {
    const { line, dead, stop } = watched({});
    const sleep = () => {
      vi.advanceTimersByTime(500);
      vi.setSystemTime(Date.now() + 60_000);
      vi.advanceTimersByTime(500);
    };
    sleep();
    expect(dead).toEqual([]);
    line.state = { ...line.state, heardAt: Date.now() };
    vi.advanceTimersByTime(400);
    expect(dead).toEqual([]);
    sleep();
    vi.advanceTimersByTime(400);
    expect(dead).toHaveLength(1);
    stop();
  });
});
