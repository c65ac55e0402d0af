import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "#client/api.ts";
import { type TrialSave, TrialSession } from "#client/trial-session.ts";
import type { Annotation } from "#domain/annotation.ts";
import { aClassId, anAnnotation } from "#tests/support/builders.ts";

describe("drawing in a trial", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A store that can be away. */
  function store() {
    const kept = new Map<string, Annotation>();
    let isAway = false;
    const reach = async () => {
      if (isAway) throw new ApiError({ code: "unreachable", title: "Away.", status: 0, detail: {} });
    };
    return {
      kept,
      away: (now: boolean) => {
        isAway = now;
      },
      put: (outline: Annotation) => reach().then(() => kept.set(outline.id, outline)),
      remove: (id: string) => reach().then(() => kept.delete(id)),
    };
  }

  it("[TRI6] each stroke is stored by itself, a change and an erasure too, and a failed save is tried again", async () => {
    const said: TrialSave[] = [];
    const trial = store();
    const [first, second] = [anAnnotation("one"), anAnnotation("two")];
    trial.kept.set(first.id, first);
    const session = new TrialSession([first], trial, (save) => said.push(save));
    session.take([first, second]);
    await vi.advanceTimersByTimeAsync(0);
    expect([...trial.kept.keys()]).toEqual([first.id, second.id]);
    trial.away(true);
    const changed = { ...first, classId: aClassId("b") };
    session.take([changed]);
    await vi.advanceTimersByTimeAsync(0);
    expect(said.at(-1)).toEqual({ state: "failed", sentence: "Away." });
    trial.away(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([...trial.kept.values()]).toEqual([changed]);
    expect(said.at(-1)).toEqual({ state: "saved" });
  });
});
