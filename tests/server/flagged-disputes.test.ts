import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProjectId } from "#domain/ids.ts";
import type { BoardView, QueuedDispute, QueueView } from "#server/api/schemas/agreement.ts";
import { type ApiWorld, apiWorld, type Name } from "#tests/support/api-world.ts";
import { aClassId, aGuideline } from "#tests/support/builders.ts";
import { box, type Drawn, type ReadCase, type Reader, readSlide } from "#tests/support/read-case.ts";

const A = aClassId("a");
const ORDER: readonly Name[] = ["ada", "bea", "cem"];

/** Who marked a square of a side: two who follow cem by chance alone, so that cem seems to know. */
const MARKED: readonly (readonly [votes: string, side: number])[] = [
  ["111", 400],
  ["100", 280],
  ["010", 280],
  ["101", 280],
  ["011", 280],
  ["110", 150],
  ["001", 90],
  ["001", 90],
];

let w: ApiWorld;
let project: ProjectId;
let one: ReadCase;
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(aGuideline(["a", "b"]));
  one = await readSlide(w, project, readsOf(MARKED));
  await readSlide(w, project, { ada: [box("a", 100, 100, 50)], bea: [] });
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

function readsOf(marked: typeof MARKED): Record<Reader, Drawn[]> {
  const of = (place: number) =>
    marked.flatMap(([votes, side], index) =>
      votes[place] === "1" ? [box("a", 100 + 420 * (index % 4), 100 + 420 * Math.floor(index / 4), side)] : [],
    );
  return { ada: of(0), bea: of(1), cem: of(2) };
}

async function boardOf(of: BoardView["of"]): Promise<BoardView> {
  return (await w.call<BoardView>("lena", "GET", `/projects/${project}/agreement?of=${of}`)).body;
}

async function ask(query: string, who: Name = "lena"): Promise<QueueView> {
  return (await w.call<QueueView>(who, "GET", `/projects/${project}/disputes?state=all&${query}`)).body;
}

/** The votes of a dispute as the board counts them; null for who has not read it. */
function votesOf({ votes }: QueuedDispute, readers: number): (number | null)[] {
  return Array.from({ length: readers }, (_, reader) => {
    const vote = votes.find((each) => each.reader === reader);
    return vote === undefined ? null : Number(vote.classId !== null);
  });
}

/** As the readers are named in `MARKED`. */
function saidIn(queue: QueueView): string[] {
  const places = ORDER.map((name) => queue.readers.findIndex(({ reader }) => reader?.name === name));
  return queue.items
    .map((dispute) => {
      const votes = votesOf(dispute, queue.readers.length);
      return places.map((place) => votes[place]).join("");
    })
    .sort();
}

describe("the queue of what readers' reliability would decide otherwise", () => {
  it("[CNS73] holds exactly the disputes that the board flags, and not others about which the same is said", async () => {
    const board = await boardOf("decided");
    const moved = board.bases[0]?.reliability.moved ?? [];
    expect(moved).toMatchObject([{ majority: 0, probable: 1 }]);
    const flagged = await ask(`flagged=decided&x=none&y=${A}`);
    expect(saidIn(flagged)).toEqual(["001", "001"]);
    const area = flagged.items.reduce((sum, { areaUm2 }) => sum + (areaUm2 ?? 0), 0);
    expect(area).toBeCloseTo(moved[0]?.weight ?? Number.NaN, 6);
    const patterns = moved.flatMap((each) => each.patterns.map((labels) => labels.join()));
    expect(flagged.items.map((item) => votesOf(item, flagged.readers.length).join())).toEqual(
      flagged.items.map(() => patterns[0]),
    );
    expect((await ask(`x=none&y=${A}`)).total).toBeGreaterThan(flagged.total);
    expect((await ask("flagged=decided")).total).toBe(flagged.total);
    expect((await ask(`flagged=decided&x=${A}&y=none`)).total).toBe(0);
    expect((await ask(`flagged=decided&slide=${one.slide}&kind=missed`)).total).toBe(flagged.total);
    expect((await w.call("lena", "GET", `/projects/${project}/disputes?flagged=often`)).status).toBe(400);
  });

  it("[CNS73] a decided dispute is flagged no more but on the board of the reads, one left unresolved still is", async () => {
    const [first, second] = (await ask("flagged=decided")).items;
    if (first === undefined || second === undefined) throw new Error("nothing is flagged");
    expect((await one.decide("jo", first, { method: "exclude" })).status).toBe(200);
    expect((await one.decide("jo", second, { method: "unresolved" })).status).toBe(200);
    expect((await ask("flagged=decided")).items.map(({ key }) => key)).toEqual([second.key]);
    expect((await ask("flagged=read")).total).toBe(2);
    const asJo = await ask("flagged=read", "jo");
    expect(asJo.total).toBe(2);
    for (const name of ORDER) expect(JSON.stringify(asJo)).not.toContain(w.people[name].id);
    expect((await w.call("stranger", "GET", `/projects/${project}/disputes?flagged=read`)).status).toBe(404);
  });

  it("[CNS74] a consensus tells how often its reads said what together, as they were submitted", async () => {
    const view = await one.view("lena");
    const names: readonly (string | undefined)[] = ORDER;
    const order = view.reads.map(({ reader }) => names.indexOf(reader?.name));
    const areas = new Map<string, number>();
    for (const { votes, weight } of view.votes.regions) {
      areas.set(ORDER.map((_, place) => votes[order.indexOf(place)]).join(""), weight);
    }
    const wanted = new Map<string, number>();
    for (const [votes, side] of MARKED) wanted.set(votes, (wanted.get(votes) ?? 0) + side * side * 0.25);
    expect([...areas.keys()].sort()).toEqual([...wanted.keys(), "000"].sort());
    for (const [votes, area] of wanted) expect(areas.get(votes)).toBeCloseTo(area, 6);
    expect(view.votes.objects).toEqual([]);
  });
});
