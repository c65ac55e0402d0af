import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { personId, projectId } from "#domain/ids.ts";
import { LiveEvents, type LiveKind } from "#server/live-events.ts";

const [PROJECT, OTHER] = [newId(projectId), newId(projectId)];
const [ADA, BEA] = [newId(personId), newId(personId)];

let now: number;
let events: LiveEvents;

beforeEach(() => {
  now = 1_000_000;
  events = new LiveEvents(null, () => now);
  now += 100_000;
});

/** What a page of that age hears. */
function pageOf(ageMs: number | null, person = ADA): string[] {
  const heard: string[] = [];
  events.subscribe(PROJECT, person, {
    ageMs,
    tell: ({ kind, toast }) => heard.push(`${kind} ${toast}`),
    gap: () => heard.push("gap"),
    end: () => undefined,
  });
  return heard;
}
const tell = (kind: LiveKind, audience: "project" | (typeof ADA)[] = "project", project = PROJECT) =>
  events.tell(project, audience, { kind, toast: "said once" });

describe("events between a page's rendering and its listening", () => {
  it("[NTF9] are told again, each kind once and without its sentence, to whom they were meant for", () => {
    tell("members");
    now += 20_000;
    for (const kind of ["tasks", "rounds", "tasks"] as const) tell(kind);
    tell("slides", "project", OTHER);
    tell("consensus", [BEA]);
    events.tellPerson(ADA, { kind: "notifications", toast: null });
    now += 1_000;
    const ada = pageOf(2_000);
    expect(ada).toEqual(["tasks null", "rounds null", "notifications null"]);
    expect(pageOf(2_000, BEA)).toEqual(["tasks null", "rounds null", "consensus null"]);
    expect(pageOf(null)).toEqual([]);
    tell("layers");
    expect(ada.at(-1)).toBe("layers said once");
  });

  it("[NTF9] are a gap where it is not known any more what was told, or not yet", () => {
    expect(pageOf(94_000)).toEqual([]);
    expect(pageOf(96_000)).toEqual(["gap"]);
    now += 1_000_000;
    expect(pageOf(114_000)).toEqual([]);
    expect(pageOf(116_000)).toEqual(["gap"]);
    const open = pageOf(0);
    events.missed();
    expect(open).toEqual(["gap"]);
    expect(pageOf(0)).toEqual(["gap"]);
  });

  it("[NTF9] are kept in bounds: of too many the older ones become a gap", () => {
    tell("members");
    now += 10_000;
    for (let each = 0; each < 20_000; each++) {
      tell("tasks");
      if (each % 1_000 === 0) now += 1;
    }
    now += 5_000;
    expect(pageOf(15)).toEqual(["gap"]);
    expect(pageOf(0)).toEqual(["tasks null"]);
    now += 5_000;
    expect(pageOf(0)).toEqual([]);
  });
});
